"""How much is measured: numbers that trade time for certainty."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each measurement takes."""

    rounds: int
    """How often the ways are run in turn: the machine's speed drifts, their ratio less."""
    frames: int
    """Of each way and round."""
    warm_frames: int
    """The first of them are left out: caches fill, Java compiles, and what was fetched while
    the model loaded costs nothing later."""
    float32_frames: int
    """Of the bare loop in float32, which is slow, and needs few."""
    loaded_anew: int
    """Frames for which the model is loaded anew; each takes seconds."""
    settle_s: float
    """The first seconds of each load are left out."""
    listen_s: float
    """The seconds that count."""
    cameras: tuple[int, ...]
    """Numbers of cameras for the operators after detection, in turn."""
    watched_s: int
    """For how long each of them is, at least; tracks are known by then, and windows open."""
    searched_records: int
    """Of an index that is filled and searched."""
    seen_every_minutes: int
    """Of a month whose counts are drawn: each camera is seen in one minute of so many."""


FULL = Plan(
    rounds=3,
    frames=1_600,
    warm_frames=400,
    float32_frames=400,
    loaded_anew=3,
    settle_s=10,
    listen_s=45,
    cameras=(100, 1_000, 5_000),
    watched_s=10,
    searched_records=1_000_000,
    seen_every_minutes=5,
)
"""The better part of an hour on two cores.

45 s hold four checkpoints, and Java is warm after 400 frames.
"""
QUICK = Plan(
    rounds=1,
    frames=640,
    warm_frames=240,
    float32_frames=128,
    loaded_anew=2,
    settle_s=5,
    listen_s=15,
    cameras=(100, 1_000),
    watched_s=10,
    searched_records=50_000,
    seen_every_minutes=100,
)
"""Fifteen to twenty minutes: for a developer who wants to see the order of magnitude."""

CAMERAS = 8
"""As many as topic `frames` has partitions."""
OVERLOAD = 3.0
"""Times the throughput of a replay: far too much."""
SHARES = (0.5, 0.8)
"""Of the capacity of live mode: low load, and nearly full."""
SEED = 1
"""Of the moments at which the cameras take their pictures."""
