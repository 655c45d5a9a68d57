"""Removes what the local stack has promised to forget while nothing of it runs.

A broker that is stopped keeps the pictures of its last minutes for as long as it is off, and
reference pictures stay where every producer has ended. So what is due is removed before a start and
after a stop, and by `pycturestream privacy clean`, which a timer may run.
"""

from dataclasses import dataclass, field
from pathlib import Path

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.log.retention import live_picture_topics, retentions
from pycturestream.log.segments import (
    Removed,
    partitions,
    remove_all,
    remove_deleted_topics,
    remove_expired,
    stopped_broker,
)
from pycturestream.stores.reference_folder import clear_up, is_reference_folder


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What was removed."""

    log: Removed = field(default_factory=Removed)
    """Of the broker's files."""
    references: int = 0
    """Pictures in the reference folder."""

    @property
    def sentence(self) -> str:
        """Say what was removed; empty: nothing."""
        parts = []
        if self.log.bytes:
            parts.append(f"{max(self.log.bytes / 1e6, 0.1):.1f} MB of the log")
        if self.references:
            parts.append(f"{self.references} pictures by reference")
        return f"removed {' and '.join(parts)}" if parts else ""


def log_folder(settings: Settings) -> Path:
    """Return where the local stack's broker has its records."""
    return KafkaServer(settings).log_folder


def clean_up(
    settings: Settings, *, forget_live: bool = False, forget_live_references: bool = False
) -> CleanUp:
    """Remove what is due, from a log whose broker does not run and from the reference folder.

    `forget_live`: live pictures of the log too, due or not. After a stop nobody will look at them,
    and nothing would remove them when they are due; a replay may still be wanted, within its
    promise. `forget_live_references`: those in the reference folder, which another stack may use
    too. Raises BrokerRunsError, after the references are clean; lets OSError through.
    """
    try:
        log = clean_log(settings, forget_live=forget_live)
    finally:
        references = clean_references(settings, forget_live=forget_live_references)
    return CleanUp(log, references)


def clean_log(settings: Settings, *, forget_live: bool = False) -> Removed:
    """Remove what is due from the log. Raises BrokerRunsError; lets OSError through."""
    folder = log_folder(settings)
    removed = Removed()
    if not folder.is_dir():
        return removed
    kept, live = retentions(settings), live_picture_topics(settings)
    with stopped_broker(folder):
        for topic, partition in partitions(folder):
            if forget_live and topic in live:
                removed += remove_all(partition)
            elif topic in kept:
                removed += remove_expired(partition, now() - kept[topic].at_least_ms)
        removed += remove_deleted_topics(folder)
    return removed


def clean_references(settings: Settings, *, forget_live: bool = False) -> int:
    """Remove what is due from the reference folder, and return how many pictures."""
    folder = Path(settings.reference_folder)
    if not settings.reference_folder or not is_reference_folder(folder):
        return 0
    # Those of live frames are due within this time, as the last ones of a replay are.
    live_ms = retentions(settings)[live_picture_topics(settings)[0]].readable_ms
    # With another broker, its frames may still refer to them.
    early_ms = live_ms if forget_live and not settings.kafka_servers else 0
    return clear_up(folder, now(), early_ms)
