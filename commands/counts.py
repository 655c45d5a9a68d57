"""`pycturestream counts`: how many were in view, by camera, label and window."""

from commands.options import CameraId, Label, Limit, Run, Since, Until
from commands.output import AsJson, print_json, print_table
from commands.reaching import reaching
from commands.wording import when
from pycturestream.frame import LIVE
from pycturestream.settings import settings
from stores.elasticsearch import connect
from stores.search import Scope, find_counts


def counts(
    *,
    camera: CameraId = None,
    label: Label = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show counts by camera, label and window.

    Example: `pycturestream counts --camera gate --label person --since 1h`
    """
    scope = Scope(run, camera, since, until)
    with reaching(settings()), connect(settings()) as client:
        found = list(find_counts(client, scope, limit, label=label))
    if as_json:
        print_json(found)
        return
    print_table(
        ("window", "camera", "label", "most", "mean", "different", "frames"),
        (
            (
                when(record["window_start"]),
                record["camera_id"],
                record["label"],
                record["max"],
                f"{record['mean']:.1f}",
                record["unique"],
                record["frames"],
            )
            for record in found
        ),
        empty="no such window",
    )
