"""What `make benchmark` measures, part by part, in this order.

A part is a file with a function `measure`, which gets a running system and returns its figures
and the tables that show them. A new one is added here.
"""

from collections.abc import Callable
from typing import Final

from benchmarks import admission, cameras, latency, producers, throughput
from benchmarks.bench import Bench, Finding

PARTS: Final[dict[str, Callable[[Bench], Finding]]] = {
    "throughput": throughput.measure,
    "latency": latency.measure,
    "cameras": cameras.measure,
    "admission": admission.measure,
    "producers": producers.measure,
}
WITHOUT_STACK: Final = frozenset({"admission", "producers"})
"""Parts that start what they need, so that the whole system need not run for them alone."""
