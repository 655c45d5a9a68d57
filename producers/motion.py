"""The motion gate: which pictures of a camera are worth publishing, because something moves.

A picture is looked at as a small one in shades of grey, as the logarithm of its light: a cloud, a
lamp or a longer exposure multiplies the light of neighbouring pixels by nearly the same, so
that the difference to the surroundings stays. OpenCV's mixture of Gaussians (Zivkovic 2004,
"Improved adaptive Gaussian mixture model for background subtraction") learns the usual values of
each pixel and its noise; leaves in the wind and rain become several usual values, and what comes
to rest becomes one too. What differs from them moves if it hangs together and is large enough,
unless it is

- still patterned as the background is: the edge of a light or a shadow;
- nearly everything, or comes with a jump of the light of half the picture: a switch to infrared
  or another view, which is learned anew.
"""

from math import exp, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from producers.decode import decode
from producers.masking import Masking, draw
from producers.picture import Pixels
from pycturestream.domain.cameras.camera import Motion
from pycturestream.domain.times import Millis

cv2.setNumThreads(1)
"""Each camera has a thread of ours already; to share out so small a picture costs a third more."""

Light = NDArray[np.float32]

_SIDE = 160
"""Pixels of the small picture's longer side: a person 30 wide in 1280x720 still has four."""
_GRAIN = (3, 3)
"""Pixels of the small picture, whose mean takes two thirds of the noise away."""
_SURROUNDINGS = (21, 21)
"""Pixels of the small picture: wider than a person, narrower than a cloud's soft shadow edge."""
_DARKEST = 16.0
"""Added before the logarithm: below it a camera shows noise and not what is there."""
_SHADES = 100.0
"""For each unit of the logarithm: one shade is one per cent of brightness."""
_SIGMAS_SQUARED = 16.0
"""A pixel differs four standard deviations away from all its usual values."""
_VARIANCE_AT_LEAST = 3.0**2
"""Shades squared: the least contrast that can be seen is 12 %."""
_VARIANCE_AT_FIRST = 6.0**2
_VARIANCE_AT_MOST = 25.0**2
"""The noise of a cheap camera at night."""
_TYPICAL_VALUES = 4
_LEARNING_S = 300.0
"""What rests for a tenth of this, half a minute, belongs to the background."""
_EARLY_PICTURES = 20
"""The first ones, from which is learned faster."""
_BLIND_PICTURES = 3
"""Nothing moves in the first ones, while noise is told from change."""
_JUMP = 0.1
"""By the logarithm, so 10 % of the light, from one picture to the next."""
_NEARLY_EVERYTHING = 0.4
"""Share of what no mask covers; of a region somebody at a door may well fill more."""
_PATCH = (9, 9)
"""Pixels of the small picture in which patterns are compared."""
_ALIKE = 0.7
"""Correlation from which on two patterns are the same under another light; what stands in
front of a background correlates by chance only."""


class MotionGate:
    """Decides for each picture of one camera, by the times at which they were taken.

    With no clock of its own it decides the same about history, however fast that is played.
    """

    def __init__(self, motion: Motion, masking: Masking, pixel_limit: int) -> None:
        self._motion = motion
        self._masking = masking
        self._pixel_limit = pixel_limit
        self._heartbeat_s = motion.heartbeat_s if motion.gate == "on" else inf
        self._background: _Background | None = None
        self._last_at: Millis | None = None
        self._seconds = 0.0
        """Of the camera's life; they stand still where its clock is set back."""
        self._hold_until = -inf
        self._next_heartbeat = -inf if motion.gate == "on" else inf

    def passes(self, content: Pixels | bytes, at: Millis) -> bool:
        """Whether a picture is to be published.

        What can't be decoded is: somebody has to see that the camera sends it.
        """
        elapsed_s = 0.0 if self._last_at is None else max(0, at - self._last_at) / 1000
        self._last_at = at
        self._seconds += elapsed_s
        grey = _reduce(content, self._pixel_limit)
        if grey is None:
            return True
        if self._look(grey, elapsed_s):
            self._hold_until = self._seconds + self._motion.hold_s
        # The next picture may be too late for the heartbeat: the nearer of the two is it.
        beats = self._seconds + elapsed_s / 2 >= self._next_heartbeat
        passes = self._seconds <= self._hold_until or beats
        if passes:
            self._next_heartbeat = self._seconds + self._heartbeat_s
        return passes

    def _look(self, grey: Pixels, elapsed_s: float) -> bool:
        if self._background is None or self._background.shape != grey.shape:
            seen = region = self._masking.seen(grey)
            if self._motion.region:
                region = np.bitwise_and(seen, draw(self._motion.region, *grey.shape))
            self._background = _Background(seen, region, self._motion.min_area)
        return self._background.differs(grey, elapsed_s)


class _Background:
    """How a view usually looks, in small pictures of one shape."""

    def __init__(self, seen: Pixels, region: Pixels, min_area: float) -> None:
        """Look at pixels that are not zero in `seen`, for movement at those of `region` alone.

        `min_area` is a share of the region.
        """
        self.shape: tuple[int, ...] = seen.shape
        self._seen = seen
        self._seen_area = np.count_nonzero(seen)
        self._weight = (seen > 0).astype(np.float32)
        self._weight_around = np.maximum(cv2.blur(self._weight, _SURROUNDINGS), 1e-6)
        self._region = region
        self._min_area = max(1.0, min_area * np.count_nonzero(region))
        self._pictures = 0
        self._light: Light | None = None
        self._mixture = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
        self._mixture.setNMixtures(_TYPICAL_VALUES)
        self._mixture.setVarThreshold(_SIGMAS_SQUARED)
        self._mixture.setVarThresholdGen(_SIGMAS_SQUARED)
        self._mixture.setVarMin(_VARIANCE_AT_LEAST)
        self._mixture.setVarInit(_VARIANCE_AT_FIRST)
        self._mixture.setVarMax(_VARIANCE_AT_MOST)

    def differs(self, grey: Pixels, elapsed_s: float) -> bool:
        """Learn a picture, and return whether something in it moves."""
        light = np.log(cv2.blur(grey, _GRAIN).astype(np.float32) + np.float32(_DARKEST))
        before, self._light = self._light, light
        pattern = self._pattern(light)
        self._pictures += 1
        changed = self._mixture.apply(pattern, learningRate=self._rate(elapsed_s))
        if self._pictures <= _BLIND_PICTURES or before is None:
            return False
        changed = cv2.medianBlur(changed & self._seen, 3)
        if not self._is_large(changed):
            return False
        changed[_likeness(pattern, self._mixture.getBackgroundImage()) > _ALIKE] = 0
        if not self._is_large(changed):
            return False
        if self._is_another_view(changed, light - before):
            self._pictures = 0
            return False
        return True

    def _pattern(self, light: Light) -> Pixels:
        """Return how much brighter or darker than its surroundings each pixel is.

        128 is as they, and what is masked; nor does that count as surroundings of the rest.
        """
        around = cv2.blur(light * self._weight, _SURROUNDINGS) / self._weight_around
        shades = _SHADES * self._weight * (light - around)
        return np.asarray(np.clip(128 + shades, 0, 255), np.uint8)

    def _rate(self, elapsed_s: float) -> float:
        """Return how much a picture counts among all that were seen."""
        rate = 1 - exp(-elapsed_s / _LEARNING_S)
        early = self._pictures <= _EARLY_PICTURES
        return max(rate, 1 / (2 * self._pictures)) if early else rate

    def _is_large(self, changed: Pixels) -> bool:
        """Whether enough of what changed in the region hangs together."""
        _, _, parts, _ = cv2.connectedComponentsWithStats(changed & self._region)
        return bool(parts[1:, cv2.CC_STAT_AREA].max(initial=0) >= self._min_area)

    def _is_another_view(self, changed: Pixels, difference: Light) -> bool:
        jump = np.median(difference[self._seen > 0])
        share = np.count_nonzero(changed) / self._seen_area
        return bool(abs(jump) > _JUMP or share > _NEARLY_EVERYTHING)


def _reduce(content: Pixels | bytes, pixel_limit: int) -> Pixels | None:
    """Return a small picture in shades of grey; None for what can't be decoded."""
    if isinstance(content, bytes):
        decoded = decode(content, pixel_limit, cv2.IMREAD_REDUCED_GRAYSCALE_4)
        if decoded is None:
            return None
        content = decoded
    height, width = content.shape[:2]
    scale = _SIDE / max(height, width)
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    # Four times four samples a pixel even out noise; a mean of all would cost three times as much.
    twice = cv2.resize(content, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    if twice.ndim == 3:
        twice = cv2.cvtColor(twice, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(twice, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _likeness(one: Pixels, other: Pixels) -> Light:
    """Return the correlation of two patterns around each pixel, -1..1; around 0 where flat."""
    x, y = one.astype(np.float32), other.astype(np.float32)
    mean_x, mean_y = _mean(x), _mean(y)
    covariance = _mean(x * y) - mean_x * mean_y
    variance_x = np.maximum(_mean(x * x) - mean_x**2, _VARIANCE_AT_LEAST)
    variance_y = np.maximum(_mean(y * y) - mean_y**2, _VARIANCE_AT_LEAST)
    return np.asarray(covariance / np.sqrt(variance_x * variance_y), np.float32)


def _mean(values: Light) -> Light:
    return np.asarray(cv2.blur(values, _PATCH), np.float32)
