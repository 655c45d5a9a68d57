"""The camera of a person who uses the seeing aid: a phone, known by the person's token."""

import re

from pycturestream.domain.cameras.camera import Camera, Verbosity

EYE_SITE = "eye"
"""The site of all these cameras."""
EYE_PREFIX = "eye-"
EYE_CAMERA = re.compile(rf"{EYE_PREFIX}[0-9a-f]{{16}}")


def eye_camera_id(token_id: str) -> str:
    """Return the id of the camera that belongs to a token, so that nobody can send as another."""
    return f"{EYE_PREFIX}{token_id}"


def is_eye_camera(camera_id: str) -> bool:
    """Whether the id is one of those that belong to tokens; no file may name them."""
    return EYE_CAMERA.fullmatch(camera_id) is not None


def eye_camera(camera_id: str, sender_key: str, verbosity: Verbosity = "normal") -> Camera:
    """Return its settings: it is narrated, and raises no alerts; no picture of it is sent.

    Only frames with a proof by the token of `sender_key` are accepted.
    """
    return Camera(camera_id, site=EYE_SITE, verbosity=verbosity, sender_key=sender_key)
