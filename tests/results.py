"""What a run led to, so that two runs over the same history can be compared."""

import json

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import RESULTS
from pycturestream.log.reader import read_to_end

OURS = ("run", "processed_at", "latency_ms")
"""What differs from one run over the same history to the next."""


def results(settings: Settings, run: str) -> list[str]:
    """Return the newest form of each record of a run, without what differs in any case."""
    records = {}
    for topic in RESULTS:
        for message in read_to_end(settings, topic):
            record = json.loads(message.value)
            if record["run"] == run:
                told = {key: value for key, value in record.items() if key not in OURS}
                records[topic, record["id"], record.get("revision")] = told
    return sorted(json.dumps(record, sort_keys=True) for record in records.values())
