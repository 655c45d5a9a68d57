"""Index templates: Elasticsearch keeps each day's records of a topic in an index of their own."""

import json
import re
from importlib.resources import files
from typing import Any

from elasticsearch import Elasticsearch

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import RESULTS
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import DAY_MS, Millis, day


def alias(topic: str, run: str) -> str:
    """Return the name under which the records of a run are searched."""
    return topic if run == LIVE else f"{topic}-{run}"


def index(topic: str, run: str, filed_at: int) -> str:
    """Return the concrete index of a record, such as `detections-2026.11.21`."""
    return f"{alias(topic, run)}-{day(filed_at)}"


def install_templates(client: Elasticsearch, settings: Settings, run: str = LIVE) -> None:
    """Install or renew the templates of a run; existing indices stay as they are."""
    for topic in RESULTS:
        body = template(topic, run, settings.index_replicas)
        client.indices.put_index_template(name=f"pycturestream-{alias(topic, run)}", body=body)


def template(topic: str, run: str, replicas: int) -> dict[str, Any]:
    """Return the template of a topic for a run.

    Of several templates that match an index, Elasticsearch applies only the one with the highest
    priority. So a replay's index, whose name matches the live pattern as well, gets only its own
    alias; and of two runs whose names begin alike the longer name wins.
    """
    text = (files(__package__) / "templates" / f"{topic}.json").read_text("utf-8")
    body: dict[str, Any] = json.loads(text)
    body["template"]["settings"]["number_of_replicas"] = replicas
    if run != LIVE:
        body["index_patterns"] = [f"{alias(topic, run)}-*"]
        body["priority"] += len(run)
        body["template"]["aliases"] = {alias(topic, run): {}}
    return body


def drop_expired(client: Elasticsearch, settings: Settings, now: Millis) -> list[str]:
    """Delete the live indices of days past the retention and return their names.

    Replays stay: their days are those of old footage. They are deleted as a whole, by name.
    """
    first_kept = day(now - settings.index_retention_days * DAY_MS)
    expired = [
        name
        for topic in RESULTS
        for name in client.indices.get(index=f"{topic}-*", features="aliases")
        if (match := re.fullmatch(rf"{topic}-(\d{{4}}\.\d{{2}}\.\d{{2}})", name))
        and match[1] < first_kept
    ]
    for name in expired:
        client.options(ignore_status=404).indices.delete(index=name)
    return expired
