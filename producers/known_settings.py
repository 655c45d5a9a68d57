"""One camera by the settings that the topic `cameras` has of it: what they mask is never shown."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from producers.camera_publisher import CameraPublisher
from producers.picture import Picture, Pictures, Skipped, Source
from pycturestream.clock import Clock
from pycturestream.domain.cameras.camera import Camera


class Known(Protocol):
    """What is known of cameras: their settings, or why those can't be read."""

    @property
    def cameras(self) -> Mapping[str, Camera]: ...
    @property
    def unreadable(self) -> Mapping[str, str]: ...


class Following(Protocol):
    """Where settings come from: `pycturestream.log.cameras.FollowedCameras`."""

    @property
    def known(self) -> Known: ...
    @property
    def are_complete(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ByKnownSettings:
    """A source whose pictures go on only by settings that were read."""

    source: Source
    camera_publisher: CameraPublisher
    """Follows them."""
    followed: Following

    def pictures(self, clock: Clock) -> Pictures:
        camera: Camera | None = None
        with closing(self.source.pictures(clock)) as pictures:
            for picture in pictures:
                # In this order: what is known before all was read may lack a mask.
                are_complete, known = self.followed.are_complete, self.followed.known
                if not isinstance(picture, Picture):
                    yield picture
                elif not are_complete:
                    yield Skipped("no-broker")
                elif why := known.unreadable.get(self.camera_publisher.camera_id):
                    yield Skipped("unmaskable", f"{picture.origin}: unreadable settings: {why}")
                else:
                    newest = known.cameras.get(self.camera_publisher.camera_id)
                    if newest is not None and newest is not camera:
                        self.camera_publisher.follow(newest)
                        camera = newest
                    yield picture
