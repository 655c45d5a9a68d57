"""A small job whose keyed operators run inside the task manager, and report what they find.

Arguments: its name; the file to append reports to, one JSON object a line; the fingerprint of the
code that it needs; the uids of its operators, such as first,second; and "fails" if it shall fail
after some records.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyflink.common import Configuration, Types, WatermarkStrategy
from pyflink.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.state import ValueStateDescriptor

from pycturestream.code_fingerprint import require_code
from pycturestream.config.settings import Settings, settings
from pycturestream.log.shared_cameras import shared_cameras


class Following(KeyedProcessFunction):
    """Count the records of a key; fail after some if asked to."""

    def __init__(self, settings: Settings, report: str, code: str, *, fails: bool) -> None:
        self.settings, self.report, self.code, self.fails = settings, report, code, fails

    def open(self, runtime_context: Any) -> None:
        require_code(self.code)
        self.state = runtime_context.get_state(
            ValueStateDescriptor("records", Types.PICKLED_BYTE_ARRAY())
        )
        self.is_new = True
        before = followers()
        cameras = shared_cameras(self.settings, self)
        self.tell(
            "opened",
            {
                "pid": os.getpid(),
                "python": sys.prefix,
                "followers before": before,
                "is read": cameras.wait(60),
                "followers": followers(),
                "site": cameras.of("gate").site,
            },
        )

    def process_element(self, value: int, _ctx: Any) -> Iterator[int]:
        before = int(self.state.value() or b"0")
        if self.is_new:
            self.is_new = False
            self.tell("first record", {"records before": before})
        records = before + 1
        self.state.update(str(records).encode())
        time.sleep(0.01)
        if self.fails and records > 10:
            raise LookupError("no such camera")
        yield value

    def tell(self, event: str, what: dict[str, Any]) -> None:
        with Path(self.report).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, **what}) + "\n")


def followers() -> int:
    return sum(thread.name == "follow cameras" for thread in threading.enumerate())


name, report, code, uids, *rest = sys.argv[1:]
environment = StreamExecutionEnvironment.get_execution_environment()
embedded = Configuration()
embedded.set_string("python.execution-mode", "thread")
environment.configure(embedded)
stream = environment.from_source(
    NumberSequenceSource(1, 2**62), WatermarkStrategy.no_watermarks(), "numbers", Types.LONG()
)
for uid in uids.split(","):
    stream = (
        stream.key_by(lambda number: number % 3, Types.LONG())
        .process(Following(settings(), report, code, fails="fails" in rest), Types.LONG())
        .name(uid)
        .uid(uid)
    )
stream.filter(lambda number: number < 0).print()
environment.execute(name)
