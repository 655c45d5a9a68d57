"""The registry of models: one folder each, `models/<name>/`, described by its model.json.

models/README.md explains how to add a model.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pycturestream.config.settings import PROJECT_FOLDER, Arithmetic
from pycturestream.detector.canvas import Canvas, Canvases, FittedCanvas
from pycturestream.errors import ConfigurationError

FOLDER = PROJECT_FOLDER / "models"
DESCRIPTION = "model.json"
LABELS = "labels.txt"
SAVED_MODEL = "saved_model"
INTEGER_MODEL = "int8.tflite"
"""The same network in int8, of models that offer it."""

Score = Annotated[float, Field(gt=0, lt=1)]


class ModelError(ConfigurationError):
    """A model can't be used; the message is one line."""


class ModelDescription(BaseModel):
    """The content of model.json, with the labels of labels.txt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")
    licence: str = Field(min_length=1)
    origin: str = Field(min_length=1)
    canvas: Canvas
    canvas_step: int | None = Field(default=None, ge=1)
    """Of a model that takes any size: all sides are multiples of it. Its canvases are fitted to the
    shapes of pictures, at the area of `canvas`; without it, `canvas` is the only one."""
    arithmetics: tuple[Arithmetic, ...] = ("float32",)
    """What the model can compute in: with the SavedModel in float32, and in bfloat16 and float16 if
    they are named here; with int8.tflite in int8."""
    labels: tuple[str, ...] = Field(min_length=1)
    """The label of class n is the one at index n."""
    threshold: Score
    """The lowest score of a detection whose label has none in `thresholds`."""
    thresholds: Mapping[str, Score] = {}
    sha256: Mapping[str, str] = Field(min_length=1)
    """Checksum of each file of the SavedModel, and of int8.tflite, by its path in the folder."""

    @model_validator(mode="after")
    def _fields_fit(self) -> Self:
        unknown = set(self.thresholds) - set(self.labels)
        if unknown:
            raise ValueError(f"thresholds name labels that are not in {LABELS}: {unknown}")
        if "float32" not in self.arithmetics:
            raise ValueError("arithmetics must name float32, which is used where others fail")
        if ("int8" in self.arithmetics) != (INTEGER_MODEL in self.sha256):
            raise ValueError(
                f"arithmetics name int8 if sha256 names {INTEGER_MODEL}, and only then"
            )
        return self

    @property
    def canvases(self) -> Canvases:
        if self.canvas_step is None:
            return self.canvas
        return FittedCanvas(self.canvas.area, self.canvas_step)

    @property
    def saved_model(self) -> Path:
        return self.folder / SAVED_MODEL

    @property
    def integer_model(self) -> Path:
        return self.folder / INTEGER_MODEL

    @property
    def lowest_threshold(self) -> float:
        """The lowest score at which anything is reported."""
        return min((self.threshold, *self.thresholds.values()))

    @property
    def size(self) -> int:
        """Bytes of the SavedModel, and of int8.tflite if there is one."""
        return sum((self.folder / file).stat().st_size for file in self.sha256)

    def threshold_of(self, label: str) -> float:
        return self.thresholds.get(label, self.threshold)


def load_model(name: str, folder: Path = FOLDER) -> ModelDescription:
    """Return the description of a model whose files are complete and unchanged.

    Raises ModelError if there is no such model, or if its description or files are wrong.
    """
    if name not in model_names(folder):
        known = ", ".join(model_names(folder)) or "none"
        raise ModelError(f"there is no model {name!r}; known: {known}")
    description = read_description(folder / name)
    if description.name != name:
        raise ModelError(f"{folder / name / DESCRIPTION}: name is {description.name!r}")
    _check_files(description)
    return description


def model_names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all models, in alphabetical order."""
    return sorted(path.parent.name for path in folder.glob(f"*/{DESCRIPTION}"))


def read_description(folder: Path) -> ModelDescription:
    """Read model.json and labels.txt of a model's folder, without checking its SavedModel."""
    path = folder / DESCRIPTION
    try:
        written: dict[str, Any] = json.loads(path.read_bytes())
        labels = (folder / LABELS).read_text("utf-8").splitlines()
        return ModelDescription.model_validate({**written, "folder": folder, "labels": labels})
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, problem['loc'])) or 'model'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ModelError(f"{path}: {'; '.join(problems)}") from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: {error}") from error


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the SavedModel's files and of int8.tflite, by their paths."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / INTEGER_MODEL, *sorted((folder / SAVED_MODEL).rglob("*")))
        if path.is_file()
    }


def _check_files(description: ModelDescription) -> None:
    found = checksums(description.folder)
    for file in sorted(description.sha256.keys() | found.keys()):
        if file not in found:
            raise ModelError(f"{description.folder / file} is missing")
        if found[file] != description.sha256.get(file):
            raise ModelError(
                f"{description.folder / file} is not the file that {DESCRIPTION} describes"
                " (SHA-256 differs): restore or convert it again"
            )
