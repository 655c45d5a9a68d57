"""Objects in view, for tests of narration."""

from pycturestream.domain.geometry import sector
from pycturestream.domain.tracking.scene import NarratedObject


def thing(
    label: str = "person",
    x: float = 0.5,
    y: float = 0.5,
    *,
    track_id: str = "",
    certainty: float = 0.8,
    approaching: bool = False,
    seen_before: bool = True,
) -> NarratedObject:
    """Return an object whose center is at x, y."""
    return NarratedObject(
        label=label,
        track_id=track_id or f"{label} {x} {y}",
        confirmed=True,
        sector=sector((x, y)),
        seen_before=seen_before,
        center=(x, y),
        certainty=certainty,
        approaching=approaching,
    )
