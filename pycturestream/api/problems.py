"""Errors as `application/problem+json` (RFC 9457): one sentence that says what to do.

Whoever asks for a page gets one that says the same.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

import elasticsearch
import kafka.errors
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException as AnyHTTPException

from pycturestream.application.alerts import AlertNotFoundError, NotFoundError
from pycturestream.domain.search.words import WordsError
from pycturestream.logging_setup import get_logger

STORE_ERRORS = (
    elasticsearch.ApiError,
    elasticsearch.TransportError,
    kafka.errors.KafkaError,
    TimeoutError,
)
"""What a store raises that does not answer or rejects a request."""

PageOf = Callable[[Request, int, str, Mapping[str, str] | None], Response | None]
"""Returns an error (status, sentence, headers) as a page, for who asks for one; else None."""

QUIET_S: Final = 60.0
"""How long a sentence is not logged again: open pages ask several times a minute."""

_log = get_logger(__name__)


class Problem(BaseModel):
    """An error as defined by RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any
) -> JSONResponse:
    """Return a response that says what is wrong and what to do; `members` are for programs."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    content = body.model_dump() | members
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def responses(*statuses: int, body: type[Problem] = Problem) -> dict[int | str, dict[str, Any]]:
    """Return the errors of a path for the OpenAPI document."""
    content = {"application/problem+json": {"schema": body.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def add_problems(app: FastAPI, page_of: PageOf) -> None:
    """Make every error of the application a problem, or a page where one is asked for."""
    logged_at: dict[str, float] = {}

    def answer(
        request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        return page_of(request, status, detail, headers) or problem(status, detail, headers)

    @app.exception_handler(AnyHTTPException)
    def rejected(request: Request, error: AnyHTTPException) -> Response:
        return answer(request, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, 422, "; ".join(map(_fault, error.errors())))

    @app.exception_handler(WordsError)
    def unreadable(_request: Request, error: WordsError) -> JSONResponse:
        return problem(422, f"{error.name}: {error}")

    @app.exception_handler(NotFoundError)
    def not_found(request: Request, error: NotFoundError) -> Response:
        is_alert = isinstance(error, AlertNotFoundError)
        hint = ": GET /api/alerts lists them" if is_alert else ""
        return answer(request, 404, f"{error}{hint}")

    def store_away(request: Request, error: Exception) -> Response:
        sentence, at = store_sentence(error), monotonic()
        if at - logged_at.get(sentence, -QUIET_S) >= QUIET_S:
            _log.warning(sentence)
            logged_at[sentence] = at
        return answer(request, 503, sentence, {"Retry-After": "60"})

    @app.exception_handler(Exception)
    def failed(request: Request, _error: Exception) -> Response:
        # The server logs the error itself.
        return answer(request, 500, "internal error: see the log of `pycturestream serve`")

    for kind in STORE_ERRORS:
        app.add_exception_handler(kind, store_away)


def store_sentence(error: Exception) -> str:
    """Return a sentence for users of the API, who must not see addresses of servers."""
    name = "Kafka" if isinstance(error, kafka.errors.KafkaError | TimeoutError) else "Elasticsearch"
    return f"{name} does not answer: try again in a minute"


def _fault(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"][1:]) or "request"
    return f"{place}: {error['msg']}"
