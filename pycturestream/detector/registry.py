"""The registry of models: one folder each, `models/<name>/`, described by its model.json.

models/README.md explains how to add a model.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.canvas import Canvas
from pycturestream.errors import ConfigurationError

FOLDER = PROJECT_FOLDER / "models"
DESCRIPTION = "model.json"
LABELS = "labels.txt"
SAVED_MODEL = "saved_model"

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
    labels: tuple[str, ...] = Field(min_length=1)
    """The label of class n is the one at index n."""
    threshold: Score
    """The lowest score of a detection whose label has none in `thresholds`."""
    thresholds: Mapping[str, Score] = {}
    sha256: Mapping[str, str] = Field(min_length=1)
    """Checksum of each file of the SavedModel, by its path in the folder."""

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        unknown = set(self.thresholds) - set(self.labels)
        if unknown:
            raise ValueError(f"thresholds name labels that are not in {LABELS}: {unknown}")
        return self

    @property
    def saved_model(self) -> Path:
        return self.folder / SAVED_MODEL

    @property
    def size(self) -> int:
        """Bytes of the SavedModel."""
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
    """Return the SHA-256 of each file of the folder's SavedModel, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / SAVED_MODEL).rglob("*"))
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
