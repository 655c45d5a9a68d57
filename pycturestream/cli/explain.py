"""`pycturestream explain`: how a frame was processed, and why it led to an alert or did not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from elasticsearch import Elasticsearch

from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.composition.notifier import notification_store_if_any
from pycturestream.cli.formatting import commands_of, when
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import settings
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.contracts.detection_words import threats
from pycturestream.contracts.detections import read_detections
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.domain.threats.conditions import Condition
from pycturestream.domain.times import Millis, parse_rfc3339, rfc3339
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_trial import LEAD_MS, Trial, read_background
from pycturestream.errors import CommandError, UsageError
from pycturestream.log.alerts import life_of_alert
from pycturestream.log.cameras import known_cameras
from pycturestream.log.dead_letters import read_dead_letters
from pycturestream.log.results import logged_at
from pycturestream.notifications.message_wording import subject
from pycturestream.notifications.notification_store import Entry
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import Scope, find_camera_events, find_frames, find_history

Json = Mapping[str, Any]


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FRAME_ID|ALERT_ID",
            help="As `pycturestream find` and `alerts` show them.",
            show_default=False,
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show how a frame went through the system, and which conditions of which rules held in it.

    For an alert: the frame that raised it, its changes, the commands about it, and the messages.
    Rules are those in force now. For a frame that was not processed: what is known of its minute.

    Example: `pycturestream explain gate_20261121T090000125Z`
    """
    is_alert = ":" in name  # which no frame's id has
    with (
        errors.status("looking it up …"),
        alert_service() as service,
        connect(settings()) as client,
    ):
        if is_alert:
            explanation = _of_alert(client, service.alert(name))
        else:
            explanation = _of_frame_or_minute(client, name)
    if as_json:
        print_json([explanation])
    elif is_alert:
        _show_alert(explanation)
    else:
        _show_frame(explanation)


def _of_alert(client: Elasticsearch, alert: dict[str, Any]) -> dict[str, Any]:
    frame = None
    if alert["frame_id"]:
        frame = _of_frame(client, alert["frame_id"], rule=alert["rule"])
    life = life_of_alert(settings(), alert) or [alert]
    return {
        "alert": alert,
        "life": [
            {name: record[name] for name in ("state", "updated_at", "count", "reason")}
            for record in life
        ],
        "sent": [_sent_record(entry) for entry in _sent(alert["id"])],
        "frame": frame,
    }


def _of_frame_or_minute(client: Elasticsearch, name: str) -> dict[str, Any]:
    try:
        camera_id, at = parse_frame_id(name)
    except ValueError as error:
        raise UsageError(
            f"{name} is not the id of a frame, such as gate_20261121T090000125Z, nor of an alert"
        ) from error
    found = _of_frame(client, name) or _of_minute(client, camera_id, at)
    if found is None:
        raise CommandError(
            f"nothing is known of {name}: `pycturestream find --camera {camera_id}` lists frames"
        )
    return found


def _of_frame(client: Elasticsearch, name: str, rule: str | None = None) -> dict[str, Any] | None:
    """Return what is known of a frame; None where it has no record, or no longer."""
    record = next(find_frames(client, [name]), None)
    if record is None:
        return None
    written_at = logged_at(settings(), record)
    camera = _camera(record["camera_id"])
    return {
        "frame_id": name,
        "camera_id": record["camera_id"],
        "captured_at": record["captured_at"],
        "received_at": record["received_at"],
        "processed_at": record["processed_at"],
        "written_at": None if written_at is None else rfc3339(written_at),
        "clock_corrected": record["clock_corrected"],
        "models": record["models"],
        "picture": record["picture"],
        "label_counts": record["label_counts"],
        "threats": record["threats"],
        "settings_revision": camera.revision,
        "rules": _rules(client, camera, record, rule),
    }


def _camera(camera_id: str) -> Camera:
    return decode_camera_or_default(known_cameras(settings()).get(camera_id), camera_id)


def _rules(
    client: Elasticsearch, camera: Camera, record: Json, only: str | None
) -> list[dict[str, Any]]:
    """Return each rule about objects, and which of its conditions held in the frame."""
    at = parse_rfc3339(record["captured_at"])
    scope = Scope(camera_id=camera.camera_id, since=at - LEAD_MS, until=at + 1)
    background = read_background(find_camera_events(client, scope))
    trial = Trial(camera, background, pipeline_limits(settings(), "live"))
    explanation = rule_trial.explain(trial, map(read_detections, find_history(client, scope)))
    if explanation is None:
        return []
    scene, explained = explanation
    return [
        {
            "rule": rule.rule,
            "alert_id": rule.alert_id,
            "conditions": _condition_records(rule.conditions),
            "things": [_object_record(seen, rule.objects[seen.track_id]) for seen in scene.seen],
        }
        for rule in explained
        if only in {None, rule.rule}
    ]


def _object_record(seen: SeenObject, conditions: Iterable[Condition]) -> dict[str, Any]:
    return {
        "track_id": seen.track_id,
        "label": seen.label,
        "sector": seen.sector,
        "conditions": _condition_records(conditions),
    }


def _condition_records(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "held": one.held, "wanted": one.wanted, "found": one.found}
        for one in conditions
    ]


def _of_minute(client: Elasticsearch, camera_id: str, at: Millis) -> dict[str, Any] | None:
    """Return what is known of the time around a frame that has no record."""
    window_ms = settings().count_window_ms
    begin = at - at % window_ms
    scope = Scope(camera_id=camera_id, since=begin, until=begin + window_ms)
    events = [
        {name: event[name] for name in ("at", "event", "detail", "frames") if name in event}
        for event in find_camera_events(client, scope)
    ]
    letters = [
        {"at": letter.at, "reason": letter.reason, "detail": letter.detail}
        for letter in read_dead_letters(settings(), begin)
        if letter.camera_id == camera_id and letter.at < rfc3339(begin + window_ms)
    ]
    if not events and not letters:
        return None
    return {
        "frame_id": None,
        "camera_id": camera_id,
        "begin": rfc3339(begin),
        "end": rfc3339(begin + window_ms),
        "events": events,
        "dead_letters": letters,
    }


def _sent(alert_id: str) -> list[Entry]:
    """Return the messages about an alert, where the alert service has run on this machine."""
    with notification_store_if_any() as store:
        return store.about(alert_id) if store else []


def _nothing_sent() -> str:
    with notification_store_if_any() as store:
        return "sent: none" if store else "sent: unknown (no notification store on this machine)"


def _sent_record(entry: Entry) -> dict[str, Any]:
    return {
        "written_at": rfc3339(entry.written_at),
        "channel": entry.channel,
        "recipient": entry.message.recipient,
        "subject": subject(entry.message),
        "state": entry.state,
        "error": entry.error,
    }


def _show_alert(found: Json) -> None:
    alert = found["alert"]
    print_line(f"{alert['id']}: rule {alert['rule']}, level {alert['level']}, {alert['state']}")
    print_table(
        ("when", "state", "count", "reason"),
        ((_time(c["updated_at"]), c["state"], c["count"], c["reason"]) for c in found["life"]),
        empty="",
    )
    print_line(f"commands: {commands_of(alert) or 'none'}")
    print_line("sent:" if found["sent"] else _nothing_sent())
    if found["sent"]:
        print_table(
            ("written", "channel", "recipient", "subject", "state", "error"),
            ((when(one["written_at"]), *list(one.values())[1:]) for one in found["sent"]),
            empty="",
        )
    if found["frame"]:
        print_line("\nthe frame that raised it:")
        _show_frame(found["frame"])
    elif alert["frame_id"]:
        print_line(
            f"\nthe record of the frame that raised it, {alert['frame_id']}, is no longer kept"
        )


def _show_frame(found: Json) -> None:
    if found["frame_id"] is None:
        _show_minute(found)
        return
    print_line(f"{found['frame_id']}: {threats(found) or 'no threat'}")
    _show_steps(found)
    print_line(f"by the rules in force now (revision {found['settings_revision']}):")
    for rule in found["rules"]:
        print_line(f"\nrule {rule['rule']}: {rule['alert_id'] or 'no alert'}")
        rows = [("", *_row(condition)) for condition in rule["conditions"]]
        for one in rule["things"]:
            name = f"{one['label']}, {one['sector']}"
            rows += [(name, *_row(condition)) for condition in one["conditions"]]
        print_table(("object", "condition", "held", "wanted", "found"), rows, empty="")
    if not found["rules"]:
        print_line("none about objects")


def _show_steps(found: Json) -> None:
    """Show the times of the frame at each step, and how long that took."""
    begin = parse_rfc3339(found["captured_at"])
    steps = (
        ("captured", "captured_at"),
        ("received", "received_at"),
        ("processed", "processed_at"),
        ("written", "written_at"),
    )
    picture = found["picture"]
    place = f"{picture['topic']}/{picture['partition']}/{picture['offset']}"
    rows = [
        (step, _time(found[name]), f"+{parse_rfc3339(found[name]) - begin} ms")
        for step, name in steps
        if found[name]
    ]
    print_table(("step", "when", "after"), rows, empty="")
    print_line(f"its picture: {place}, until {when(picture['expires_at'])}")


def _show_minute(found: Json) -> None:
    print_line(
        "this frame was not processed, or its record is no longer kept; known of "
        f"{found['camera_id']} from {_time(found['begin'])} to {_time(found['end'])}:"
    )
    rows = [
        (_time(one["at"]), one["event"], f"{one['detail']}{_dropped(one)}")
        for one in found["events"]
    ]
    rows += [
        (_time(one["at"]), f"dead letter: {one['reason']}", one["detail"])
        for one in found["dead_letters"]
    ]
    print_table(("when", "what", "detail"), sorted(rows), empty="")


def _dropped(event: Json) -> str:
    accounts: Json = event.get("frames", {})
    drops = {**accounts.get("dropped", {}), **accounts.get("dead_letters", {})}
    return "".join(f", {number} {reason}" for reason, number in drops.items())


def _row(condition: Json) -> Sequence[str]:
    held = "yes" if condition["held"] else "no"
    return condition["name"], held, condition["wanted"], condition["found"]


def _time(at: str) -> str:
    """Return a time to the millisecond: what happens to a frame takes less than a second."""
    return f"{at[:10]} {at[11:23]}Z"
