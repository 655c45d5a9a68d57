"""What a record of `detections` says, in a few words: for tables, captions, CSV and pages."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pycturestream.domain.detection import PERSON
from pycturestream.languages.phrases import counted

Json = Mapping[str, Any]


def seen(record: Json) -> str:
    """Return the label counts of a detections record, largest first: `person 2, car 1`."""
    return _in_words({item["label"]: item["count"] for item in record["label_counts"]})


def in_view(record: Json) -> str:
    """Return the same with the objects that are hidden in its frame."""
    counts = Counter({item["label"]: item["count"] for item in record["label_counts"]})
    counts.update(item["label"] for item in record.get("hidden", ()))
    return _in_words(counts)


def _in_words(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{label} {count}" for label, count in ordered) or "nothing"


def counted_labels(counts: Mapping[str, int], language: str) -> str:
    """Return counts of labels for people, what there is most of first: `2 people, 2 cars`."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0] != PERSON, item[0]))
    return ", ".join(counted(label, count, language) for label, count in ordered)


def threats(record: Json) -> str:
    """Return the rules that a detections record broke, with their levels."""
    return ", ".join(f"{threat['rule']} ({threat['level']})" for threat in record["threats"])
