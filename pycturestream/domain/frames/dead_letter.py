"""What is kept of a rejected record: a dead letter, and a camera event.

A dead letter holds bytes that nobody has checked, so that all of them together may be more than a
producer or a broker takes. `keep` is the one place that decides how much of them is kept.
"""

from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.admission import Rejected
from pycturestream.domain.frames.masked_bytes import LEFT_OUT

BYTE_LIMIT = 2 * 1024 * 1024
"""Of a dead letter as a whole, as producers count it: uncompressed."""
VALUE_LIMIT = BYTE_LIMIT - 64 * 1024
"""Of its value; more than a picture or a record of a legacy client may have."""
KEY_LIMIT = 1024
"""Of its key: a camera id has 64 bytes, and of anything else the beginning shows what it was."""


class DeadLetter(Struct, frozen=True):
    """A rejected record on its way to the topic of dead letters, with its original bytes."""

    rejected: Rejected
    key: bytes | None
    value: bytes | None
    cut: dict[str, str] = {}
    """What was cut off, as headers say it."""

    @classmethod
    def of(
        cls, rejected: Rejected, key: bytes | None, value: bytes | None, *, may_mask: bool
    ) -> "DeadLetter":
        """Return the dead letter of a record; without its bytes where they `may_mask` something.

        Size and hash still identify them.
        """
        if may_mask and value:
            return cls(replace(rejected, left_out=LEFT_OUT), key, None)
        return cls(rejected, key, value)


def keep(letter: DeadLetter) -> DeadLetter:
    """Return a dead letter that fits into its topic: of what does not fit, the beginning.

    Its headers then say how much was kept of the value, and the size and digest of the key; those
    of the value are in every dead letter. A letter that was cut before stays as it is.
    """
    key, value = letter.key, letter.value
    cut: dict[str, str] = {}
    if key is not None and len(key) > KEY_LIMIT:
        cut |= {"key_size": str(len(key)), "key_sha256": sha256(key).hexdigest()}
        key = key[:KEY_LIMIT]
    if value is not None and len(value) > VALUE_LIMIT:
        cut |= {"kept": str(VALUE_LIMIT)}
        value = value[:VALUE_LIMIT]
    return replace(letter, key=key, value=value, cut=letter.cut | cut) if cut else letter


def without_bytes(letter: DeadLetter) -> DeadLetter:
    """Return a dead letter without key and value, for a broker that takes less than it should."""
    return replace(letter, key=None, value=None, cut=letter.cut | {"kept": "0"})


def dead_letter_headers(
    rejected: Rejected, cut: Mapping[str, str] | None = None
) -> Mapping[str, bytes]:
    """Return the Kafka headers of the dead letter; `cut` is what was cut off of it."""
    headers = {
        "reason": rejected.reason,
        "detail": rejected.detail,
        "size": str(rejected.size),
        "sha256": rejected.sha256,
        "topic": rejected.place.topic,
        "partition": str(rejected.place.partition),
        "offset": str(rejected.place.offset),
        "received_at": str(rejected.received_at),
        **(cut or {}),
    }
    if rejected.left_out:
        headers["left_out"] = rejected.left_out
    return {name: text.encode() for name, text in headers.items()}


def dead_letter_event(rejected: Rejected) -> CameraEvent:
    """Return the event that remains when the dead letter has expired."""
    place = rejected.place
    return CameraEvent(
        rejected.camera_id,
        rejected.received_at,
        "dead_letter",
        f"{rejected.reason}: {rejected.detail}; {rejected.size} bytes, sha256 {rejected.sha256}, "
        f"{place.topic}[{place.partition}]@{place.offset}",
        f"{place.topic}-{place.partition}-{place.offset}",
    )
