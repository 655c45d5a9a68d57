"""The motion gate: which pictures of a camera are worth publishing, because something moves.

A picture is reduced to a small one in shades of grey, as the logarithm of its brightness: a
cloud, a lamp or a longer exposure multiplies the brightness of neighbouring pixels by nearly the
same factor, so that the difference to the surroundings stays. OpenCV's mixture of Gaussians
(Zivkovic 2004, "Improved adaptive Gaussian mixture model for background subtraction") learns the
typical values of each pixel and its noise; leaves in the wind and rain become several typical
values, and an object that comes to rest becomes one too. Pixels that differ from them are movement
if they are connected and cover enough area, unless they

- still have the pattern of the background: the edge of a light or a shadow;
- are nearly all pixels, or come with a jump in the brightness of half the picture: a switch to
  infrared or another view, which is learned from scratch.
"""

from math import exp, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from producers.masking import Masking, draw
from producers.picture import Pixels, decode
from pycturestream.domain.cameras.camera import Motion
from pycturestream.domain.times import Millis

cv2.setNumThreads(1)
"""Each camera has a thread already; to split so small a picture among more costs a third more."""

Light = NDArray[np.float32]

_SIDE = 160
"""Pixels of the small picture's longer side: a person 30 wide in 1280x720 still has four."""
_GRAIN = (3, 3)
"""Pixels of the small picture, whose mean removes two thirds of the noise."""
_SURROUNDINGS = (21, 21)
"""Pixels of the small picture: wider than a person, narrower than a cloud's soft shadow edge."""
_DARKEST = 16.0
"""Added before the logarithm: below it a camera shows noise rather than the scene."""
_SHADES = 100.0
"""For each unit of the logarithm: one shade is one per cent of brightness."""
_SIGMAS_SQUARED = 16.0
"""A pixel differs if it is four standard deviations away from all its typical values."""
_MIN_VARIANCE = 3.0**2
"""Shades squared: the least visible contrast is 12 %."""
_VARIANCE_AT_FIRST = 6.0**2
_MAX_VARIANCE = 25.0**2
"""The noise of a cheap camera at night."""
_TYPICAL_VALUES = 4
_LEARNING_S = 300.0
"""An object that rests for a tenth of this, half a minute, belongs to the background."""
_EARLY_PICTURES = 20
"""The first ones, which are learned faster."""
_BLIND_PICTURES = 3
"""Nothing counts as movement in the first ones: noise can't be distinguished from change yet."""
_JUMP = 0.1
"""Of the logarithm, so 10 % of the brightness, from one picture to the next."""
_NEARLY_EVERYTHING = 0.4
"""Share of the pixels that no mask covers; somebody at a door may well fill more of a region."""
_PATCH = (9, 9)
"""Pixels of the small picture in which patterns are compared."""
_ALIKE = 0.7
"""Correlation above which two patterns are the same under another light; an object in front of a
background correlates only by chance."""


class MotionGate:
    """Decides for each picture of one camera, by the times at which they were taken.

    It has no clock of its own, so that its decisions are the same for recordings, however fast
    they are played.
    """

    def __init__(self, motion: Motion, masking: Masking, pixel_limit: int) -> None:
        self._motion = motion
        self._masking = masking
        self._pixel_limit = pixel_limit
        self._heartbeat_s = motion.heartbeat_s if motion.gate == "on" else inf
        self._background: _Background | None = None
        self._last_at: Millis | None = None
        self._seconds = 0.0
        """Since the first picture; they stand still when the camera's clock is set back."""
        self._hold_until = -inf
        self._next_heartbeat = -inf if motion.gate == "on" else inf

    def passes(self, content: Pixels | bytes, at: Millis) -> bool:
        """Whether a picture is to be published.

        One that can't be decoded is: people have to notice that the camera sends it.
        """
        elapsed_s = 0.0 if self._last_at is None else max(0, at - self._last_at) / 1000
        self._last_at = at
        self._seconds += elapsed_s
        grey = _reduce(content, self._pixel_limit)
        if grey is None:
            return True
        if self._moves(grey, elapsed_s):
            self._hold_until = self._seconds + self._motion.hold_s
        # The next picture may be too late for the heartbeat: the nearer of the two counts.
        beats = self._seconds + elapsed_s / 2 >= self._next_heartbeat
        passes = self._seconds <= self._hold_until or beats
        if passes:
            self._next_heartbeat = self._seconds + self._heartbeat_s
        return passes

    def _moves(self, grey: Pixels, elapsed_s: float) -> bool:
        if self._background is None or self._background.shape != grey.shape:
            visible = region = self._masking.visible(grey)
            if self._motion.region:
                region = np.bitwise_and(visible, draw(self._motion.region, *grey.shape))
            self._background = _Background(visible, region, self._motion.min_area)
        return self._background.differs(grey, elapsed_s)


class _Background:
    """The background of a view, in small pictures of one shape."""

    def __init__(self, visible: Pixels, region: Pixels, min_area: float) -> None:
        """Learn the pixels that are not zero in `visible`; only those of `region` can move.

        Both have the shape of the small picture. `min_area` is a share of the region.
        """
        self.shape: tuple[int, ...] = visible.shape
        self._visible = visible
        self._visible_area = np.count_nonzero(visible)
        self._weight = (visible > 0).astype(np.float32)
        self._weight_around = np.maximum(cv2.blur(self._weight, _SURROUNDINGS), 1e-6)
        self._region = region
        self._min_area = max(1.0, min_area * np.count_nonzero(region))
        self._pictures = 0
        self._light: Light | None = None
        self._mixture = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
        self._mixture.setNMixtures(_TYPICAL_VALUES)
        self._mixture.setVarThreshold(_SIGMAS_SQUARED)
        self._mixture.setVarThresholdGen(_SIGMAS_SQUARED)
        self._mixture.setVarMin(_MIN_VARIANCE)
        self._mixture.setVarInit(_VARIANCE_AT_FIRST)
        self._mixture.setVarMax(_MAX_VARIANCE)

    def differs(self, grey: Pixels, elapsed_s: float) -> bool:
        """Learn a picture, and return whether something in it moves."""
        light = np.log(cv2.blur(grey, _GRAIN).astype(np.float32) + np.float32(_DARKEST))
        before, self._light = self._light, light
        pattern = self._pattern(light)
        self._pictures += 1
        changed = self._mixture.apply(pattern, learningRate=self._rate(elapsed_s))
        if self._pictures <= _BLIND_PICTURES or before is None:
            return False
        changed = cv2.medianBlur(changed & self._visible, 3)
        if not self._is_large(changed):
            return False
        changed[_similarity(pattern, self._mixture.getBackgroundImage()) > _ALIKE] = 0
        if not self._is_large(changed):
            return False
        if self._is_another_view(changed, light - before):
            self._pictures = 0
            return False
        return True

    def _pattern(self, light: Light) -> Pixels:
        """Return how much brighter or darker than its surroundings each pixel is.

        128 means as bright, or masked; masked pixels do not count as surroundings of others.
        """
        around = cv2.blur(light * self._weight, _SURROUNDINGS) / self._weight_around
        shades = _SHADES * self._weight * (light - around)
        return np.asarray(np.clip(128 + shades, 0, 255), np.uint8)

    def _rate(self, elapsed_s: float) -> float:
        """Return the weight of a picture among all so far."""
        rate = 1 - exp(-elapsed_s / _LEARNING_S)
        early = self._pictures <= _EARLY_PICTURES
        return max(rate, 1 / (2 * self._pictures)) if early else rate

    def _is_large(self, changed: Pixels) -> bool:
        """Whether enough connected pixels of the region have changed."""
        _, _, parts, _ = cv2.connectedComponentsWithStats(changed & self._region)
        return bool(parts[1:, cv2.CC_STAT_AREA].max(initial=0) >= self._min_area)

    def _is_another_view(self, changed: Pixels, difference: Light) -> bool:
        jump = np.median(difference[self._visible > 0])
        share = np.count_nonzero(changed) / self._visible_area
        return bool(abs(jump) > _JUMP or share > _NEARLY_EVERYTHING)


def _reduce(content: Pixels | bytes, pixel_limit: int) -> Pixels | None:
    """Return a small picture in shades of grey; None if it can't be decoded."""
    if isinstance(content, bytes):
        decoded = decode(content, pixel_limit, cv2.IMREAD_REDUCED_GRAYSCALE_4)
        if decoded is None:
            return None
        content = decoded
    height, width = content.shape[:2]
    scale = _SIDE / max(height, width)
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    # Four by four samples a pixel average out noise; a mean of all would cost three times as much.
    twice = cv2.resize(content, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    if twice.ndim == 3:
        twice = cv2.cvtColor(twice, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(twice, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _similarity(one: Pixels, other: Pixels) -> Light:
    """Return the correlation of two patterns around each pixel, -1..1; around 0 where flat."""
    x, y = one.astype(np.float32), other.astype(np.float32)
    mean_x, mean_y = _mean(x), _mean(y)
    covariance = _mean(x * y) - mean_x * mean_y
    variance_x = np.maximum(_mean(x * x) - mean_x**2, _MIN_VARIANCE)
    variance_y = np.maximum(_mean(y * y) - mean_y**2, _MIN_VARIANCE)
    return np.asarray(covariance / np.sqrt(variance_x * variance_y), np.float32)


def _mean(values: Light) -> Light:
    return np.asarray(cv2.blur(values, _PATCH), np.float32)
