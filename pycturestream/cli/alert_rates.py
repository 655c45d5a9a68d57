"""`pycturestream alerts rates`: cameras with too many alerts, or too few."""

from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.options import CameraId, Since, Until
from pycturestream.cli.output import AsJson, errors, print_json, print_table
from pycturestream.clock import now
from pycturestream.contracts.alert_rates import alert_rate_record
from pycturestream.domain.reports.alert_rates import DEFAULT_PERIOD_MS, CameraRate
from pycturestream.errors import UsageError


def rates(
    *, camera: CameraId = None, since: Since = None, until: Until = None, as_json: AsJson = False
) -> None:
    """Show how many alerts each camera has, and mark those with too many or too few.

    In the seven days before now or --until. Each camera is compared with all others, and with its
    own three weeks before.

    Example: `pycturestream alerts rates --since 7d`
    """
    end = now() if until is None else until
    begin = end - DEFAULT_PERIOD_MS if since is None else since
    if begin >= end:
        raise UsageError("--since must be before --until")
    with errors.status("counting …"), alert_service() as service:
        found = [rate for rate in service.rates(begin, end) if camera in {None, rate.camera_id}]
    if as_json:
        print_json(map(alert_rate_record, found))
        return
    print_table(
        ("camera", "alerts", "hours seen", "per day", "per hour", "marked"),
        (
            (
                rate.camera_id,
                rate.alerts,
                f"{rate.hours:.1f}",
                _number(rate.per_day),
                _number(rate.per_hour),
                _marks(rate),
            )
            for rate in found
        ),
        empty="no camera was seen",
    )


def _number(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.3g}"


def _marks(rate: CameraRate) -> str:
    return "; ".join(f"far {mark.direction}: {mark.why}" for mark in rate.marks)
