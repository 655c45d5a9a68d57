"""Readable names and stable uids for the operators that Flink's SQL planner makes.

The planner calls them `PythonCalc[3]` and identifies them by their position, so that a savepoint
would not fit a changed query. Both are set here, on the finished graph.
"""

from collections.abc import Sequence
from typing import Any

from pyflink.table import StreamTableEnvironment

from pycturestream.errors import ConfigurationError


class NamingError(ConfigurationError):
    """The graph is not the one that the names are for."""


def name_operators(
    tables: StreamTableEnvironment, flow: Sequence[str], *side_flows: Sequence[str]
) -> None:
    """Name the operators of a graph with one sink, each also its uid.

    `flow` are the names from source to sink along first inputs; each of `side_flows` those of
    a further input, from its source to where it joins, in the order met going up from the sink.
    Raises NamingError when the graph has more or fewer operators than that.
    """
    environment = tables._j_tenv.execEnv()  # noqa: SLF001 - PyFlink has no public access
    waiting = [
        operator
        for operator in environment.getTransformations()
        if operator.getClass().getSimpleName() == "SinkTransformation"
    ]
    names = [flow, *side_flows]
    for end, path in enumerate(names):
        if end >= len(waiting):
            raise NamingError(f"the graph has no flow {' > '.join(path)}")
        chain = _chain(waiting[end], waiting)
        if len(chain) != len(path):
            found = " > ".join(str(operator.getName()) for operator in chain)
            raise NamingError(f"expected {' > '.join(path)}, found {found}")
        for operator, name in zip(chain, path, strict=True):
            operator.setName(name)
            operator.setUid(name)
    if len(waiting) > len(names):
        raise NamingError(f"{len(waiting) - len(names)} flows of the graph have no names")


def _chain(end: Any, waiting: list[Any]) -> list[Any]:
    """Return the operators from a source to `end`, and append further inputs to `waiting`."""
    chain = []
    operator = end
    while True:
        # A partitioning is an edge between operators: its name is not shown anywhere.
        if operator.getClass().getSimpleName() != "PartitionTransformation":
            chain.append(operator)
        inputs = list(operator.getInputs())
        if not inputs:
            return chain[::-1]
        waiting.extend(inputs[1:])
        operator = inputs[0]
