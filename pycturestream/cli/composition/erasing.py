"""What `erase` and `export` work on: all places that hold what cameras saw."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from pycturestream.application.erasing import Place
from pycturestream.application.exporting import Part, Picture
from pycturestream.archive.archive import Archive
from pycturestream.archive.erasing import ArchivePlace, files_of
from pycturestream.cli.composition.notifier import NOTIFICATION_STORE, notification_store_if_any
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_commands import alert_command_record
from pycturestream.contracts.topics import DETECTIONS, SERVED
from pycturestream.domain.erasure import Erasure, Erasures, PlaceReport
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.times import EARLIEST, Millis, rfc3339
from pycturestream.errors import CommandError, ServiceError, UsageError
from pycturestream.log.cameras import known_cameras
from pycturestream.log.dead_letters import LoggedDeadLetter, read_dead_letters
from pycturestream.log.erasing import AlertCommandsPlace, LogPlace
from pycturestream.log.erasures import known_erasures
from pycturestream.notifications.erasing import NotificationPlace
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.erasing_elasticsearch import ElasticsearchPlace, camera_ids, records_of
from pycturestream.stores.erasing_redis import RedisPlace
from pycturestream.stores.erasing_references import ReferencePlace

Json = Mapping[str, Any]

PAGE = 1_000
"""Of so many records the pictures are fetched on one connection."""
NAMED = 20
"""So many pictures that an export does not hold are named."""


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A place whose clients' errors are one line for people."""

    place: Place
    settings: Settings

    @property
    def name(self) -> str:
        return self.place.name

    def count(self, erasure: Erasure) -> PlaceReport:
        with error_mapping(self.settings):
            return self.place.count(erasure)

    def erase(self, erasure: Erasure) -> PlaceReport:
        with error_mapping(self.settings):
            return self.place.erase(erasure)


def places(settings: Settings) -> Sequence[Place]:
    """Return all places, in the order in which they are erased.

    Commands about alerts come first: the log says which alerts they are about.
    """
    everywhere: Sequence[Place] = (
        AlertCommandsPlace(settings, now),
        NotificationPlace(settings.data_folder / NOTIFICATION_STORE),
        RedisPlace(settings),
        ElasticsearchPlace(settings),
        ReferencePlace(settings),
        ArchivePlace(settings),
        LogPlace(settings),
    )
    return [_Mapped(place, settings) for place in everywhere]


def selection(
    settings: Settings,
    camera_id: str,
    since: Millis | None,
    until: Millis | None,
    *,
    everything: bool,
    reason: str = "",
) -> Erasure:
    """Return the time of a camera that options choose. Raises UsageError or CommandError."""
    at = now()
    if everything == (since is not None or until is not None):
        raise UsageError("give --since and --until, or --all for everything up to now")
    if not everything and (since is None or until is None):
        raise UsageError("give both, --since and --until; --until 0s is now")
    begin = EARLIEST if since is None else since
    end = at if until is None else until
    if begin >= end:
        raise UsageError("--since must be before --until")
    if end > at:
        raise UsageError(f"--until is in the future: the latest is now, {rfc3339(at)}")
    _require_known(settings, camera_id)
    return Erasure(camera_id, begin, end, at, reason)


def parts(settings: Settings, chosen: Erasure) -> list[Part]:
    """Return what is held of a camera's time, in files."""
    of_results = [
        Part(
            topic,
            lambda topic=topic: _found(settings, topic, chosen),  # type: ignore[misc]
            f"records of {topic}, of all runs, from Elasticsearch",
        )
        for topic in SERVED
    ]
    return [
        *of_results,
        Part(
            "dead-letters",
            lambda: _dead_letters(settings, chosen),
            "what was rejected and why, without its bytes",
        ),
        Part("alert-commands", lambda: _commands(settings, chosen), "what people did about alerts"),
        Part("notifications", lambda: _messages(chosen), "messages about alerts, without names"),
    ]


def pictures(settings: Settings, chosen: Erasure) -> Iterator[Picture]:
    """Yield the pictures that still exist, blurred. Raises FaceModelError."""
    # Decoders of pictures take a third of a second, which only this needs.
    from pycturestream.pictures.frame_pictures import fetch_pictures  # noqa: PLC0415

    with error_mapping(settings):
        # Page by page: a camera has a million records, of which each is some kilobytes.
        frames = _frames(_found(settings, DETECTIONS, chosen))
        while page := list(islice(frames, PAGE)):
            for record, jpeg in fetch_pictures(settings, page):
                if not isinstance(jpeg, Missing):
                    yield Picture(record["frame_id"], jpeg)


def _frames(records: Iterable[Json]) -> Iterator[Json]:
    """Yield one record of each frame: several runs may have processed it.

    The records are in the order of time, so those of a frame follow each other.
    """
    for _, at_once in groupby(records, key=itemgetter("captured_at")):
        yield from {record["frame_id"]: record for record in at_once}.values()


def left_out(settings: Settings, chosen: Erasure) -> Iterator[str]:
    """Yield what an export does not hold, for its manifest."""
    yield "pictures that no longer exist, and those of dead letters: `pycturestream dead-letters`"
    yield "names of recipients: they are data of others"
    with error_mapping(settings):
        unseen = {files.name.stem for files in files_of(Archive.of(settings), chosen)}
        if unseen:
            for record in _found(settings, DETECTIONS, chosen):
                unseen.discard(record["frame_id"])
    if unseen:
        names = ", ".join(sorted(unseen)[:NAMED])
        more = f" and {len(unseen) - NAMED} more" if len(unseen) > NAMED else ""
        yield (
            "pictures of the archive without a detections record, "
            f"see `pycturestream archive list`: {names}{more}"
        )


def _require_known(settings: Settings, camera_id: str) -> None:
    """Raise CommandError for a camera of which nothing is known: a mistyped name erases nothing.

    Where a store that might know it does not answer, nobody can tell, and it is taken as known.
    """
    if not is_camera_id(camera_id):
        raise UsageError(f"--camera {camera_id[:80]}: no camera can have this name")
    with error_mapping(settings):
        known = {one.camera_id for one in known_erasures(settings).values()}
        known |= set(known_cameras(settings))
    can_tell = True
    for cameras in (_archived_cameras, _stored_cameras):
        if camera_id in known:
            return
        try:
            known |= cameras(settings)
        except ServiceError:
            can_tell = False
    if can_tell and camera_id not in known:
        close = get_close_matches(camera_id, sorted(known), n=3)
        names = ", ".join(close or sorted(known)[:10]) or "none"
        which = "did you mean" if close else "known are"
        raise CommandError(f"nothing is known of a camera {camera_id}; {which}: {names}")


def _archived_cameras(settings: Settings) -> set[str]:
    """Return the cameras of which the archive holds pictures. Raises ServiceError."""
    with error_mapping(settings):
        return set(Archive.of(settings).cameras())


def _stored_cameras(settings: Settings) -> set[str]:
    """Return the cameras of which Elasticsearch has records. Raises ServiceError."""
    with error_mapping(settings), connect(settings) as client:
        return camera_ids(client)


def _found(settings: Settings, topic: str, chosen: Erasure) -> Iterator[Json]:
    with error_mapping(settings), connect(settings) as client:
        yield from records_of(client, topic, chosen)


def _dead_letters(settings: Settings, chosen: Erasure) -> Iterator[Json]:
    chosen_times = Erasures.of([chosen])
    with error_mapping(settings):
        for letter in read_dead_letters(settings, chosen.since):
            if chosen_times.covers(letter.camera_id, letter.at_ms):
                names = (name for name in LoggedDeadLetter.__slots__ if name != "value")
                yield {name: getattr(letter, name) for name in names}


def _commands(settings: Settings, chosen: Erasure) -> Iterator[Json]:
    with error_mapping(settings):
        found = AlertCommandsPlace(settings, now).commands(chosen)
        yield from (alert_command_record(command) for command in found.values())


def _messages(chosen: Erasure) -> Iterator[Json]:
    chosen_times = Erasures.of([chosen])
    with notification_store_if_any() as store:
        for entry in store.about_erased(chosen_times) if store else ():
            yield {
                "id": entry.message.id,
                "kind": entry.message.kind,
                "channel": entry.channel,
                "state": entry.state,
                "written_at": rfc3339(entry.written_at),
                "alerts": [one.id for one in entry.message.alerts if one.is_erased(chosen_times)],
            }
