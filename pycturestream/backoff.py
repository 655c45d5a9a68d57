"""How long to wait before the next attempt, where attempts are remembered from outside.

Calls that are retried on the spot use the library stamina. It can't be used where the time of the
next attempt is stored (the outbox of the alert service) or asked for step by step.
"""

from collections.abc import Callable

_DOUBLINGS = 20
"""More would exceed every limit, and make very long numbers."""


def backoff_ms(
    attempt: int, first_ms: int, most_ms: int, jitter: Callable[[], float] = lambda: 1.0
) -> int:
    """Return the wait after an attempt, in milliseconds: it doubles each time, up to `most_ms`.

    `attempt` is 0 for the first one. `jitter` returns the share of the wait to keep, 0..1, so that
    many clients do not come back at once; without it the wait is exact.
    """
    return round(min(first_ms << min(attempt, _DOUBLINGS), most_ms) * jitter())
