"""The results of a run, so that two runs over the same history can be compared."""

import json

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import RESULTS
from pycturestream.log.reader import read_to_end

OF_ONE_RUN = ("run", "processed_at", "latency_ms")
"""Fields that differ from one run over the same history to the next."""


def results(settings: Settings, run: str) -> list[str]:
    """Return the newest form of each record of a run, without the fields that always differ."""
    records = {}
    for topic in RESULTS:
        for message in read_to_end(settings, topic):
            record = json.loads(message.value)
            if record["run"] == run:
                kept = {key: value for key, value in record.items() if key not in OF_ONE_RUN}
                records[topic, record["id"], record.get("revision")] = kept
    return sorted(json.dumps(record, sort_keys=True) for record in records.values())
