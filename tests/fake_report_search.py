"""What reports sum up, by a plain count over records in memory; held against Elasticsearch."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pycturestream.application.report_ports import ReportSearch
from pycturestream.contracts.topics import CAMERA_EVENTS, COUNTS
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.reports.tallies import (
    AccountTally,
    CameraPlace,
    HourTally,
    LabelTally,
    LineTally,
    PresenceTally,
    StepTally,
    WeekHourTally,
)
from pycturestream.domain.times import parse_rfc3339, to_local
from pycturestream.stores.report_search import LABELS_LIMIT, TIMELINE_LABELS

Json = dict[str, Any]


class FakeReportSearch(ReportSearch):
    """Sums up pairs of topic and record that a test put there."""

    def __init__(self, records: Sequence[tuple[str, Json]], window_ms: int = 60_000) -> None:
        # Each record is asked for its time once, and not at each search.
        self.records = {
            topic: [
                (parse_rfc3339(record[field]), record) for name, record in records if name == topic
            ]
            for topic, field in ((COUNTS, "window_start"), (CAMERA_EVENTS, "at"))
        }
        self.window_ms = window_ms

    def cameras(self, scope):
        sites: dict[str, Counter[str]] = {}
        zones: dict[str, Counter[str]] = {}
        for count in self._counts(scope, "person"):
            sites.setdefault(count["camera_id"], Counter())[count["site"]] += 1
            zones.setdefault(count["camera_id"], Counter())[count["timezone"]] += 1
        return [
            CameraPlace(name, sites[name].most_common(1)[0][0], zones[name].most_common(1)[0][0])
            for name in sorted(sites)
        ]

    def steps(self, scope, camera_id, period):
        counts = [count for count in self._counts(scope) if count["camera_id"] == camera_id]
        different = Counter()
        for count in counts:
            if count["label"] != "person":
                different[count["label"]] += count["new"]
        things = sorted(different, key=lambda label: (-different[label], label))[:TIMELINE_LABELS]
        most: dict[tuple[str, int], int] = {}
        for count in counts:
            if count["label"] in {"person", *things}:
                start = _start(count)
                key = count["label"], start - (start - period.since) % period.step_ms
                most[key] = max(most.get(key, 0), count["max"])
        return [StepTally(*key, number) for key, number in most.items()]

    def labels(self, scope):
        sums: dict[str, Counter[str]] = {}
        for count in self._counts(scope):
            sums.setdefault(count["camera_id"], Counter())[count["label"]] += count["new"]
        return [
            LabelTally(name, label, number)
            for name, of_camera in sums.items()
            for label, number in sorted(of_camera.items(), key=lambda item: (-item[1], item[0]))[
                :LABELS_LIMIT
            ]
        ]

    def hours(self, scope, label):
        sums: Counter[tuple[str, int]] = Counter()
        for count in self._counts(scope, "person", label):
            local = _local(count)
            sums[local.date().isoformat(), local.hour] += count["new"] * (count["label"] == label)
        return [HourTally(*key, number) for key, number in sums.items()]

    def week_hours(self, scope, label):
        came: Counter[tuple[int, int]] = Counter()
        seen: Counter[tuple[int, int]] = Counter()
        for count in self._counts(scope, "person", label):
            key = _local(count).isoweekday(), _local(count).hour
            came[key] += count["new"] * (count["label"] == label)
            seen[key] += count["label"] == "person"
        return [WeekHourTally(*key, seen[key], number) for key, number in came.items()]

    def lines(self, scope, label):
        ins: Counter[tuple[str, str, str]] = Counter()
        outs: Counter[tuple[str, str, str]] = Counter()
        for count in self._counts(scope, label):
            for line in count["crossed"]:
                key = count["camera_id"], line["line"], _local(count).date().isoformat()
                ins[key] += line["in"]
                outs[key] += line["out"]
        return [LineTally(*key, ins[key], outs[key]) for key in ins]

    def accounts(self, scope):
        sums: dict[str, list[Counter[str]]] = {}
        for event in self._events(scope):
            if event["event"] == "frames":
                frames = event["frames"]
                numbers, drops, dead = sums.setdefault(
                    event["camera_id"], [Counter(), Counter(), Counter()]
                )
                numbers["received"] += frames["received"]
                numbers["processed"] += frames["processed"]
                drops.update(frames["dropped"])
                dead.update(frames["dead_letters"])
        return [
            AccountTally(name, numbers["received"], numbers["processed"], dict(drops), dict(dead))
            for name, (numbers, drops, dead) in sums.items()
        ]

    def presence(self, scope):
        found: dict[str, PresenceTally] = {}
        for event in sorted(self._events(scope), key=lambda one: parse_rfc3339(one["at"])):
            name, at = event["camera_id"], parse_rfc3339(event["at"])
            before = found.get(name) or PresenceTally(name)
            online, changed, last = before.online, before.changed_at, before.last_result_at
            if event["event"] in {"online", "offline"}:
                online, changed = event["event"] == "online", at
            elif event["event"] == "frames" and event["frames"]["processed"]:
                last = at + self.window_ms
            found[name] = PresenceTally(name, online, changed, last)
        return list(found.values())

    def _counts(self, scope, *labels):
        found = self._in(COUNTS, scope)
        return [count for _, count in found if not labels or count["label"] in labels]

    def _events(self, scope):
        return [event for _, event in self._in(CAMERA_EVENTS, scope)]

    def _in(self, topic, scope):
        return [
            (at, record)
            for at, record in self.records[topic]
            if (scope.since or 0) <= at
            and (scope.until is None or at < scope.until)
            and record["run"] == scope.run
            and (scope.cameras is None or record["camera_id"] in scope.cameras)
            and not is_eye_camera(record["camera_id"])
        ]


def _start(count):
    return parse_rfc3339(count["window_start"])


def _local(count):
    return to_local(_start(count), count["timezone"])
