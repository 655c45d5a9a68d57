"""The paths of the seeing aid: its page, its labels, and the socket of its gateway."""

import mimetypes
import unicodedata
from functools import cache
from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from msgspec import Struct
from starlette.websockets import WebSocket

from pycturestream.api.access import is_own_page
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelError, read_description
from pycturestream.languages.catalog import LANGUAGES, is_known
from pycturestream.languages.phrases import noun
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)

FOLDER = Path(__file__).parent / "eye"
"""The page as the browser gets it."""
_PAGE = "index.html"
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


class LabelWord(Struct, frozen=True):
    """A label that can be found, and its word in a language."""

    label: str
    word: str


def eye_pages(app: FastAPI, gateway: EyeGateway) -> None:
    """Add the paths. None of them needs a token but the socket, whose first message has it."""
    # What the system's own table says differs from one machine to the next.
    for ending, kind in _TYPES.items():
        mimetypes.add_type(kind, ending)

    @app.get("/eye", include_in_schema=False)
    def page() -> FileResponse:
        if not (FOLDER / _PAGE).is_file():
            raise HTTPException(404, "this installation has no page of the seeing aid")
        return FileResponse(FOLDER / _PAGE, media_type="text/html")

    @app.get("/eye/labels/{language}", include_in_schema=False)
    def labels(language: str) -> list[dict[str, str]]:
        if not is_known(language):
            raise HTTPException(404, f"no such language; there are {', '.join(LANGUAGES)}")
        try:
            found = label_words(language, _labels(gateway.settings))
        except ModelError as error:
            _log.error(str(error))
            raise HTTPException(503, "the labels of the model can't be read now") from error
        return [{"label": each.label, "word": each.word} for each in found]

    @app.websocket("/eye/socket")
    async def socket(websocket: WebSocket) -> None:
        if is_own_page(websocket):
            await gateway.serve(websocket)
        else:
            await websocket.close()  # before it was accepted: 403

    app.mount("/eye", StaticFiles(directory=FOLDER, html=True, check_dir=False))


@cache
def label_words(language: str, labels: tuple[str, ...]) -> tuple[LabelWord, ...]:
    """Return the labels with their words, in the order of a dictionary."""
    words = (LabelWord(label, noun(label, language)) for label in labels)
    return tuple(sorted(words, key=lambda each: (_without_accents(each.word), each.label)))


def _without_accents(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def _labels(settings: Settings) -> tuple[str, ...]:
    """Return what the model can find."""
    return read_description(settings.model_folder / settings.model).labels
