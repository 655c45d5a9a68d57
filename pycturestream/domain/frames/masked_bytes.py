"""Whose bytes may show what a camera masks: they are kept nowhere."""

from collections.abc import Collection, Mapping
from typing import Protocol

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import NO_CAMERA

LEFT_OUT = "they may show what a camera masks"
"""Why a dead letter has no bytes."""


class KnownSettings(Protocol):
    """The settings of cameras at one moment, by camera id."""

    @property
    def cameras(self) -> Mapping[str, Camera]: ...
    @property
    def unreadable(self) -> Collection[str]:
        """The cameras whose settings can't be read."""
        ...


def may_mask(camera_id: str, known: KnownSettings | None) -> bool:
    """Whether the bytes of a sender may show what a camera masks.

    So they may as long as nothing is `known`, where the sender's settings can't be read, and where
    it gave no name that a camera can have, while any camera has masks: it may be that one.
    """
    if known is None or camera_id in known.unreadable:
        return True
    if camera_id == NO_CAMERA:
        return bool(known.unreadable) or any(each.masks for each in known.cameras.values())
    camera = known.cameras.get(camera_id)
    return camera is not None and bool(camera.masks)
