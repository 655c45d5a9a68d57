"""What the id of an alert says."""

from pycturestream.domain.times import Millis, parse_compact


def time_in_id(alert_id: str) -> Millis | None:
    """Return the time in an alert's id: that of its first track, or when it was raised.

    The first track was there before the alert was raised, possibly long before.
    """
    for part in alert_id.replace("#", "_").replace(":", "_").split("_")[::-1]:
        try:
            return parse_compact(part)
        except ValueError:
            continue
    return None
