"""The topic `erasures`: what is erased, written, read once, and followed.

The topic is compacted, with a key for each erasure: none takes the place of another.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.erasures import decode_erasure, encode_erasure
from pycturestream.contracts.topics import ERASURES
from pycturestream.domain.erasure import Erasure, Erasures
from pycturestream.domain.times import MINUTE_MS, Millis
from pycturestream.log.compacted_topic import read_known, write_values
from pycturestream.log.followed_topic import FollowedTopic


def publish_erasure(settings: Settings, erasure: Erasure) -> None:
    """Write an erasure, and return when the broker has acknowledged it.

    Lets kafka.errors.KafkaError through.
    """
    write_values(settings, ERASURES, {erasure.key: encode_erasure(erasure)})


def end_erasures(settings: Settings, keys: Iterable[str]) -> None:
    """End the erasures of these keys: nothing that they cover can come back any more.

    Lets kafka.errors.KafkaError through.
    """
    write_values(settings, ERASURES, dict.fromkeys(keys))


def known_erasures(settings: Settings) -> dict[str, Erasure]:
    """Return the erasures in force now, by their keys. Lets kafka.errors.KafkaError through."""
    return read_known(settings, ERASURES, apply_erasure)


def read_erasures(settings: Settings) -> Erasures:
    """Return what is erased now. Lets kafka.errors.KafkaError through."""
    return Erasures.of(known_erasures(settings).values())


class FollowedErasures(FollowedTopic[Erasure]):
    """What is erased, kept up to date in a thread.

    Whoever writes calls `require` before the first record: an erasure that was asked for earlier
    holds from the first one on.
    """

    def __init__(self, settings: Settings) -> None:
        self.known = Erasures()
        """Another value after each change."""
        super().__init__(settings, ERASURES, apply_erasure, self._replace)

    def _replace(self, known: Mapping[str, Erasure]) -> None:
        self.known = Erasures.of(known.values())


def apply_erasure(
    known: dict[str, Erasure], key: str, value: bytes | None, written_at: Millis
) -> None:
    """Apply one record of the topic. Raises CodecError for one to leave out.

    Nothing of a time to come is erased, whatever a clock says that is ahead: or nothing that the
    camera sees would be kept until then.
    """
    if value is None:
        known.pop(key, None)
        return
    erasure = decode_erasure(value)
    if erasure.key != key:
        raise CodecError(f"it is of another key: {erasure.key[:100]!a}")
    latest = written_at + MINUTE_MS
    if erasure.since >= latest:
        raise CodecError(f"since: later than it was written: {erasure.key}")
    known[key] = replace(erasure, until=min(erasure.until, latest))
