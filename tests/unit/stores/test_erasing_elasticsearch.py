"""What is asked of Elasticsearch; integration tests ask a real one."""

from pycturestream.contracts.topics import ALERT_EVENTS, ALERTS
from pycturestream.domain.times import HOUR_MS, rfc3339
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
    raised, said, of_older = by_alert["bool"]["should"]
    span = {"gte": rfc3339(NOON), "lt": rfc3339(NOON + HOUR_MS)}
    assert camera == {"term": {"camera_id": "gate"}}
    assert (raised, said) == ({"range": {"raised_at": span}}, {"range": {"at": span}})
    assert of_older == {"terms": {"alert_id": ["b", "r:gate_20261121T120000000Z#0"]}}


def test_all_other_records_are_found_by_their_times_alone():
    query = erasing_elasticsearch._where(None, ALERTS, ERASED)["query"]

    _, begin, end = query["bool"]["filter"]
    assert begin == {"range": {"raised_at": {"lt": rfc3339(NOON + HOUR_MS)}}}
    assert end == {"range": {"updated_at": {"gte": rfc3339(NOON)}}}
