"""Publishes the dashboards to a running Grafana."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from pycturestream.dashboards.dashboard import dashboards
from pycturestream.errors import ServiceError

TIMEOUT_S = 30


def publish_dashboards(grafana: GrafanaFace, url: str) -> Iterator[Mapping[str, Any]]:
    """Publish every dashboard, over the one with its uid; yield title, uid and path of each.

    Raises ServiceError when Grafana at `url` does not answer or rejects one.
    """
    for dashboard in dashboards():
        try:
            response = grafana.dashboard.update_dashboard(
                {"dashboard": dashboard | {"id": None}, "overwrite": True}
            )
            uid, path = response["uid"], response["url"]
        except GrafanaException as error:
            raise ServiceError(
                f"Grafana rejected {dashboard['title']!r} ({error.message}): "
                "the token's account must be an editor"
            ) from error
        # What is no Grafana may answer with any JSON.
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise ServiceError(
                f"no Grafana answers at {url} ({type(error).__name__}): is the address right?"
            ) from error
        yield {"title": dashboard["title"], "uid": uid, "url": path}


def grafana_client(url: str, token: str) -> GrafanaFace:
    """Return a client for Grafana at this address. Raises ValueError if it is not an address."""
    place = urlsplit(url)
    port = place.port
    if place.scheme not in {"http", "https"} or not place.hostname or place.username:
        raise ValueError("give an address like http://localhost:3000")
    path = place.path.strip("/")
    return GrafanaFace(
        auth=token,
        protocol=place.scheme,
        host=place.hostname,
        port=port,
        url_path_prefix=f"{path}/" if path else "",
        timeout=TIMEOUT_S,
    )
