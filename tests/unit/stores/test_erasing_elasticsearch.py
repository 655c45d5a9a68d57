"""What is asked of Elasticsearch; integration tests ask a real one."""

import re
from collections import Counter
from types import SimpleNamespace

import pytest
from elasticsearch import ConnectionTimeout

from pycturestream.contracts.topics import ALERT_EVENTS, ALERTS
from pycturestream.domain.times import DAY_MS, HOUR_MS, rfc3339
from pycturestream.stores import erasing_elasticsearch
from tests.builders import NOON
from tests.erasures import erasure

ERASED = erasure("gate", NOON, NOON + HOUR_MS)


def test_events_are_found_by_their_alert_also_those_of_older_programs(monkeypatch):
    older = [
        {"alert_id": "r:gate_20261121T120000000Z#0"},
        {"alert_id": "r:gate_20261121T110000000Z#0"},
        {"alert_id": "strange"},
        {"alert_id": "b", "raised_at": rfc3339(NOON)},  # in an index of an older program
        {"alert_id": "c", "raised_at": rfc3339(NOON - 1)},
    ]
    monkeypatch.setattr(erasing_elasticsearch, "sources", lambda *_: iter(older))

    query = erasing_elasticsearch._where(None, ALERT_EVENTS, ERASED)["query"]

    camera, by_alert = query["bool"]["filter"]
    raised, said, of_older, of_day = by_alert["bool"]["should"]
    span = {"gte": rfc3339(NOON), "lt": rfc3339(NOON + HOUR_MS)}
    assert camera == {"term": {"camera_id": "gate"}}
    assert (raised, said) == ({"range": {"raised_at": span}}, {"range": {"at": span}})
    assert of_older == {"terms": {"alert_id": ["b", "r:gate_20261121T120000000Z#0"]}}
    begun = {"gt": rfc3339(NOON - DAY_MS), "lt": rfc3339(NOON + HOUR_MS)}
    assert of_day == {"bool": {"filter": [{"term": {"event": "rate"}}, {"range": {"at": begun}}]}}


def test_all_other_records_are_found_by_their_times_alone():
    query = erasing_elasticsearch._where(None, ALERTS, ERASED)["query"]

    _, begin, end = query["bool"]["filter"]
    assert begin == {"range": {"raised_at": {"lt": rfc3339(NOON + HOUR_MS)}}}
    assert end == {"range": {"updated_at": {"gte": rfc3339(NOON)}}}


class Indices:
    """What merging asks of a server, and the settings that it leaves."""

    def __init__(self, *deleted, failing=""):
        self.deleted = list(deleted)
        self.failing = failing
        self.settings = {}
        self.asked = Counter()

    def put_settings(self, index, settings):  # noqa: ARG002
        self._ask("put_settings")
        self.settings |= settings

    def flush(self, index):  # noqa: ARG002
        self._ask("flush")

    def forcemerge(self, index, *, only_expunge_deletes):  # noqa: ARG002
        self._ask("forcemerge")

    def stats(self, index, metric):  # noqa: ARG002
        self._ask("stats")
        deleted = self.deleted.pop(0) if len(self.deleted) > 1 else self.deleted[0]
        return {"_all": {"primaries": {"docs": {"deleted": deleted}}}}

    def _ask(self, what):
        self.asked[what] += 1
        if what == self.failing:
            raise ConnectionTimeout("it takes too long")


@pytest.mark.parametrize(
    ("indices", "merges", "note"),
    [
        (Indices(3, 0), 2, ""),
        (Indices(3), erasing_elasticsearch._MERGES, "3 deleted or replaced records stay"),
        (Indices(3, failing="forcemerge"), 1, "deleted records stay .* timed out"),
    ],
    ids=["merged", "written to", "timed out"],
)
def test_files_are_merged_and_what_stays_is_said(monkeypatch, indices, merges, note):
    monkeypatch.setattr(erasing_elasticsearch.time, "sleep", lambda _: None)

    said = erasing_elasticsearch._expunge(SimpleNamespace(indices=indices), ["detections-1"])

    assert re.match(note, said) if note else said == ""
    assert indices.asked["forcemerge"] == merges
    assert indices.settings == {erasing_elasticsearch._ALLOWED: None}
