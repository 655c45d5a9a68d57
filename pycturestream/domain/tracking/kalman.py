"""The position and velocity of an object: a Kalman filter for one box, for uneven intervals.

The model is nearly constant velocity with white acceleration (Bar-Shalom, Li and Kirubarajan 2001,
"Estimation with Applications to Tracking and Navigation", section 6.2.2). Both axes share one
covariance: uncertainty is a share of the object's own size, whatever its direction, and a small
object far away is measured as exactly, for its size, as a large one nearby.
"""

from msgspec import Struct

from pycturestream.domain.geometry import BoundingBox

MEASUREMENT_SHARE = 0.08
"""Standard deviation of a detection's center, in the size of the object."""
ACCELERATION_SHARE = 1.0
"""Standard deviation of the change of an object's velocity in a second, in its own sizes a second:
a walker stops or turns within some two seconds."""
START_SPEED_SHARE = 1.3
"""Standard deviation of the velocity of a new object, in sizes a second: a walker in a hurry (1.7
m/s; a walker's size by this measure is 1.1 m)."""
HORIZON_S = 2.5
"""Straight motion is not certain for longer than that; an object that is missed for longer is
expected where it would have been by then."""
SIZE_WEIGHT = 0.4
"""Of the newest box in the estimated size: an object half hidden once has not become smaller."""

_ACCELERATION = (ACCELERATION_SHARE / MEASUREMENT_SHARE) ** 2
_START_SPEED = (START_SPEED_SHARE / MEASUREMENT_SHARE) ** 2


class KalmanState(Struct, frozen=True, array_like=True):
    """The state of the filter; coordinates are those of the picture, 0..1 on both axes."""

    x: float
    y: float
    """The center."""
    velocity_x: float
    """In picture widths a second."""
    velocity_y: float
    """In picture heights a second."""
    width: float
    height: float
    variance: float = 1.0
    """Of the center, in units of the variance of one measured center."""
    covariance: float = 0.0
    """Of center and velocity: the same unit, a second."""
    speed_variance: float = _START_SPEED
    """Of the velocity: the same unit, a second squared."""

    @property
    def box(self) -> BoundingBox:
        across, down = self.width / 2, self.height / 2
        return BoundingBox(self.x - across, self.y - down, self.x + across, self.y + down)

    @property
    def deviation(self) -> float:
        """The standard deviation of the center, in the size of the object."""
        return float(MEASUREMENT_SHARE * self.variance**0.5)

    def after(self, seconds: float) -> "KalmanState":
        """Return the state that is expected after some time if the object moves on as before."""
        t = min(seconds, HORIZON_S)
        covariance, speed_variance = self.covariance, self.speed_variance
        # By position: names take half as long again, and there are two of these a track and frame.
        return KalmanState(
            self.x + self.velocity_x * t,
            self.y + self.velocity_y * t,
            self.velocity_x,
            self.velocity_y,
            self.width,
            self.height,
            self.variance + t * (2 * covariance + t * (speed_variance + _ACCELERATION * t * t / 4)),
            covariance + t * (speed_variance + _ACCELERATION * t * t / 2),
            speed_variance + _ACCELERATION * t * t,
        )

    def corrected(self, box: BoundingBox) -> "KalmanState":
        """Return the expected state corrected by the box in which the object was found."""
        certainty = 1 / (self.variance + 1)
        gain, speed_gain = self.variance * certainty, self.covariance * certainty
        x, y, width, height = self.x, self.y, self.width, self.height
        to_x, to_y = (box.x_min + box.x_max) / 2 - x, (box.y_min + box.y_max) / 2 - y
        return KalmanState(
            x + gain * to_x,
            y + gain * to_y,
            self.velocity_x + speed_gain * to_x,
            self.velocity_y + speed_gain * to_y,
            width + SIZE_WEIGHT * (box.x_max - box.x_min - width),
            height + SIZE_WEIGHT * (box.y_max - box.y_min - height),
            gain,
            speed_gain,
            self.speed_variance - speed_gain * self.covariance,
        )


def initial_state(box: BoundingBox) -> KalmanState:
    """Return the state of an object that was found for the first time."""
    x, y = box.center
    return KalmanState(x, y, 0.0, 0.0, box.width, box.height)
