"""Index templates: Elasticsearch keeps each day's records of a topic in an index of their own."""

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from elasticsearch import Elasticsearch

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import SERVED
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import DAY_MS, Millis, day

WRITTEN_ON: Final = "written_on"
"""Among the metadata of a replay's templates: the last day on which its records were written."""


def alias(topic: str, run: str) -> str:
    """Return the name under which the records of a run are searched."""
    return topic if run == LIVE else f"{topic}-{run}"


def index(topic: str, run: str, filed_at: int) -> str:
    """Return the concrete index of a record, such as `detections-2026.11.21`."""
    return f"{alias(topic, run)}-{day(filed_at)}"


def install_templates(
    client: Elasticsearch, settings: Settings, run: str = LIVE, written_on: str = ""
) -> None:
    """Install or renew the templates of a run; existing indices stay as they are.

    `written_on` is the day on which records of a replay were written: its retention begins then.
    """
    for topic in SERVED:
        body = template(topic, run, settings.index_replicas)
        if run != LIVE:
            body["_meta"][WRITTEN_ON] = written_on
        client.indices.put_index_template(name=_template_name(topic, run), body=body)


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


def first_kept_day(settings: Settings, now: Millis) -> str:
    """Return the first day that the retention keeps, so that no record of it is older."""
    return day(now - (settings.index_retention_days - 1) * DAY_MS)


def drop_expired(client: Elasticsearch, settings: Settings, now: Millis) -> list[str]:
    """Delete the indices that are past the retention and return their names.

    Live ones by their day. The days of a replay are those of old footage, so it is kept as a
    whole, with its templates, until the retention after the day on which it was last written.
    """
    first_kept = first_kept_day(settings, now)
    expired = [
        name
        for topic in SERVED
        for name in client.indices.get(index=f"{topic}-*", features="aliases")
        if (match := re.fullmatch(rf"{topic}-(\d{{4}}\.\d{{2}}\.\d{{2}})", name))
        and match[1] < first_kept
    ]
    _delete(client, expired)
    for run, written_on in _replays(client).items():
        if not written_on:  # by an older version: its retention begins now
            install_templates(client, settings, run, day(now))
        elif written_on < first_kept:
            expired += _drop_replay(client, run)
    return expired


def _replays(client: Elasticsearch) -> dict[str, str]:
    """Return the day on which each replay was last written; empty where that is not known."""
    replays: dict[str, str] = {}
    for topic in SERVED:
        prefix = _template_name(topic, "")
        reply = client.options(ignore_status=404).indices.get_index_template(name=f"{prefix}*")
        for found in reply["index_templates"]:  # without any, an empty list and 404
            run = found["name"].removeprefix(prefix)
            written_on = found["index_template"].get("_meta", {}).get(WRITTEN_ON, "")
            replays[run] = max(written_on, replays.get(run, ""))
    return replays


def _drop_replay(client: Elasticsearch, run: str) -> list[str]:
    """Delete the indices of a replay, then its templates, and return the names of the indices.

    In this order: without its templates a replay is not known any more.
    """
    indices = [
        name
        for topic in SERVED
        for name in client.indices.get(
            index=alias(topic, run), features="aliases", ignore_unavailable=True
        )
    ]
    _delete(client, indices)
    for topic in SERVED:
        client.options(ignore_status=404).indices.delete_index_template(
            name=_template_name(topic, run)
        )
    return indices


def _delete(client: Elasticsearch, indices: Iterable[str]) -> None:
    for name in indices:
        client.options(ignore_status=404).indices.delete(index=name)


def _template_name(topic: str, run: str) -> str:
    return f"pycturestream-{topic}" if run == LIVE else f"pycturestream-{topic}-{run}"
