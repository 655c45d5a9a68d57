"""Reads what the topic `cameras` says of each camera now."""

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import CAMERAS
from pycturestream.log.reader import read_to_end


def known_cameras(settings: Settings) -> dict[str, bytes]:
    """Return the settings of each camera by its id, as bytes of the topic.

    Lets kafka.errors.KafkaError through.
    """
    cameras: dict[str, bytes] = {}
    for message in read_to_end(settings, CAMERAS):
        camera_id = (message.key or b"").decode("utf-8", "replace")
        if message.value is None:
            cameras.pop(camera_id, None)
        else:
            cameras[camera_id] = message.value
    return cameras
