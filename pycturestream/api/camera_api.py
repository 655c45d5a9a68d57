"""Cameras by HTTP: what pages show of their settings."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter

from pycturestream.api.access import Reader
from pycturestream.api.models import ListedCamera
from pycturestream.api.problems import responses
from pycturestream.domain.cameras.camera import Camera, Rule, Zone
from pycturestream.domain.cameras.eye import is_eye_camera

Json = dict[str, Any]

CurrentCameras = Callable[[], Mapping[str, Camera]]
"""Returns the settings of each camera by its id. Lets kafka.errors.KafkaError through."""


def camera_paths(current_cameras: CurrentCameras) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/cameras", tags=["cameras"], responses=responses(401, 503))

    @router.get("", response_model=list[ListedCamera])
    def cameras(caller: Reader) -> list[Json]:
        """List the cameras that have settings and that the token is for, without their sources.

        Phones of the seeing aid are not among them: what they see is for one person.
        """
        return [
            camera_record(camera)
            for camera_id, camera in sorted(current_cameras().items())
            if caller.token.covers(camera_id) and not is_eye_camera(camera_id)
        ]

    return router


def camera_record(camera: Camera) -> Json:
    """Return what pages show of a camera's settings: no address and no key."""
    return {
        "camera_id": camera.camera_id,
        "site": camera.site,
        "setting": camera.setting,
        "timezone": camera.timezone,
        "zones": _polygons(camera.zones),
        "lines": {line.name: line.edge for line in camera.lines},
        "masks": _polygons(camera.masks),
        "rules": [_rule(rule) for rule in camera.rules],
        "annotated": camera.annotated,
        "archive": camera.archive is not None,
        "originals": camera.originals,
    }


def _polygons(zones: tuple[Zone, ...]) -> Json:
    return {zone.name: zone.polygon for zone in zones}


def _rule(rule: Rule) -> Json:
    return {
        "name": rule.name,
        "about": rule.about,
        "labels": rule.labels,
        "zones": rule.zones,
        "level": rule.level,
    }
