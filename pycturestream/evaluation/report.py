"""A page about a model's results that needs no other file: the figures and the worst pictures."""

from base64 import b64encode
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import jinja2

from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import CommandError
from pycturestream.evaluation.model_evaluation import ModelResult, WorstPicture
from pycturestream.pixels import encode_anew

_TEXT_ENDS_FROM = 0.75
"""Of the width of a picture: the longest label with its score takes about a quarter."""
_GAP = 6
"""Between a box and its text, in thousandths of the width."""
_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("pycturestream.evaluation"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_page(path: Path, result: ModelResult, title: str, pixel_limit: int) -> None:
    """Write the page; a reader never sees half of it. Raises CommandError."""
    page = render_page(result, title, pixel_limit)
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(page)
        Path(file.name).replace(path)
    except OSError as error:
        raise CommandError(f"{path}: can't be written: {error.strerror}") from error


def render_page(result: ModelResult, title: str, pixel_limit: int) -> str:
    """Return the HTML page about a model's results."""
    return _TEMPLATES.get_template("model.html.j2").render(
        title=title,
        result=result,
        worst=[_picture(worst, pixel_limit) for worst in result.worst],
    )


def _picture(worst: WorstPicture, pixel_limit: int) -> dict[str, Any]:
    """Return what the page shows of a picture; boxes in thousandths of its width."""
    picture, agreement = worst.result.picture, worst.result.matched
    height = 1000 * picture.size.height / picture.size.width
    detections = [
        {"kind": grade, "text": f"{each.label} {each.score:.2f}", **_place(each.box, height)}
        for each, grade in agreement.detections
    ]
    missed = [
        {"kind": "missed", "text": box.label, **_place(box.box, height)} for box in agreement.missed
    ]
    truth = [
        {
            "kind": "truth" if box.counts else "uncounted",
            "text": "",
            **_place(box.box, height),
        }
        for box in picture.boxes
        if box not in agreement.missed
    ]
    return {
        "name": picture.name,
        "height": height,
        "right": agreement.right,
        "false": agreement.false,
        "missed": len(agreement.missed),
        "jpeg": b64encode(encode_anew(worst.jpeg, pixel_limit)).decode(),
        "boxes": truth + missed + detections,
    }


def _place(box: BoundingBox, height: float) -> dict[str, float | str]:
    # Text begins at the left edge, or near the right border of the picture ends at the right one.
    at_end = box.x_min > _TEXT_ENDS_FROM
    return {
        "text_at": 1000 * min(box.x_max, 1.0) - _GAP if at_end else 1000 * max(box.x_min, 0) + _GAP,
        "anchor": "end" if at_end else "start",
        "left": 1000 * box.x_min,
        "top": height * box.y_min,
        "width": 1000 * box.width,
        "height": height * box.height,
    }
