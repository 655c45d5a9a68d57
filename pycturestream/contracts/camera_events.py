"""The record of `camera-events`: what happened to a camera, or to the frames of one window."""

from collections.abc import Mapping

from msgspec import UNSET, Struct, UnsetType

from pycturestream.contracts.codec import Natural
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.pipeline.events import AccountingEvent
from pycturestream.domain.times import parse_this_century, rfc3339


class FrameAccountsRecord(Struct, frozen=True):
    """received = processed + all that was dropped + all dead letters, both by reason."""

    received: Natural
    processed: Natural
    dropped: Mapping[str, Natural]
    dead_letters: Mapping[str, Natural]


class CameraEventRecord(Struct, frozen=True, kw_only=True):
    """An event; `frames` events alone have the last two fields."""

    id: str
    run: str
    camera_id: str
    at: str
    event: str
    detail: str
    revision: Natural | UnsetType = UNSET
    frames: FrameAccountsRecord | UnsetType = UNSET


def check_camera_event(read: CameraEventRecord) -> None:
    """Raise ValueError where its time is none."""
    parse_this_century(read.at)


def camera_event_record(event: CameraEvent, run: str) -> CameraEventRecord:
    occasion = f":{event.occasion}" if event.occasion else ""
    return CameraEventRecord(
        id=f"{frame_id(event.camera_id, event.at)}:{event.event}{occasion}",
        run=run,
        camera_id=event.camera_id,
        at=rfc3339(event.at),
        event=event.event,
        detail=event.detail,
    )


def accounting_record(event: AccountingEvent, run: str) -> CameraEventRecord:
    window = event.window
    return CameraEventRecord(
        id=f"{frame_id(event.camera_id, window.start)}:frames",
        run=run,
        camera_id=event.camera_id,
        at=rfc3339(window.start),
        event="frames",
        detail=f"{window.received} received, {window.processed} processed",
        revision=window.revision,
        frames=FrameAccountsRecord(
            window.received, window.processed, window.dropped, window.dead_letters
        ),
    )
