"""Pictures by HTTP, blurred, by the ids of their frames."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from pycturestream.api.access import Reader
from pycturestream.api.models import RunName
from pycturestream.api.picture_turns import RETRY_AFTER_S, BusyError, PictureTurns
from pycturestream.api.problems import problem, responses
from pycturestream.application.shown_pictures import (
    NoRecordError,
    PictureMissingError,
    ShownPictures,
)
from pycturestream.archive.storage import StorageError
from pycturestream.blur.faces import FaceModelError
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.frame import LIVE, parse_frame_id
from pycturestream.logging_setup import get_logger

WIDTHS: Final = (16, 4_096)
_PROBLEMS = (BusyError, NoRecordError, PictureMissingError, StorageError, FaceModelError)

_log = get_logger(__name__)


def picture_paths(shown: ShownPictures, turns: PictureTurns) -> APIRouter:
    """Return the path of a picture."""
    router = APIRouter(tags=["pictures"])

    @router.get("/api/pictures/{frame_id}.jpg", response_class=Response, responses=_RESPONSES)
    async def picture(
        request: Request,
        caller: Reader,
        frame_id: str,
        run: RunName = LIVE,
        width: Annotated[int | None, Query(ge=WIDTHS[0], le=WIDTHS[1])] = None,
        *,
        annotated: bool = False,
    ) -> Response:
        """Return the picture of a frame, with the heads of people covered.

        `width`: at most so many pixels wide. `annotated`: what was found is drawn on it.
        """
        try:
            camera_id, _ = parse_frame_id(frame_id)
        except ValueError:
            return problem(404, "no such frame: a frame id is like gate_20261121T090000125Z")
        caller.check_camera(camera_id)
        if is_eye_camera(camera_id):
            return problem(403, "pictures of people who use the seeing aid are shown to nobody")
        try:
            jpeg = await turns.run(
                lambda: shown.jpeg(frame_id, run, width, annotated=annotated),
                request.is_disconnected,
            )
        except _PROBLEMS as error:
            return _problem(error)
        # Nobody reads what is returned to who has left.
        return Response(jpeg or b"", media_type="image/jpeg")

    return router


def _problem(error: Exception) -> JSONResponse:
    match error:
        case PictureMissingError():
            return problem(410, str(error), reason=str(error.missing))
        case NoRecordError():
            return problem(404, str(error))
        case BusyError():
            return problem(503, str(error), {"Retry-After": str(RETRY_AFTER_S)})
        case StorageError():
            _log.warning(str(error))
            detail = "the archive does not answer: try again in a minute"
            return problem(503, detail, {"Retry-After": "60"})
        case _:
            _log.error(str(error))
            return problem(503, "no picture can be blurred: see the log of `pycturestream serve`")


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
    **responses(401, 403, 404, 410, 422, 503),
}
