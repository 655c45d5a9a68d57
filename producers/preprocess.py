"""From a picture to a frame: motion gate, masks and size, by the camera's settings."""

from dataclasses import dataclass

from producers.encode import Encoder, Fit, TooLargeError, to_jpeg
from producers.masking import MaskError, Masking
from producers.motion import MotionGate
from producers.picture import Picture, Pixels, decode
from producers.publish_accounting import DropReason
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES, FRAMES_REPLAY
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Frame, Mode
from pycturestream.log.retention import retentions
from pycturestream.stores.reference_folder import References, StorageError


@dataclass(frozen=True, slots=True)
class DroppedPicture:
    """A picture of which there is no frame."""

    reason: DropReason
    detail: str = ""
    """One line for people; empty where the settings ask for the drop."""


class Preprocessor:
    """Makes frames of one camera's pictures.

    It remembers the background of the view and the size that fitted, and starts over only with
    settings that concern them.
    """

    def __init__(self, mode: Mode, settings: Settings, clock: Clock) -> None:
        self._mode = mode
        self._settings = settings
        self._clock = clock
        self._encoder = Encoder(Fit.of(settings))
        self._camera: Camera | None = None
        self._masking = Masking(())
        self._gate: MotionGate | None = None
        self._references: References | None = None

    def preprocess(self, picture: Picture, camera: Camera) -> Frame | DroppedPicture:
        """Return the frame of a picture, by the camera's settings as they are now.

        A picture whose settings can't be applied, masks above all, is dropped.
        """
        try:
            self._apply(camera)
            if self._gate and not self._gate.passes(picture.content, picture.captured_at):
                return DroppedPicture("no-motion")
            content = self._mask(picture.content)
            jpeg, reference = self._fit(content, picture, camera)
        except MaskError as error:
            return DroppedPicture("unmaskable", str(error))
        except StorageError as error:
            return DroppedPicture("not-stored", str(error))
        except TooLargeError as error:
            return DroppedPicture("too-large", str(error))
        return Frame(
            camera.camera_id,
            picture.captured_at,
            jpeg,
            self._mode,
            picture.origin,
            picture.clock_ahead,
            reference,
        )

    def _apply(self, camera: Camera) -> None:
        """Prepare for changed settings; a failure is raised again with each picture."""
        before = self._camera
        if camera is before:
            return
        if before is None or (camera.masks, camera.motion) != (before.masks, before.motion):
            self._camera = None
            self._masking = Masking(camera.masks)
            self._gate = self._make_gate(camera)
        if camera.size == "full" and self._references is None:
            self._references = self._open_references(camera)
        self._camera = camera

    def _make_gate(self, camera: Camera) -> MotionGate | None:
        if camera.motion.gate == "off":
            return None
        return MotionGate(camera.motion, self._masking, self._settings.picture_pixel_limit)

    def _open_references(self, camera: Camera) -> References:
        topic = FRAMES if self._mode == "live" else FRAMES_REPLAY
        # As long as the record may be read, which the broker deletes with its whole segment.
        keep_ms = retentions(self._settings)[topic].readable_ms
        return References(camera.camera_id, keep_ms, self._settings, self._clock)

    def _mask(self, content: Pixels | bytes) -> Pixels | bytes:
        if not self._masking:
            return content
        if isinstance(content, bytes):
            pixels = decode(content, self._settings.picture_pixel_limit)
            if pixels is None:
                raise MaskError("can't be decoded, so that nothing in it can be masked")
            content = pixels
        return self._masking.apply(content)

    def _fit(self, content: Pixels | bytes, picture: Picture, camera: Camera) -> tuple[bytes, str]:
        """Return the picture as JPEG, or no bytes and the name under which it is stored."""
        if camera.size == "budget" or self._references is None:
            # The job rejects a picture whose size differs from the camera's settings.
            keep_size = camera.resolution is not None
            return self._encoder.encode(content, keep_size=keep_size), ""
        jpeg = content if isinstance(content, bytes) else to_jpeg(content)
        if len(jpeg) <= self._settings.frame_byte_budget:
            return jpeg, ""
        return b"", self._references.write(picture.captured_at, jpeg)
