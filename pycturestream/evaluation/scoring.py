"""Scores of a tracker by the measures of the field, made by the library `motmetrics`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import motmetrics
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pycturestream.evaluation.ground_truth import Truth, TruthBox
from pycturestream.evaluation.tracker import Identified

SAME_IOU = 0.5
"""A box shows a person when they overlap by this much, as everywhere in the MOT Challenge."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a tracker did; docs/evaluation.md explains each figure.

    A share of nothing (precision without any result) is not a number.
    """

    mota: float
    motp: float
    """Mean intersection over union of the boxes that show a person."""
    idf1: float
    precision: float
    recall: float
    switches: int
    people: int
    """Different people in the truth ..."""
    identities: int
    """... and in the tracker's results."""
    count_error: float
    """Mean over the frames of the difference between tracked and true number of people."""
    frames: int


def score(
    truth: Truth, tracked: Mapping[int, Sequence[Identified]], frames: Sequence[int]
) -> Scores:
    """Score a tracker's results for these frames, in their order."""
    accumulator = motmetrics.MOTAccumulator()
    people: set[int] = set()
    numbers: dict[str, int] = {}  # the library takes numbers only as identities
    count_errors: list[int] = []
    for frame in frames:
        present, sightings = _scored(truth.get(frame, ()), tracked.get(frame, ()))
        distances = 1 - _overlaps(present, sightings)
        accumulator.update(
            [box.person for box in present],
            [numbers.setdefault(sighting.identity, len(numbers)) for sighting in sightings],
            np.where(distances > 1 - SAME_IOU, np.nan, distances),
            frameid=frame,
        )
        people.update(box.person for box in present)
        count_errors.append(abs(len(present) - len(sightings)))
    figures = _figures(accumulator)
    return Scores(
        mota=figures["mota"],
        motp=1 - figures["motp"],
        idf1=figures["idf1"],
        precision=figures["precision"],
        recall=figures["recall"],
        switches=int(figures["num_switches"]),
        people=len(people),
        identities=len(numbers),
        count_error=fmean(count_errors),
        frames=len(frames),
    )


def _figures(accumulator: Any) -> dict[str, float]:
    names = ["mota", "motp", "idf1", "precision", "recall", "num_switches"]
    # For empty frames the library divides by zero, on purpose.
    with np.errstate(divide="ignore", invalid="ignore"):
        table = motmetrics.metrics.create().compute(accumulator, metrics=names)
    return {name: float(table[name].iloc[0]) for name in names}


def _scored(
    present: Sequence[TruthBox], sightings: Sequence[Identified]
) -> tuple[list[TruthBox], list[Identified]]:
    """Return what counts: without boxes that don't count and the results that match them."""
    overlaps = _overlaps(present, sightings)
    overlaps[overlaps < SAME_IOU] = 0
    rows: Any
    columns: Any
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    excused = {
        int(column)
        for row, column in zip(rows, columns, strict=True)
        if overlaps[row, column] > 0 and not present[row].counts
    }
    return (
        [box for box in present if box.counts],
        [sighting for index, sighting in enumerate(sightings) if index not in excused],
    )


def _overlaps(present: Sequence[TruthBox], sightings: Sequence[Identified]) -> NDArray[np.float64]:
    """Return intersection over union, [boxes of the truth, sightings]."""
    return np.array([[b.box.iou(s.box) for s in sightings] for b in present], float).reshape(
        len(present), len(sightings)
    )
