"""The data contracts as JSON Schemas (2020-12), one file per kind of record."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

NAMES = (
    "detections",
    "counts",
    "alerts",
    "narrations",
    "camera-events",
    "cameras",
    "attention",
    "alert-commands",
    "erasures",
    "archived",
    "alert-events",
)
"""The kinds of record that have a schema; each is also the name of its topic."""


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema of one kind of record, such as `detections`."""
    if name not in NAMES:
        raise ValueError(f"no schema is called {name}; there are {', '.join(NAMES)}")
    text = (files(__name__) / f"{name}.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
