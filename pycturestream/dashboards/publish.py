"""Publishes the dashboards to a running Grafana, and compares what is published with the files."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from pycturestream.dashboards.compare import Comparison, differences
from pycturestream.dashboards.dashboard import dashboards, with_web_address
from pycturestream.errors import ServiceError

TIMEOUT_S = 30
NOT_FOUND: Final = 404


def publish_dashboards(grafana: GrafanaFace, url: str, web: str) -> Iterator[Mapping[str, Any]]:
    """Publish every dashboard, over the one with its uid; yield title, uid and path of each.

    Links to pages and pictures lead to the address `web`. Raises ServiceError when Grafana at `url`
    does not answer or rejects one.
    """
    for dashboard in dashboards():
        title, sent = dashboard["title"], with_web_address(dashboard, web)
        with _errors_of_grafana(url, f"Grafana rejected {title!r}", "must be an editor"):
            response = grafana.dashboard.update_dashboard(
                {"dashboard": sent | {"id": None}, "overwrite": True}
            )
            published = {"title": title, "uid": response["uid"], "url": response["url"]}
        yield published


def compare_dashboards(grafana: GrafanaFace, url: str, web: str) -> Iterator[Comparison]:
    """Yield how each dashboard that is published differs from the file with its uid.

    Raises ServiceError when Grafana at `url` does not answer or does not show one.
    """
    for dashboard in dashboards():
        title = dashboard["title"]
        with _errors_of_grafana(url, f"Grafana does not show {title!r}", "must be a viewer"):
            try:
                published = grafana.dashboard.get_dashboard(dashboard["uid"])["dashboard"]
            except GrafanaException as error:
                if error.status_code != NOT_FOUND:
                    raise
                published = None
            if published is None:
                compared = Comparison(title, "missing")
            else:
                found = tuple(differences(with_web_address(dashboard, web), dict(published)))
                compared = Comparison(title, "differs" if found else "same", found)
        yield compared


def grafana_client(url: str, token: str) -> GrafanaFace:
    """Return a client for Grafana at this address. Raises ValueError if it is not an address."""
    place = web_place(url)
    if place is None:
        raise ValueError("give an address like http://localhost:3000")
    path = place.path.strip("/")
    return GrafanaFace(
        auth=token,
        protocol=place.scheme,
        host=place.hostname,
        port=place.port,
        url_path_prefix=f"{path}/" if path else "",
        timeout=TIMEOUT_S,
    )


def web_place(address: str) -> SplitResult | None:
    """Return the parts of an address to which a path can be added, of http or https.

    None if it is none, or would show a login to everybody.
    """
    try:
        place = urlsplit(address)
        _ = place.port
    except ValueError:
        return None
    is_whole = place.scheme in {"http", "https"} and place.hostname
    if not is_whole or place.username or re.search(r"[\s?#]", address):
        return None
    return place


@contextmanager
def _errors_of_grafana(url: str, what: str, role: str) -> Iterator[None]:
    """Raise ServiceError for all that a Grafana, or something else at its address, may answer."""
    try:
        yield
    except GrafanaException as error:
        raise ServiceError(f"{what} ({error.message}): the token's account {role}") from error
    # What is no Grafana may answer with any JSON.
    except (requests.RequestException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ServiceError(
            f"no Grafana answers at {url} ({type(error).__name__}): is the address right?"
        ) from error
