"""What must be true after a history. Each raises AssertionError with a short reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from pycturestream.contracts import topics
from pycturestream.domain.alerts.alert import TRACKS_NAMED
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.counting.window_count import LATENESS_MS
from pycturestream.domain.frames.admission import NO_CAMERA
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis, parse_rfc3339, rfc3339
from pycturestream.domain.tracking.track import STILL_AFTER_MS
from tests.builders import Json
from tests.scenes import MIDDLE
from tests.simulation.publishing import Log
from tests.simulation.road import GUESSED
from tests.simulation.view import UNEQUAL_BY_NATURE, View, differences
from tests.simulation.world import SHORT_LINE_ENDS_AT, Scenery, World, WorldObject

SETTLED_MS = STILL_AFTER_MS + 1_000
"""An object that is on record for this long was seen standing still, wherever a crash cut."""
FAULTS_SHOWN = 5


def expect(faults: Iterable[str]) -> None:
    """Fail with the first faults, if there are any."""
    __tracebackhide__ = True
    found = list(faults)
    more = [f"… and {len(found) - FAULTS_SHOWN} more"] if len(found) > FAULTS_SHOWN else []
    if found:
        raise AssertionError("\n  ".join([*found[:FAULTS_SHOWN], *more]))


def same_view(ours: View, theirs: View, besides: frozenset[str]) -> Iterable[str]:
    """Both stores hold the same records with the same content."""
    left, right = _compared_records(ours, besides), _compared_records(theirs, besides)
    for topic, record_id in sorted(left.keys() | right.keys()):
        here, there = left.get((topic, record_id)), right.get((topic, record_id))
        if here is None or there is None:
            yield f"{topic} {record_id} is {'missing' if here is None else 'one too many'}"
        elif changed := differences(here, there, besides):
            yield f"{topic} {record_id} has {changed}"


def one_meaning(view: View) -> Iterable[str]:
    """A revision that is emitted again is unchanged, and no revision is left out."""
    yield from view.faults
    for topic, record_id, emitted in view.revisions():
        revisions = sorted(emitted)
        if revisions[-1] - revisions[0] != len(revisions) - 1:
            yield f"{topic} {record_id} was emitted as revisions {revisions}"


def frames_come_first(view: View) -> Iterable[str]:
    """In the log a frame's record stands before the alerts that it raised and its narration."""
    recorded: set[str] = set()
    for _, topic, record in view.emitted:
        if topic == topics.DETECTIONS:
            recorded.add(record["frame_id"])
        elif topic in (topics.ALERTS, topics.NARRATIONS):
            frame_id = record["frame_id"]
            if frame_id is not None and frame_id not in recorded:
                yield f"{topic} {record['id']} is in the log before frame {frame_id}"


def same_log(ours: View, theirs: View) -> Iterable[str]:
    """Each camera's records stand in both logs in the same order, with the same content.

    Records without a camera come from all partitions, which may be read in any order.
    """
    left, right = _by_camera(ours), _by_camera(theirs)
    for camera_id in sorted(left.keys() | right.keys()):
        here, there = left.get(camera_id, []), right.get(camera_id, [])
        if len(here) != len(there):
            yield f"{camera_id} has {len(here)} records, not {len(there)}"
        for (topic, record), (other_topic, other) in zip(here, there, strict=False):
            if topic != other_topic or differences(record, other, UNEQUAL_BY_NATURE):
                yield f"{topic} {record['id']} is where {other_topic} {other['id']} should be"
                break


def _by_camera(view: View) -> dict[str, list[tuple[str, Json]]]:
    records: dict[str, list[tuple[str, Json]]] = {}
    for _, topic, record in view.emitted:
        if topic != topics.DEAD_LETTER and record["camera_id"] != NO_CAMERA:
            records.setdefault(record["camera_id"], []).append((topic, record))
    return records


def balanced_accounts(view: View, log: Log) -> Iterable[str]:
    """Received equals processed plus dropped plus dead letters, and equals what was published."""
    accounts = view.accounts()
    processed = Counter(record["camera_id"] for record in view.of(topics.DETECTIONS))
    for camera_id in sorted(accounts.keys() | log.records.keys()):
        window = accounts.get(camera_id, Counter())
        wanted = {"received": log.records[camera_id], "processed": processed[camera_id]}
        wanted |= _certain(log, camera_id)
        emitted = {name: window[name] for name in wanted}
        if emitted != wanted:
            yield f"the accounts of {camera_id} are {emitted}, not {wanted}"
        elif window.total() != 2 * window["received"]:
            yield f"the accounts of {camera_id} do not add up: {dict(window)}"


def kept_dead_letters(view: View, log: Log) -> Iterable[str]:
    """Each rejected record is in the topic of dead letters, once."""
    kept = Counter(letter["reason"] for letter in view.of(topics.DEAD_LETTER))
    wanted: Counter[str] = Counter()
    for camera_id in log.dead_letters:
        wanted.update(_certain(log, camera_id))
    if any(kept[reason] != number for reason, number in wanted.items()):
        yield f"dead letters are {dict(kept)}, not {dict(wanted)}"


def _certain(log: Log, camera_id: str) -> dict[str, int]:
    """Return how many records of a camera become dead letters in any case, by reason."""
    rejected = log.dead_letters.get(camera_id, Counter())
    # In live mode a picture may be dropped before it is processed.
    live = log.topic == topics.FRAMES
    return {r: n for r, n in rejected.items() if not (live and r == "detector-failed")}


def orderly_alerts(view: View) -> Iterable[str]:
    """An alert is raised once, perhaps updated, and cleared once; a rule has one open at a time.

    The alert of a camera that stays offline stays open.
    """
    open_times: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for topic, record_id, emitted in view.revisions():
        if topic == topics.ALERTS:
            states = [emitted[revision]["state"] for revision in sorted(emitted)]
            first, newest = emitted[min(emitted)], emitted[max(emitted)]
            numbers = [(emitted[r]["count"], len(emitted[r]["track_ids"])) for r in sorted(emitted)]
            away = first["rule"] == "away" and states == ["raised"]
            if not away and states != ["raised", *["updated"] * (len(states) - 2), "cleared"]:
                yield f"alert {record_id} was {', '.join(states)}"
            elif not away and newest["cleared_at"] <= first["raised_at"]:
                yield f"alert {record_id} was cleared before it was raised"
            elif numbers != sorted(numbers) and numbers[-1][1] < TRACKS_NAMED:
                yield f"alert {record_id} was emitted with {numbers} objects"
            span = first["raised_at"], newest["cleared_at"] or "9"
            open_times.setdefault((first["camera_id"], first["rule"]), []).append(span)
    for situation, spans in open_times.items():
        for (_, cleared_at), (raised_at, _) in pairwise(sorted(spans)):
            if raised_at < cleared_at:
                yield f"{situation} had two alerts open at {raised_at}"


def emitted_in_time(view: View, grace_ms: int) -> Iterable[str]:
    """In an undisturbed history, what was due before a frame is emitted before that frame.

    The end of an alert is emitted with the first frame that shows it.
    """
    clocks: Counter[str] = Counter()
    clocks_before: Counter[str] = Counter()
    for _, topic, record in view.emitted:
        camera_id = record["camera_id"]
        due_at = _due_at(topic, record, grace_ms)
        clock = clocks_before if topic == topics.ALERTS else clocks
        if topic == topics.DETECTIONS:
            clocks_before[camera_id] = clocks[camera_id]
            clocks[camera_id] = parse_rfc3339(record["captured_at"])
        elif due_at and due_at <= clock[camera_id]:
            yield f"{topic} {record['id']} was due at {rfc3339(due_at)}, and emitted later"


def emitted_by_the_clock(view: View, grace_ms: int, latest_ms: int) -> Iterable[str]:
    """In an undisturbed live run, what is due is emitted in time, though no frame comes."""
    for emitted_at, topic, record in view.emitted:
        due_at = _due_at(topic, record, grace_ms)
        if due_at and emitted_at > due_at + latest_ms:
            due, emitted = rfc3339(due_at), rfc3339(emitted_at)
            yield f"{topic} {record['id']} was due at {due}, emitted at {emitted}"


def _due_at(topic: str, record: Json, grace_ms: int) -> Millis | None:
    if topic == topics.COUNTS:
        return parse_rfc3339(record["window_end"]) + grace_ms
    if record.get("state") == "cleared":
        return parse_rfc3339(record["cleared_at"])
    return parse_rfc3339(record["at"]) if record.get("event") == "offline" else None


def true_counts(
    view: View, window_ms: int, besides_windows: frozenset[tuple[str, Millis]] = frozenset()
) -> Iterable[str]:
    """A window counts what was in view in its frames; `besides_windows` need not.

    In view is what a record's frame shows, and what is hidden in it.
    """
    frames: Counter[tuple[str, Millis]] = Counter()
    largest: Counter[tuple[str, Millis, str]] = Counter()
    total: Counter[tuple[str, Millis, str]] = Counter()
    for record in view.of(topics.DETECTIONS):
        at = parse_rfc3339(record["captured_at"])
        window = record["camera_id"], at - at % window_ms
        frames[window] += 1
        in_view = Counter({seen["label"]: seen["count"] for seen in record["label_counts"]})
        in_view.update(item["label"] for item in record.get("hidden", ()))
        for label, number in in_view.items():
            key = *window, label
            largest[key] = max(largest[key], number)
            total[key] += number
    emitted = {
        (count["camera_id"], parse_rfc3339(count["window_start"]), count["label"]): count
        for count in view.of(topics.COUNTS)
    }
    person_keys = {(*window, "person") for window in frames}
    for key in sorted(emitted.keys() | total.keys() | person_keys):
        window, count = key[:2], emitted.get(key, {})
        truth = frames[window], largest[key], round(total[key] / max(frames[window], 1), 3)
        found = count.get("frames"), count.get("max"), count.get("mean")
        if found != truth and window not in besides_windows:
            yield f"counts of {key} are {found}, not {truth} (frames, max, mean)"


def believable_counts(view: View, window_ms: int) -> Iterable[str]:
    """Only tracks that were in view are counted, none twice, and none as new twice."""
    seen: dict[tuple[str, Millis], set[str]] = {}
    tracks_of_camera: dict[str, set[str]] = {}
    for record in view.of(topics.DETECTIONS):
        at = parse_rfc3339(record["captured_at"])
        tracks = {item["track_id"] for item in (*record["objects"], *record.get("hidden", ()))}
        seen.setdefault((record["camera_id"], at - at % window_ms), set()).update(tracks)
        tracks_of_camera.setdefault(record["camera_id"], set()).update(tracks)
    unique: Counter[tuple[str, Millis]] = Counter()
    new: Counter[str] = Counter()
    for count in view.of(topics.COUNTS):
        unique[count["camera_id"], parse_rfc3339(count["window_start"])] += count["unique"]
        new[count["camera_id"]] += count["new"]
        if not 0 <= count["new"] <= count["unique"] or min(_zone_events(count).values()) < 0:
            yield f"counts {count['id']} are impossible: {count}"
    for window, number in unique.items():
        if number > len(seen.get(window, ())):
            yield f"{window}: {number} different objects of {len(seen.get(window, ()))} tracks"
    for camera_id, number in new.items():
        if number > len(tracks_of_camera.get(camera_id, ())):
            tracks_seen = len(tracks_of_camera.get(camera_id, ()))
            yield f"{camera_id}: {number} new objects of {tracks_seen} tracks"


def no_crossings(view: View) -> Iterable[str]:
    """Where all objects are still, no border is crossed, however their boxes tremble."""
    for count in view.of(topics.COUNTS):
        if any(_zone_events(count).values()):
            yield f"counts {count['id']} have {+_zone_events(count)}"


def true_zone_events(view: View, world: World) -> Iterable[str]:
    """The zone events of all windows are those of the walkers."""
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
    emitted = sum((_zone_events(count) for count in view.of(topics.COUNTS)), Counter[str]())
    if emitted != truth:
        yield f"the walkers did {+truth}, emitted was {+emitted}"
    if (new := sum(count["new"] for count in view.of(topics.COUNTS))) != len(scenery.items):
        yield f"of {len(scenery.items)} walkers {new} were counted"


def _zone_events(count: Json) -> Counter[str]:
    """Return the numbers of zone events by kind and border in one count."""
    return Counter(
        {
            **{f"entered {item['zone']}": item["count"] for item in count["entered"]},
            **{f"left {item['zone']}": item["count"] for item in count["left"]},
            **{f"in {item['line']}": item["in"] for item in count["crossed"]},
            **{f"out {item['line']}": item["out"] for item in count["crossed"]},
        }
    )


def true_road_counts(view: View, world: World) -> Iterable[str]:
    """Each car and each person is counted once, with all borders that it passed."""
    (scenery,) = world.sceneries
    truth: Counter[str] = Counter()
    for item in scenery.items:
        if item.label != GUESSED:
            truth[f"new {item.label}"] += 1
        if item.velocity[0]:
            truth[f"entered narrow {item.label}"] += 1
            truth[f"left narrow {item.label}"] += 1
            way = "in" if item.velocity[0] > 0 else "out"
            truth[f"{way} across {item.label}"] += 1
    found: Counter[str] = Counter()
    for count in view.of(topics.COUNTS):
        found[f"new {count['label']}"] += count["new"]
        for event, number in _zone_events(count).items():
            found[f"{event} {count['label']}"] += number
    if +found != truth:
        yield f"missing {dict(truth - found)}, too many {dict(found - truth)}"


def no_swapped_tracks(view: View, world: World) -> Iterable[str]:
    """No track shows two objects: neither of two cars in a row, nor of two people in turns."""
    (scenery,) = world.sceneries
    shown: dict[str, int] = {}
    for record in view.of(topics.DETECTIONS):
        at = parse_rfc3339(record["captured_at"])
        for seen in record["objects"]:
            box = BoundingBox(*seen["box"])
            overlaps = [
                (where.iou(box), number)
                for number, item in enumerate(scenery.items)
                if item.label == seen["label"] and (where := item.where(at))
            ]
            _, number = max(overlaps)
            if shown.setdefault(seen["track_id"], number) != number:
                yield f"track {seen['track_id']} shows another {seen['label']} at {at}"


def late_windows(log: Log, window_ms: int, grace_ms: int) -> frozenset[tuple[str, Millis]]:
    """Return the windows, by camera and start, for which a frame of history came too late."""
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


def orderly_presence(view: View) -> Iterable[str]:
    """A camera first goes online, and is offline in the end."""
    emitted: dict[str, list[tuple[str, str]]] = {}
    for event in view.of(topics.CAMERA_EVENTS):
        if event["event"] in {"online", "offline"}:
            emitted.setdefault(event["camera_id"], []).append((event["at"], event["event"]))
    for camera_id, events in emitted.items():
        names = [name for _, name in sorted(events)]
        if (names[0], names[-1]) != ("online", "offline"):
            yield f"{camera_id} was reported {', '.join(names)}"


def lasting_tracks(view: View, world: World) -> Iterable[str]:
    """An object that was seen standing still keeps its track for as long as it does."""
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


def _sightings(view: View, camera_id: str, item: WorldObject) -> Iterable[tuple[Millis, str]]:
    """Yield when an object that stands alone was seen, and as which track."""
    for record in view.of(topics.DETECTIONS):
        for seen in record["objects"] if record["camera_id"] == camera_id else ():
            if BoundingBox(*seen["box"]).iou(item.box) > 0.5:
                yield parse_rfc3339(record["captured_at"]), seen["track_id"]


def one_alert_a_situation(view: View, world: World) -> Iterable[str]:
    """Objects that stay and violate a rule have raised at most one alert each."""
    for camera_id, rule, raised, violating in _situations(view, world):
        if raised > len(violating):
            yield f"{camera_id}: {raised} alerts, but {len(violating)} objects violated {rule.name}"


def every_situation(view: View, world: World) -> Iterable[str]:
    """In an undisturbed history, each object that violates a rule for long enough is in an alert.

    It need not have an alert of its own.
    """
    (scenery,) = world.sceneries
    warm_at = scenery.shots[0] + scenery.camera.warm_up_ms
    for camera_id, rule, _, violating in _situations(view, world):
        sightings = ([at for at, _ in _sightings(view, camera_id, item)] for item in violating)
        certain = sum(
            rule.min_score == 0 and len(seen) >= rule.frames and max(seen) >= warm_at
            for seen in sightings
        )
        emitted = sum(
            len(alert["track_ids"])
            for alert in view.of(topics.ALERTS)
            if alert["rule"] == rule.name
        )
        if emitted < certain:
            yield f"{camera_id}: {emitted} objects in alerts, {certain} violated {rule.name}"


def _situations(view: View, world: World) -> Iterable[tuple[str, Rule, int, Sequence[WorldObject]]]:
    """Yield, for each camera and rule, the number of alerts and the objects that violate it."""
    alerts = Counter((alert["camera_id"], alert["rule"]) for alert in view.of(topics.ALERTS))
    for scenery in world.sceneries:
        camera = scenery.camera
        for rule in camera.rules:
            violating = [
                item
                for item in scenery.items
                if item.label in rule.labels
                and (
                    not rule.zones or set(rule.zones) & set(camera.zones_of(item.box.bottom_center))
                )
            ]
            yield camera.camera_id, rule, alerts[camera.camera_id, rule.name], violating


def true_situations(view: View, world: World) -> Iterable[str]:
    """Who is hidden for a moment is told once, and each visit is one alert and one entry."""
    (scenery,) = world.sceneries
    camera_id, visits = scenery.camera.camera_id, _visits(scenery)
    if (raised := len(view.of(topics.ALERTS))) != visits:
        yield f"{camera_id} raised {raised} alerts for {visits} situations"
    told = " ".join(narration["text"] for narration in view.of(topics.NARRATIONS))
    if told.count("Nothing in view.") or (told.count("on the left") > 1 and visits == 1):
        yield f"{camera_id} told {told}"
    entered = sum(_zone_events(count)["entered left-half"] for count in view.of(topics.COUNTS))
    if camera_id == "visitor" and entered != visits:
        yield f"{entered} entries were counted, {visits} made"


def no_further_situations(view: View, world: World) -> Iterable[str]:
    """Whatever was not seen, no situation raised two alerts."""
    (scenery,) = world.sceneries
    raised, visits = len(view.of(topics.ALERTS)), _visits(scenery)
    if raised > visits:
        yield f"{scenery.camera.camera_id} raised {raised} alerts for {visits} situations"


def _visits(scenery: Scenery) -> int:
    """Return how often the left half was entered, or was somebody there from the beginning."""
    if scenery.camera.camera_id != "visitor":
        return 1
    (one,) = scenery.items
    return sum(before > MIDDLE.start[0] > after for (_, before), (_, after) in pairwise(one.stops))


def _compared_records(view: View, besides: frozenset[str]) -> dict[tuple[str, str], Json]:
    """Return the newest records, without those about arrival if arrival is not compared."""
    about_arrival = {"frames", "dead_letter"} if "received_at" in besides else set()
    return {
        (topic, record_id): record
        for (topic, record_id), record in view.newest().items()
        if topic != topics.DEAD_LETTER and record.get("event") not in about_arrival
    }
