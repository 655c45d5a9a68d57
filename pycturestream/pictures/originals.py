"""Which cameras allow that their pictures leave unblurred."""

from collections.abc import Iterable

from pycturestream.config.settings import Settings
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.errors import ConfigurationError
from pycturestream.log.cameras import known_cameras


class OriginalsNotAllowedError(ConfigurationError):
    """A camera's pictures may not leave unblurred; the message is one line."""


def require_originals(settings: Settings, camera_ids: Iterable[str]) -> None:
    """Return if all these cameras allow originals, by the settings in the topic `cameras`.

    A camera without settings, or with some that can't be read, does not. Raises
    OriginalsNotAllowedError, and lets kafka.errors.KafkaError through.
    """
    known = known_cameras(settings)
    refusing = sorted(
        {
            camera_id
            for camera_id in camera_ids
            if not decode_camera_or_default(known.get(camera_id), camera_id).originals
        }
    )
    if refusing:
        names = ", ".join(name[:80] or "(no camera)" for name in refusing[:5])
        more = f" and {len(refusing) - 5} more" if len(refusing) > 5 else ""
        raise OriginalsNotAllowedError(
            f"no originals of {names}{more}: leave out --original, or set `originals: true` for the"
            " camera in cameras.yaml and run `pycturestream cameras apply`"
        )
