"""Totals of counts over time."""

from collections.abc import Iterator
from dataclasses import replace

from elasticsearch import Elasticsearch

from pycturestream.contracts.counts import read_count
from pycturestream.domain.counting.rollup import MINUTES, Span, roll_up, total
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import HOUR_MS, MINUTE_MS
from pycturestream.stores.search import ALL, Scope, find_counts


def totals(
    client: Elasticsearch, scope: Scope, label: str | None, span: Span | None
) -> list[WindowCount]:
    """Return totals by span, or of the whole time; a span that has begun by then is whole.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    if span is None:
        return total(_find(client, scope, label))
    margin_ms = MINUTES[span] * MINUTE_MS + HOUR_MS  # the longest day has an hour more
    wider = replace(
        scope,
        since=None if scope.since is None else scope.since - margin_ms,
        until=None if scope.until is None else scope.until + margin_ms,
    )
    return [
        count
        for count in roll_up(_find(client, wider, label), span)
        if (scope.since is None or count.window_end > scope.since)
        and (scope.until is None or count.window_start < scope.until)
    ]


def _find(client: Elasticsearch, scope: Scope, label: str | None) -> Iterator[WindowCount]:
    return map(read_count, find_counts(client, scope, ALL, label=label))
