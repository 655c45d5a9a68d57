"""The guard in front of the decoder admits what the decoder shows, and no picture of another size.

`--records` tries more of them.
"""

from collections import Counter

import cv2
import numpy as np

from pycturestream.domain.frames.jpeg import JpegHeader, read_header
from pycturestream.domain.frames.rejection import Rejection
from tests.unit.fuzz.odd_jpegs import odd_picture, originals

COSTLY = ("arithmetic coding", "lossless or hierarchical", "more than")
"""How the details of those begin that are rejected for what they may cost."""


def shown(jpeg: bytes) -> np.ndarray | None:
    """Return the pixels that the decoder shows, if it shows any."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        return cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    except cv2.error:  # more pixels than it takes
        return None


def judged(jpeg: bytes) -> JpegHeader | Rejection:
    try:
        return read_header(jpeg)
    except Rejection as rejection:
        return rejection


def fault_of(seed: int) -> str:
    """Return how guard and decoder disagree about a picture; empty where they agree."""
    odd = odd_picture(seed)
    pixels, verdict = shown(odd.data), judged(odd.data)
    if odd.is_same:
        same = pixels is not None and np.array_equal(pixels, shown(odd.original))
        # The same header: as many scans are counted as the picture has, and no more.
        return "" if same and verdict == judged(odd.original) else f"{verdict!r}, same: {same}"
    if pixels is None:
        return ""
    if isinstance(verdict, Rejection):
        wanted = verdict.reason == "truncated" or str(verdict).startswith(COSTLY)
        return "" if wanted else f"shown, but {verdict.reason}: {verdict}"
    size = verdict.size.width, verdict.size.height
    return "" if size == pixels.shape[1::-1] else f"{size} is shown as {pixels.shape}"


def test_what_the_decoder_shows_is_admitted_in_its_size(seeds):
    faults = {seed: fault for seed in seeds if (fault := fault_of(seed))}
    assert not faults


def test_pictures_of_all_kinds_are_admitted():
    for jpeg in originals():
        verdict = judged(jpeg)
        assert isinstance(verdict, JpegHeader)
        assert shown(jpeg).shape[1::-1] == (verdict.size.width, verdict.size.height)


def test_the_pictures_are_odd_in_many_ways():
    verdicts = Counter[str]()
    for seed in range(1_000):
        odd = odd_picture(seed)
        verdict = judged(odd.data)
        is_shown = "not shown" if shown(odd.data) is None else "shown"
        verdicts[is_shown, getattr(verdict, "reason", "admitted")] += 1
    assert verdicts["shown", "admitted"] > 500
    assert verdicts["not shown", "truncated"] > 20
    assert verdicts["not shown", "not-jpeg"] > 20
