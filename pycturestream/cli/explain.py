"""`pycturestream explain`: the way of a frame, and why it led to an alert or did not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from elasticsearch import Elasticsearch

from pycturestream.cli.compose.alerts import alert_service, camera_of
from pycturestream.cli.compose.notifier import notification_store_if_any
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.formatting import said, threats, when
from pycturestream.cli.output import AsJson, errors, print_json, print_table, say
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import settings
from pycturestream.contracts.records import read_detections
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.domain.threats.conditions import Condition
from pycturestream.domain.times import Millis, parse_rfc3339, rfc3339
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_trial import LEAD_MS, Trial, read_background
from pycturestream.log.camera_settings import known_cameras
from pycturestream.log.dead_letter_log import read_dead_letters
from pycturestream.log.results_log import life_of_alert, logged_at
from pycturestream.notifications.email_rendering import subject
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
    """Show the way of a frame through the system, and which condition of which rule held in it.

    Of an alert: the frame that raised it, its life, what people said of it, and who was told. The
    rules are those that hold now. Of a frame that was not looked at: what is known of its minute.

    Example: `pycturestream explain gate_20261121T090000125Z`
    """
    is_alert = ":" in name  # which no frame's id has
    with (
        errors.status("looking it up …"),
        alert_service() as service,
        connect(settings()) as client,
    ):
        if is_alert:
            told = _of_alert(client, service.alert(name))
        else:
            told = _of_frame_or_minute(client, name)
    if as_json:
        print_json([told])
    elif is_alert:
        _show_alert(told)
    else:
        _show_frame(told)


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
            f"{name} is no id of a frame, such as gate_20261121T090000125Z, nor of an alert"
        ) from error
    told = _of_frame(client, name) or _of_minute(client, camera_id, at)
    if told is None:
        raise CommandError(
            f"nothing is known of {name}: `pycturestream find --camera {camera_id}` lists frames"
        )
    return told


def _of_frame(client: Elasticsearch, name: str, rule: str | None = None) -> dict[str, Any] | None:
    """Return what is known of a frame; None where it has no record (any more)."""
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
    return camera_of(camera_id, known_cameras(settings()).get(camera_id))


def _rules(
    client: Elasticsearch, camera: Camera, record: Json, only: str | None
) -> list[dict[str, Any]]:
    """Return each rule about things, and which of its conditions held in the frame."""
    at = parse_rfc3339(record["captured_at"])
    scope = Scope(camera_id=camera.camera_id, since=at - LEAD_MS, until=at + 1)
    background = read_background(find_camera_events(client, scope))
    trial = Trial(camera, background, pipeline_limits(settings(), "live"))
    told = rule_trial.explain(trial, map(read_detections, find_history(client, scope)))
    if told is None:
        return []
    scene, explained = told
    return [
        {
            "rule": rule.rule,
            "alert_id": rule.alert_id,
            "conditions": _condition_records(rule.conditions),
            "things": [
                _thing_record(thing, rule.things[thing.track.track_id]) for thing in scene.seen
            ],
        }
        for rule in explained
        if only in {None, rule.rule}
    ]


def _thing_record(thing: SeenObject, conditions: Iterable[Condition]) -> dict[str, Any]:
    return {
        "track_id": thing.track.track_id,
        "label": thing.track.label,
        "sector": thing.sector,
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
    """Return the messages that tell of an alert, where the alert service has run here."""
    with notification_store_if_any() as store:
        return store.about(alert_id) if store else []


def _sent_record(entry: Entry) -> dict[str, Any]:
    return {
        "written_at": rfc3339(entry.written_at),
        "channel": entry.channel,
        "recipient": entry.message.recipient,
        "subject": subject(entry.message),
        "state": entry.state,
        "error": entry.error,
    }


def _show_alert(told: Json) -> None:
    alert = told["alert"]
    say(f"{alert['id']}: rule {alert['rule']}, level {alert['level']}, {alert['state']}")
    print_table(
        ("when", "state", "count", "reason"),
        ((_time(c["updated_at"]), c["state"], c["count"], c["reason"]) for c in told["life"]),
        empty="",
    )
    say(f"people say: {said(alert) or 'nothing'}")
    say("sent:" if told["sent"] else "sent: nothing that is known here")
    if told["sent"]:
        print_table(
            ("written", "channel", "recipient", "subject", "state", "error"),
            ((when(one["written_at"]), *list(one.values())[1:]) for one in told["sent"]),
            empty="",
        )
    if told["frame"]:
        say("\nthe frame that raised it:")
        _show_frame(told["frame"])
    elif alert["frame_id"]:
        say(f"\nof the frame that raised it, {alert['frame_id']}, there is no record any more")


def _show_frame(told: Json) -> None:
    if told["frame_id"] is None:
        _show_minute(told)
        return
    say(f"{told['frame_id']}: {threats(told) or 'no threat'}")
    _show_way(told)
    say(f"by the rules that hold now (revision {told['settings_revision']}):")
    for rule in told["rules"]:
        say(f"\nrule {rule['rule']}: {rule['alert_id'] or 'no alert'}")
        rows = [("", *_row(condition)) for condition in rule["conditions"]]
        for thing in rule["things"]:
            name = f"{thing['label']}, {thing['sector']}"
            rows += [(name, *_row(condition)) for condition in thing["conditions"]]
        print_table(("thing", "condition", "held", "wanted", "found"), rows, empty="")
    if not told["rules"]:
        say("none about things")


def _show_way(told: Json) -> None:
    """Show when the frame came where, and how long that took."""
    begin = parse_rfc3339(told["captured_at"])
    steps = (
        ("captured", "captured_at"),
        ("received", "received_at"),
        ("looked at", "processed_at"),
        ("written", "written_at"),
    )
    picture = told["picture"]
    place = f"{picture['topic']}/{picture['partition']}/{picture['offset']}"
    rows = [
        (step, _time(told[name]), f"+{parse_rfc3339(told[name]) - begin} ms")
        for step, name in steps
        if told[name]
    ]
    print_table(("step", "when", "after"), rows, empty="")
    say(f"its picture: {place}, until {when(picture['expires_at'])}")


def _show_minute(told: Json) -> None:
    say(
        f"this frame was not looked at, or its record is no longer kept; of {told['camera_id']}, "
        f"{_time(told['begin'])} to {_time(told['end'])}, is known:"
    )
    rows = [
        (_time(one["at"]), one["event"], f"{one['detail']}{_dropped(one)}")
        for one in told["events"]
    ]
    rows += [
        (_time(one["at"]), f"dead letter: {one['reason']}", one["detail"])
        for one in told["dead_letters"]
    ]
    print_table(("when", "what", "detail"), sorted(rows), empty="")


def _dropped(event: Json) -> str:
    books: Json = event.get("frames", {})
    drops = {**books.get("dropped", {}), **books.get("dead_letters", {})}
    return "".join(f", {number} {reason}" for reason, number in drops.items())


def _row(condition: Json) -> Sequence[str]:
    held = "yes" if condition["held"] else "no"
    return condition["name"], held, condition["wanted"], condition["found"]


def _time(at: str) -> str:
    """Return a time to the millisecond: what happens to a frame takes less than a second."""
    return f"{at[:10]} {at[11:23]}Z"
