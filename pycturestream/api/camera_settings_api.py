"""The masks, zones, lines and rules of a camera by HTTP: read, checked, written, applied.

Nothing of a camera's source is handed out, and nothing but these four keys is changed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from msgspec import to_builtins
from redis import RedisError

from pycturestream.api.access import Caller, Reader, Writer
from pycturestream.api.camera_settings_models import (
    AppliedEdit,
    CheckedEdit,
    EditableSettings,
    EditBody,
    EditedFile,
    EditForFile,
)
from pycturestream.api.picture_turns import RETRY_AFTER_S, BusyError, PictureTurns
from pycturestream.api.problems import problem, responses
from pycturestream.application.camera_editing import (
    CameraSettings,
    Snapshots,
    UnreadableCameraError,
)
from pycturestream.application.cameras import CameraChangedError
from pycturestream.config.camera_edit import (
    RULE_DEFAULTS,
    RULE_KEYS_ABOUT,
    FaultyEditError,
    edit_of,
    with_edit,
)
from pycturestream.config.camera_file import CameraFileError
from pycturestream.config.camera_yaml import (
    CameraNotInFileError,
    camera_keys_yaml,
    write_into_file,
)
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.detection import FACE
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.frames.missing import Missing
from pycturestream.errors import PyctureStreamError
from pycturestream.log.cameras import SettingsPublishError
from pycturestream.logging_setup import get_logger

Json = dict[str, Any]

FILE_NAME = Path("cameras.yaml")
"""What messages call a file that somebody sent."""
CAPTURED_AT = "X-Captured-At"
"""The header that says when a snapshot was taken, RFC 3339."""
_CONTEXT = 2
"""Unchanged lines around a change."""

_log = get_logger(__name__)
_writing = Lock()

_EDIT_ERRORS = (
    FaultyEditError,
    CameraFileError,
    CameraNotInFileError,
    CodecError,
    CameraChangedError,
    SettingsPublishError,
)


def camera_settings_paths(cameras: CameraSettings, labels: Sequence[str]) -> APIRouter:
    """Return the paths of a camera's settings; `labels` are those of the model in use."""
    router = APIRouter(
        prefix="/api/cameras/{camera_id}/settings",
        tags=["cameras"],
        responses=responses(401, 403, 404, 422, 503),
    )

    def camera_of(caller: Caller, camera_id: str) -> Camera:
        """Return the settings in force, or the defaults. Raises 403, 404 and 503."""
        check_editable(caller, camera_id)
        try:
            return cameras.camera(camera_id) or Camera(camera_id)
        except UnreadableCameraError as error:
            raise HTTPException(503, str(error)) from error

    @router.get("", response_model=EditableSettings)
    def settings(caller: Reader, camera_id: str) -> Json:
        """Get the masks, zones, lines and rules in force; of the source, nothing."""
        return _shown(camera_of(caller, camera_id), caller, labels)

    @router.post("/check", response_model=CheckedEdit)
    def check(caller: Reader, camera_id: str, body: EditBody) -> Json:
        """Check an edit as cameras.yaml is checked, and write it as YAML. Changes nothing."""
        camera = camera_of(caller, camera_id)
        try:
            edited = with_edit(camera, body.edit())
        except FaultyEditError as error:
            return {"faults": _faults(error)}
        text = camera_keys_yaml(edited)
        return {"faults": [], "yaml": text, "diff": _diff(camera_keys_yaml(camera), text)}

    @router.post("/file", response_model=EditedFile)
    def write(caller: Reader, camera_id: str, body: EditForFile) -> Response | Json:
        """Write an edit into a camera file, whose comments and other settings stay."""
        camera = camera_of(caller, camera_id)
        try:
            with _one_at_a_time():
                written = write_into_file(body.file, with_edit(camera, body.edit()), FILE_NAME)
        except _EDIT_ERRORS as error:
            return _rejected(error)
        return {
            "text": written.text,
            "diff": _diff(body.file, written.text),
            "notes": list(written.notes),
        }

    @router.post("", response_model=EditableSettings, responses=responses(409))
    def apply(caller: Writer, camera_id: str, body: AppliedEdit) -> Response | Json:
        """Put an edit into force, as `pycturestream cameras apply` does.

        409 if the settings have changed since they were loaded.
        """
        camera_of(caller, camera_id)
        edit = body.edit()
        try:
            camera = cameras.edit(camera_id, body.revision, lambda now: with_edit(now, edit))
        except _EDIT_ERRORS as error:
            return _rejected(error)
        _log.info(
            f"{caller.token.name} has changed the settings of camera {camera_id}",
            camera_id=camera_id,
            by=caller.token.name,
            revision=camera.revision,
        )
        return _shown(camera, caller, labels)

    return router


def snapshot_paths(snapshots: Snapshots, turns: PictureTurns) -> APIRouter:
    """Return the path of a camera's newest picture, which takes its turn among other pictures."""
    router = APIRouter(tags=["cameras"], responses=responses(401, 403, 404, 503))

    @router.get("/api/cameras/{camera_id}/snapshot.jpg", response_class=Response)
    async def snapshot(request: Request, caller: Reader, camera_id: str) -> Response:
        """Get the newest picture, blurred; 404 where there is none."""
        check_editable(caller, camera_id)
        try:
            # Redis may take its time: no turn is held for it.
            record = await run_in_threadpool(snapshots.record, camera_id)
            if record is None:
                return problem(404, f"camera {camera_id} has not sent a picture lately")
            newest = await turns.run(lambda: snapshots.picture(record), request.is_disconnected)
        except BusyError as error:
            return problem(503, str(error), {"Retry-After": str(RETRY_AFTER_S)})
        except (RedisError, PyctureStreamError) as error:
            _log.warning(f"no snapshot of {camera_id}: {error or type(error).__name__}")
            return problem(503, "the newest picture can't be fetched now: try again in a minute")
        if isinstance(newest, Missing):
            return problem(404, f"the newest picture of camera {camera_id} is missing: {newest}")
        if newest is None:  # whoever asked has left
            return Response()
        headers = {CAPTURED_AT: newest.captured_at}
        return Response(newest.jpeg, media_type="image/jpeg", headers=headers)

    return router


def check_editable(caller: Caller, camera_id: str) -> None:
    """Raise 403 where the token is for other cameras, and 404 for what is no camera of a file."""
    caller.check_camera(camera_id)
    if not is_camera_id(camera_id):
        raise HTTPException(404, f"{camera_id[:80]!r} is not a valid camera id")
    if is_eye_camera(camera_id):
        raise HTTPException(
            404, "this camera is a phone of the seeing aid: it has no zones, lines or rules"
        )


def _shown(camera: Camera, caller: Caller, labels: Sequence[str]) -> Json:
    return {
        "camera_id": camera.camera_id,
        "revision": camera.revision,
        "site": camera.site,
        "timezone": camera.timezone,
        "may_apply": not caller.token.read_only,
        "labels": [*labels, *([FACE] if camera.looks_for_faces else [])],
        "rule_keys": RULE_KEYS_ABOUT,
        "rule_defaults": RULE_DEFAULTS,
        "edit": to_builtins(edit_of(camera)),
    }


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Raise 503 while another file is written: a long one takes seconds of a core."""
    if not _writing.acquire(blocking=False):
        raise HTTPException(503, "another file is being written: try again in a moment")
    try:
        yield
    finally:
        _writing.release()


def _faults(error: FaultyEditError) -> list[Json]:
    return [
        {"at": [_encodable(part) for part in fault.at], "message": _encodable(fault.message)}
        for fault in error.faults
    ]


def _encodable(part: str | int) -> str | int:
    """Return what UTF-8 can encode: half a character may stand in JSON, and nowhere else."""
    return part.encode("utf-8", "replace").decode() if isinstance(part, str) else part


def _rejected(error: Exception) -> JSONResponse:
    """Return why an edit was not taken."""
    match error:
        case FaultyEditError():
            return problem(422, str(_encodable(str(error))), faults=_faults(error))
        case CameraFileError():
            return problem(422, "; ".join(error.mistakes))
        case CameraChangedError():
            return problem(409, str(error))
        case SettingsPublishError():
            _log.warning(str(error))  # names the broker, which is not for users of the API
            return problem(503, "Kafka does not answer: try again in a minute")
        case _:
            return problem(422, str(error))


def _diff(before: str, after: str) -> str:
    """Return the lines that differ, with some around them, and without names of files."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=_CONTEXT)
    return "\n".join(list(lines)[2:])
