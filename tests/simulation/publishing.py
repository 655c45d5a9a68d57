"""The log that producers and the broker make of a world's pictures, with all that goes wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from pycturestream.contracts import topics
from pycturestream.domain.frames.admission import NO_CAMERA, Arrival, Place
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis
from tests.simulation.world import WIDTH, Scenery, World, picture

PARTITIONS = 3
BYTE_LIMIT = 1_000
MIN_SIDE = 32
PIXEL_LIMIT = 640 * 480


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What goes wrong on the way: shares of all pictures."""

    repeats: float = 0.0
    """Sent again soon after, because an acknowledgement was lost."""
    outages: float = 0.0
    """Begin a time in which nothing comes through; pictures taken in it come afterwards."""
    overtaken: float = 0.0
    """Arrive after pictures that were taken later."""
    broken: float = 0.0
    """Followed by a record that is no usable picture."""


@dataclass(frozen=True, slots=True)
class Log:
    """The records of topic `frames` or `frames.replay`, by partition and offset."""

    topic: str
    partitions: tuple[tuple[Arrival, ...], ...]
    originals: Mapping[str, frozenset[Place]]
    """Camera to the first position of each of its pictures."""
    repeats: Counter[str]
    """Camera to how many records repeat an earlier one."""
    dead_letters: Mapping[str, Counter[str]]
    """Camera to how many records can't be used, by the reason."""

    @property
    def begins_at(self) -> Millis:
        """Return when the first record arrived."""
        return min(partition[0].received_at for partition in self.partitions if partition)

    @property
    def records(self) -> Counter[str]:
        """Return how many records each camera has, of any kind."""
        numbers = Counter({camera: len(places) for camera, places in self.originals.items()})
        numbers.update(self.repeats)
        for camera, reasons in self.dead_letters.items():
            numbers[camera] += reasons.total()
        return numbers


@dataclass(frozen=True, slots=True)
class _Message:
    """A record on its way to the broker."""

    due_at: Millis
    kind: str
    """`original`, `repeat`, or the reason why it can't be used."""
    key: bytes | None
    value: bytes | None
    captured_at: bytes | None
    sent_at: bytes | None = None


def publish(world: World, mode: Mode, disturbance: Disturbance, chance: Random) -> Log:
    """Return the log that a world's cameras fill; history may be published faster than life."""
    speed = chance.choice((1, 10, 100)) if mode == "replay" else 1
    start = min(scenery.shots[0] for scenery in world.sceneries)
    arriving: list[list[tuple[Millis, _Message]]] = [[] for _ in range(PARTITIONS)]
    for scenery in world.sceneries:
        partition = arriving[chance.randrange(PARTITIONS)]
        latency_ms = chance.randrange(5, 300)
        for message in _messages(scenery, mode, disturbance, chance):
            at = start + (message.due_at - start) // speed + latency_ms
            ours = message.key == scenery.camera.camera_id.encode()
            (partition if ours else chance.choice(arriving)).append((at, message))
    return _append(topics.FRAMES_REPLAY if mode == "replay" else topics.FRAMES, arriving)


def _append(topic: str, arriving: Iterable[list[tuple[Millis, _Message]]]) -> Log:
    """Return what the broker keeps: each partition in the order of arrival."""
    partitions = []
    originals: dict[str, frozenset[Place]] = {}
    repeats: Counter[str] = Counter()
    dead_letters: dict[str, Counter[str]] = {}
    for number, messages in enumerate(arriving):
        arrivals = []
        for offset, (at, message) in enumerate(sorted(messages, key=lambda pair: pair[0])):
            place = Place(topic, number, offset)
            arrivals.append(
                Arrival(place, at, message.key, message.value, message.captured_at, message.sent_at)
            )
            camera_id = (message.key or b"").decode("utf-8", "replace")
            if message.kind == "original":
                originals[camera_id] = originals.get(camera_id, frozenset()) | {place}
            elif message.kind == "repeat":
                repeats[camera_id] += 1
            else:
                known = NO_CAMERA if message.kind == "bad-camera-id" else camera_id
                dead_letters.setdefault(known, Counter())[message.kind] += 1
        partitions.append(tuple(arrivals))
    return Log(topic, tuple(partitions), originals, repeats, dead_letters)


def _messages(
    scenery: Scenery, mode: Mode, disturbance: Disturbance, chance: Random
) -> Iterable[_Message]:
    """Yield what a camera's producer sends, in any order."""
    camera_id, clock_off_ms = scenery.camera.camera_id, scenery.clock_off_ms
    silent_until = 0
    for at in scenery.shots:
        if chance.random() < disturbance.outages:
            silent_until = max(silent_until, at + chance.randrange(500, 20_000))
        delay_ms = _delay_ms(chance) if chance.random() < disturbance.overtaken else 0
        due_at = max(at, silent_until) + delay_ms
        # What waits in the producer knows how old it is; what waits on the way does not.
        sent_at = due_at if chance.random() < 0.8 else at
        headers = (
            (b"%d" % at,)
            if mode == "replay"
            else (b"%d" % (at + clock_off_ms), b"%d" % (sent_at + clock_off_ms))
        )
        record = (camera_id.encode(), picture(camera_id, at), *headers)
        yield _Message(due_at, "original", *record)
        if chance.random() < disturbance.repeats:
            for _ in range(chance.choice((1, 1, 3))):
                yield _Message(due_at + chance.randrange(1, 3_000), "repeat", *record)
        if chance.random() < disturbance.broken:
            reason, key, value, captured_at = chance.choice(_broken(camera_id, at))
            yield _Message(due_at, reason, key, value, captured_at)


def _delay_ms(chance: Random) -> int:
    return chance.randrange(1, chance.choice((1_000, 1_000, 10_000, 150_000)))


def _broken(
    camera_id: str, at: Millis
) -> list[tuple[str, bytes | None, bytes | None, bytes | None]]:
    """Return records of every kind that can't be used: reason, key, value, header."""
    key, good, time = camera_id.encode(), picture(camera_id, at), b"%d" % at
    return [
        ("bad-camera-id", None, good, time),
        ("bad-camera-id", b"\xff\xfe", good, time),
        ("bad-camera-id", b"../" + key, good, time),
        ("bad-timestamp", key, good, None),
        ("bad-timestamp", key, good, b"yesterday"),
        ("not-an-image", key, None, time),
        ("not-an-image", key, b"a picture", time),
        ("not-jpeg", key, b"GIF89a", time),
        ("detector-failed", key, good.replace(b"|", b""), time),
        ("truncated", key, good[:-2], time),
        ("too-large", key, good + bytes(BYTE_LIMIT), time),
        ("too-small", key, picture(camera_id, at, WIDTH, MIN_SIDE - 1), time),
        (
            "too-many-pixels",
            key,
            picture(camera_id, at, PIXEL_LIMIT // MIN_SIDE + 1, MIN_SIDE),
            time,
        ),
    ]
