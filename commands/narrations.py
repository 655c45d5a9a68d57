"""`pycturestream narrations`: what was said."""

from commands.options import CameraId, Limit, Run, Since, Until
from commands.output import AsJson, print_json, print_table
from commands.reaching import reaching
from commands.wording import when
from pycturestream.frame import LIVE
from pycturestream.settings import settings
from stores.elasticsearch import connect
from stores.search import Scope, find_narrations


def narrations(
    *,
    camera: CameraId = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show what was said.

    Example: `pycturestream narrations --camera gate --since 10m`
    """
    scope = Scope(run, camera, since, until)
    with reaching(settings()), connect(settings()) as client:
        found = list(find_narrations(client, scope, limit))
    if as_json:
        print_json(found)
        return
    print_table(
        ("when", "camera", "sentence"),
        ((when(said["captured_at"]), said["camera_id"], said["text"]) for said in found),
        empty="nothing was said",
    )
