"""What the log of results says of frames that were looked at."""

import msgspec

from pycturestream.admission import Place
from pycturestream.records import read_detections
from pycturestream.settings import Settings
from pycturestream.times import Millis
from pycturestream.topics import DETECTIONS, FRAMES
from pycturestream.understanding import FrameDetections
from stores.log_reader import read_to_end

MARGIN_MS = 10_000
"""The frame that was received first is not always the first one that is handed out."""


def detections_since(settings: Settings, received_at: Millis) -> dict[Place, FrameDetections]:
    """Return what was found in the live frames that were received since then, by their place.

    Their digests are empty: records don't tell them. Lets kafka.errors.KafkaError through.
    """
    results = {}
    for message in read_to_end(settings, DETECTIONS, since=received_at - MARGIN_MS):
        record = msgspec.json.decode(message.value)
        if record["picture"]["topic"] == FRAMES:
            found = read_detections(record)
            results[found.frame.place] = found
    return results
