"""What must be true after a history. Each raises AssertionError with a short reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from pycturestream.contracts import topics
from pycturestream.contracts.records import Record
from pycturestream.domain.alerts.alert import TRACKS_NAMED
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.counting.window_count import LATENESS_MS
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis, parse_rfc3339, rfc3339
from pycturestream.domain.tracking import tracks as tracking
from tests.simulation.publishing import Log
from tests.simulation.view import View, differences
from tests.simulation.world import SHORT_LINE_ENDS_AT, Thing, World

SETTLED_MS = tracking.STILL_AFTER_MS + 1_000
"""An object that is on record for this long has been seen to stand, wherever a crash cut."""
FAULTS_TOLD = 5


def expect(faults: Iterable[str]) -> None:
    """Fail with the first faults, if there are any."""
    __tracebackhide__ = True
    found = list(faults)
    more = [f"… and {len(found) - FAULTS_TOLD} more"] if len(found) > FAULTS_TOLD else []
    if found:
        raise AssertionError("\n  ".join([*found[:FAULTS_TOLD], *more]))


def same_view(ours: View, theirs: View, besides: frozenset[str]) -> Iterable[str]:
    """The same records stand in the stores, and say the same."""
    left, right = _telling(ours, besides), _telling(theirs, besides)
    for topic, record_id in sorted(left.keys() | right.keys()):
        here, there = left.get((topic, record_id)), right.get((topic, record_id))
        if here is None or there is None:
            yield f"{topic} {record_id} is {'missing' if here is None else 'one too many'}"
        elif changed := differences(here, there, besides):
            yield f"{topic} {record_id} has {changed}"


def one_meaning(view: View) -> Iterable[str]:
    """A revision that is told again says what it said; and none is left out."""
    yield from view.faults
    for topic, record_id, told in view.revisions():
        revisions = sorted(told)
        if revisions[-1] - revisions[0] != len(revisions) - 1:
            yield f"{topic} {record_id} was told as revisions {revisions}"


def balanced_accounts(view: View, log: Log) -> Iterable[str]:
    """Received is processed, dropped and refused; and received is what was published."""
    accounts = view.accounts()
    processed = Counter(record["camera_id"] for record in view.of(topics.DETECTIONS))
    for camera_id in sorted(accounts.keys() | log.records.keys()):
        window = accounts.get(camera_id, Counter())
        wanted = {"received": log.records[camera_id], "processed": processed[camera_id]}
        wanted |= _certain(log, camera_id)
        told = {name: window[name] for name in wanted}
        if told != wanted:
            yield f"the books of {camera_id} say {told}, not {wanted}"
        elif window.total() != 2 * window["received"]:
            yield f"the books of {camera_id} do not add up: {dict(window)}"


def kept_dead_letters(view: View, log: Log) -> Iterable[str]:
    """What was refused stands in the topic of dead letters, each record once."""
    kept = Counter(letter["reason"] for letter in view.of(topics.DEAD_LETTER))
    wanted: Counter[str] = Counter()
    for camera_id in log.dead_letters:
        wanted.update(_certain(log, camera_id))
    if any(kept[reason] != number for reason, number in wanted.items()):
        yield f"dead letters are {dict(kept)}, not {dict(wanted)}"


def _certain(log: Log, camera_id: str) -> dict[str, int]:
    """Return how many records of a camera become dead letters in any case, by reason."""
    rejected = log.dead_letters.get(camera_id, Counter())
    # Live, a picture may be dropped before anybody looks at it.
    live = log.topic == topics.FRAMES
    return {r: n for r, n in rejected.items() if not (live and r == "detector-failed")}


def orderly_alerts(view: View) -> Iterable[str]:
    """An alert is raised once, perhaps updated, and cleared once; one a rule is open at a time.

    A camera that stays away is told so for as long as it does.
    """
    open_times: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for topic, record_id, told in view.revisions():
        if topic == topics.ALERTS:
            states = [told[revision]["state"] for revision in sorted(told)]
            first, newest = told[min(told)], told[max(told)]
            numbers = [(told[r]["count"], len(told[r]["track_ids"])) for r in sorted(told)]
            away = first["rule"] == "away" and states == ["raised"]
            if not away and states != ["raised", *["updated"] * (len(states) - 2), "cleared"]:
                yield f"alert {record_id} was {', '.join(states)}"
            elif not away and newest["cleared_at"] <= first["raised_at"]:
                yield f"alert {record_id} was cleared before it was raised"
            elif numbers != sorted(numbers) and numbers[-1][1] < TRACKS_NAMED:
                yield f"alert {record_id} was told of {numbers} things"
            span = first["raised_at"], newest["cleared_at"] or "9"
            open_times.setdefault((first["camera_id"], first["rule"]), []).append(span)
    for situation, spans in open_times.items():
        for (_, cleared_at), (raised_at, _) in pairwise(sorted(spans)):
            if raised_at < cleared_at:
                yield f"{situation} had two alerts open at {raised_at}"


def told_in_time(view: View, grace_ms: int) -> Iterable[str]:
    """In a history without trouble, what was due before a frame is told before that frame.

    But that an alert is over is told with the first frame that shows it.
    """
    clocks: Counter[str] = Counter()
    clocks_before: Counter[str] = Counter()
    for _, topic, record in view.told:
        camera_id = record["camera_id"]
        due_at = _due_at(topic, record, grace_ms)
        clock = clocks_before if topic == topics.ALERTS else clocks
        if topic == topics.DETECTIONS:
            clocks_before[camera_id] = clocks[camera_id]
            clocks[camera_id] = parse_rfc3339(record["captured_at"])
        elif due_at and due_at <= clock[camera_id]:
            yield f"{topic} {record['id']} was due at {rfc3339(due_at)}, and told later"


def told_by_the_clock(view: View, grace_ms: int, latest_ms: int) -> Iterable[str]:
    """In a life without trouble, what is due is told then, though no frame comes."""
    for said_at, topic, record in view.told:
        due_at = _due_at(topic, record, grace_ms)
        if due_at and said_at > due_at + latest_ms:
            yield f"{topic} {record['id']} was due at {rfc3339(due_at)}, told at {rfc3339(said_at)}"


def _due_at(topic: str, record: Record, grace_ms: int) -> Millis | None:
    if topic == topics.COUNTS:
        return parse_rfc3339(record["window_end"]) + grace_ms
    if record.get("state") == "cleared":
        return parse_rfc3339(record["cleared_at"])
    return parse_rfc3339(record["at"]) if record.get("event") == "offline" else None


def true_counts(
    view: View, window_ms: int, untold: frozenset[tuple[str, Millis]] = frozenset()
) -> Iterable[str]:
    """A window counts what stands in the records of its frames; `untold` need not."""
    frames: Counter[tuple[str, Millis]] = Counter()
    largest: Counter[tuple[str, Millis, str]] = Counter()
    total: Counter[tuple[str, Millis, str]] = Counter()
    for record in view.of(topics.DETECTIONS):
        at = parse_rfc3339(record["captured_at"])
        window = record["camera_id"], at - at % window_ms
        frames[window] += 1
        for seen in record["label_counts"]:
            key = *window, seen["label"]
            largest[key] = max(largest[key], seen["count"])
            total[key] += seen["count"]
    told = {
        (count["camera_id"], parse_rfc3339(count["window_start"]), count["label"]): count
        for count in view.of(topics.COUNTS)
    }
    everybody = {(*window, "person") for window in frames}
    for key in sorted(told.keys() | total.keys() | everybody):
        window, count = key[:2], told.get(key, {})
        truth = frames[window], largest[key], round(total[key] / max(frames[window], 1), 3)
        found = count.get("frames"), count.get("max"), count.get("mean")
        if found != truth and window not in untold:
            yield f"counts of {key} are {found}, not {truth} (frames, max, mean)"


def believable_counts(view: View, window_ms: int) -> Iterable[str]:
    """Nobody is counted who was not seen, nobody twice, and nobody as new twice."""
    seen: dict[tuple[str, Millis], set[str]] = {}
    everybody: dict[str, set[str]] = {}
    for record in view.of(topics.DETECTIONS):
        at = parse_rfc3339(record["captured_at"])
        tracks = {item["track_id"] for item in record["objects"]}
        seen.setdefault((record["camera_id"], at - at % window_ms), set()).update(tracks)
        everybody.setdefault(record["camera_id"], set()).update(tracks)
    unique: Counter[tuple[str, Millis]] = Counter()
    new: Counter[str] = Counter()
    for count in view.of(topics.COUNTS):
        unique[count["camera_id"], parse_rfc3339(count["window_start"])] += count["unique"]
        new[count["camera_id"]] += count["new"]
        if not 0 <= count["new"] <= count["unique"] or min(_zone_events(count).values()) < 0:
            yield f"counts {count['id']} say what can not be: {count}"
    for window, number in unique.items():
        if number > len(seen.get(window, ())):
            yield f"{window}: {number} different things of {len(seen.get(window, ()))} tracks"
    for camera_id, number in new.items():
        if number > len(everybody.get(camera_id, ())):
            yield f"{camera_id}: {number} new things of {len(everybody.get(camera_id, ()))} tracks"


def nobody_passed(view: View) -> Iterable[str]:
    """Where objects only stand, no border is passed, however their boxes tremble."""
    for count in view.of(topics.COUNTS):
        if any(_zone_events(count).values()):
            yield f"counts {count['id']} say {+_zone_events(count)}"


def true_zone_events(view: View, world: World) -> Iterable[str]:
    """What was told of borders over all windows is what walkers did there."""
    (scenery,) = world.sceneries
    to_the_left = sum(item.velocity[0] < 0 for item in scenery.items)
    to_the_right = len(scenery.items) - to_the_left
    behind = [item for item in scenery.items if item.box.bottom_center[1] < SHORT_LINE_ENDS_AT]
    behind_to_the_left = sum(item.velocity[0] < 0 for item in behind)
    truth = Counter(
        {
            "entered left-half": to_the_left,
            "left left-half": to_the_right,
            "entered right-half": to_the_right,
            "left right-half": to_the_left,
            "in middle": to_the_left,
            "out middle": to_the_right,
            "in short": behind_to_the_left,
            "out short": len(behind) - behind_to_the_left,
        }
    )
    told = sum((_zone_events(count) for count in view.of(topics.COUNTS)), Counter[str]())
    if told != truth:
        yield f"the walkers did {+truth}, told was {+told}"
    if (new := sum(count["new"] for count in view.of(topics.COUNTS))) != len(scenery.items):
        yield f"of {len(scenery.things)} walkers {new} were counted"


def _zone_events(count: Record) -> Counter[str]:
    """Return how often what was done at which border, as one count tells it."""
    return Counter(
        {
            **{f"entered {item['zone']}": item["count"] for item in count["entered"]},
            **{f"left {item['zone']}": item["count"] for item in count["left"]},
            **{f"in {item['line']}": item["in"] for item in count["crossed"]},
            **{f"out {item['line']}": item["out"] for item in count["crossed"]},
        }
    )


def late_windows(log: Log, window_ms: int, grace_ms: int) -> frozenset[tuple[str, Millis]]:
    """Return the windows, by camera and start, to which a frame of history came too late."""
    clocks: Counter[str] = Counter()
    late = set()
    for arrival in chain.from_iterable(log.partitions):
        camera_id = (arrival.key or b"").decode("utf-8", "replace")
        if arrival.place in log.originals.get(camera_id, ()):
            at = int(arrival.captured_at or b"")
            start = at - at % window_ms
            if start + window_ms + grace_ms + LATENESS_MS <= clocks[camera_id]:
                late.add((camera_id, start))
            clocks[camera_id] = max(clocks[camera_id], at)
    return frozenset(late)


def told_presence(view: View) -> Iterable[str]:
    """A camera is first told to be online, and offline in the end."""
    told: dict[str, list[tuple[str, str]]] = {}
    for event in view.of(topics.CAMERA_EVENTS):
        if event["event"] in {"online", "offline"}:
            told.setdefault(event["camera_id"], []).append((event["at"], event["event"]))
    for camera_id, events in told.items():
        names = [name for _, name in sorted(events)]
        if (names[0], names[-1]) != ("online", "offline"):
            yield f"{camera_id} was told to be {', '.join(names)}"


def lasting_tracks(view: View, world: World) -> Iterable[str]:
    """An object that has been seen to stand keeps its track for as long as it stands."""
    for scenery in world.sceneries:
        for item in scenery.items:
            since: dict[str, Millis] = {}
            settled = ""
            for at, track_id in sorted(_sightings(view, scenery.camera.camera_id, item)):
                if settled and track_id != settled:
                    yield f"what was track {settled} is track {track_id} at {rfc3339(at)}"
                    break
                if at - since.setdefault(track_id, at) >= SETTLED_MS:
                    settled = track_id


def _sightings(view: View, camera_id: str, item: Thing) -> Iterable[tuple[Millis, str]]:
    """Yield when an object that stands alone was seen, and as which track."""
    for record in view.of(topics.DETECTIONS):
        for seen in record["objects"] if record["camera_id"] == camera_id else ():
            if BoundingBox(*seen["box"]).iou(item.box) > 0.5:
                yield parse_rfc3339(record["captured_at"]), seen["track_id"]


def one_alert_a_situation(view: View, world: World) -> Iterable[str]:
    """Objects that stay and break a rule have raised one alert each, at most, and often fewer."""
    for camera_id, rule, raised, breaking in _situations(view, world):
        if raised > len(breaking):
            yield f"{camera_id}: {raised} alerts, but {len(breaking)} things broke {rule.name}"


def every_situation(view: View, world: World) -> Iterable[str]:
    """In a history without trouble, each object that breaks a rule for long enough is reported.

    It need not have an alert of its own, but it takes part in one.
    """
    (scenery,) = world.sceneries
    warm_at = scenery.shots[0] + scenery.camera.warm_up_ms
    for camera_id, rule, _, breaking in _situations(view, world):
        sightings = ([at for at, _ in _sightings(view, camera_id, item)] for item in breaking)
        certain = sum(
            rule.min_score == 0 and len(seen) >= rule.frames and max(seen) >= warm_at
            for seen in sightings
        )
        told = sum(
            len(alert["track_ids"])
            for alert in view.of(topics.ALERTS)
            if alert["rule"] == rule.name
        )
        if told < certain:
            yield f"{camera_id}: {told} things told, but {certain} surely broke {rule.name}"


def _situations(view: View, world: World) -> Iterable[tuple[str, Rule, int, Sequence[Thing]]]:
    """Yield, for each camera and rule, the alerts that were raised and what breaks the rule."""
    alerts = Counter((alert["camera_id"], alert["rule"]) for alert in view.of(topics.ALERTS))
    for scenery in world.sceneries:
        camera = scenery.camera
        for rule in camera.rules:
            breaking = [
                item
                for item in scenery.items
                if item.label in rule.labels
                and (
                    not rule.zones or set(rule.zones) & set(camera.zones_of(item.box.bottom_center))
                )
            ]
            yield camera.camera_id, rule, alerts[camera.camera_id, rule.name], breaking


def _telling(view: View, besides: frozenset[str]) -> dict[tuple[str, str], Record]:
    """Return the newest records, without those about arrival if arrival is not compared."""
    about_arrival = {"frames", "dead_letter"} if "received_at" in besides else set()
    return {
        (topic, record_id): record
        for (topic, record_id), record in view.newest().items()
        if topic != topics.DEAD_LETTER and record.get("event") not in about_arrival
    }
