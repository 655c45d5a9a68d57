"""Which kinds of objects each camera saw most of."""

from collections.abc import Iterable

from msgspec import Struct

from pycturestream.domain.reports.tallies import LabelTally


class CommonLabel(Struct, frozen=True):
    """The different objects of one label at one camera."""

    camera_id: str
    label: str
    different: int
    share: float
    """Of all different objects that are listed of the camera, 0..1."""


def common_labels(tallies: Iterable[LabelTally]) -> list[CommonLabel]:
    """Return the labels of each camera, the most common first; those never seen are left out."""
    found = [tally for tally in tallies if tally.different]
    sums: dict[str, int] = {}
    for tally in found:
        sums[tally.camera_id] = sums.get(tally.camera_id, 0) + tally.different
    labels = (
        CommonLabel(one.camera_id, one.label, one.different, one.different / sums[one.camera_id])
        for one in found
    )
    return sorted(labels, key=lambda one: (one.camera_id, -one.different, one.label))
