"""`pycturestream narrations`: the sentences of the past."""

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Limit, Run, Since, Until
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import LIVE
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import Scope, find_narrations


def narrations(
    *,
    camera: CameraId = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show the sentences of narrations.

    Example: `pycturestream narrations --camera gate --since 10m`
    """
    scope = Scope(run, camera, since, until)
    with error_mapping(settings()), connect(settings()) as client:
        found = list(find_narrations(client, scope, limit))
    if as_json:
        print_json(found)
        return
    print_table(
        ("when", "camera", "sentence"),
        ((when(each["captured_at"]), each["camera_id"], each["text"]) for each in found),
        empty="no matching narration",
    )
