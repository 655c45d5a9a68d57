"""The record of `cameras`: the settings of one camera, encoded as `Camera` has them.

The bounds of single values are part of the types in `domain.cameras.camera` and `schedule`; both
this decoder and `config.camera_entry` go by them. What takes more than a bound is checked here,
since a job and producers would fail on it later.
"""

from collections.abc import Iterator
from itertools import chain

import msgspec

from pycturestream.contracts.codec import CodecError, decode_json, encode_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.geometry import fault_of
from pycturestream.domain.times import time_zone

PARTS_LIMIT = 500
"""Zones, masks, lines and rules."""
POINTS_LIMIT = 10_000
NAME_LIMIT = 1_000

_DECODER = msgspec.json.Decoder(Camera)


def encode_camera(camera: Camera) -> bytes:
    return encode_record(camera)


def decode_camera(data: bytes, camera_id: str | None = None) -> Camera:
    """Return the settings of a camera; its id must be `camera_id`, where one is given.

    Raises CodecError for bytes that are no such settings.
    """
    camera = decode_json(_DECODER, data)
    if camera_id is not None and camera.camera_id != camera_id:
        raise CodecError(f"camera_id: {camera.camera_id[:80]!a}, expected {camera_id!r}")
    if fault := next(_faults(camera), None):
        raise CodecError(fault)
    return camera


def decode_camera_or_default(data: bytes | None, camera_id: str) -> Camera:
    """Return a camera's settings; the defaults where there are none, or they can't be read."""
    try:
        return decode_camera(data or b"", camera_id)
    except CodecError:
        return Camera(camera_id)


def _faults(camera: Camera) -> Iterator[str]:
    if not is_camera_id(camera.camera_id):
        yield f"camera_id: {camera.camera_id[:80]!a} can't name a camera"
    areas = (*camera.zones, *camera.masks, *camera.motion.region)
    # Every frame is compared with each of them, and every record may name them.
    names = [area.name for area in areas]
    names += [line.name for line in camera.lines] + [rule.name for rule in camera.rules]
    if len(names) > PARTS_LIMIT or any(len(name) > NAME_LIMIT for name in names):
        yield f"must have at most {PARTS_LIMIT} parts, with names of {NAME_LIMIT} characters"
    points = [point for area in areas for point in area.polygon]
    points += [point for line in camera.lines for point in line.edge]
    if len(points) > POINTS_LIMIT or any(not -1 <= each <= 2 for each in chain(*points)):
        yield f"must have at most {POINTS_LIMIT} points, and all of them in the picture"
    yield from _faults_of_time_zone("timezone", camera.timezone)
    for rule in camera.rules:
        for zone_name in filter(None, (period.timezone for period in rule.schedule)):
            yield from _faults_of_time_zone(f"{rule.name}: schedule: timezone", zone_name)
    # A mask that covers nothing would show what must not be seen. Zones of older programs may
    # cross themselves; only one without corners has no meaning at all.
    for zone in (*camera.masks, *camera.motion.region):
        if fault := fault_of(zone.polygon):
            yield f"{zone.name}: {fault}"
    for zone in camera.zones:
        if len(zone.polygon) < 3:
            yield f"{zone.name}: must have at least 3 corners"


def _faults_of_time_zone(key: str, name: str) -> Iterator[str]:
    try:
        time_zone(name)
    except ValueError:
        yield f"{key}: {name[:80]!a} is unknown"
