"""What the id of an alert says by itself."""

from pycturestream.domain.times import Millis, parse_compact


def born_at(alert_id: str) -> Millis | None:
    """Return the time in an alert's id: that of its first track, or when it was raised.

    None for an id that has none.
    """
    for part in alert_id.replace("#", "_").replace(":", "_").split("_")[::-1]:
        try:
            return parse_compact(part)
        except ValueError:
            continue
    return None
