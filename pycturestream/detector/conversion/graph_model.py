"""Reads a TensorFlow.js graph model: `model.json` and the shards of its weights.

The JSON holds a TensorFlow GraphDef and a manifest, which lists the weights in their order
in the shards, one after the other without padding.
"""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pycturestream.errors import DataError

Array = NDArray[Any]


class GraphModelError(DataError):
    """The files are not a graph model that this reader understands."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. An input is the name of a node, or `name:1` for its second output."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GraphModel:
    """Nodes in topological order, and the values of those whose op is Const."""

    nodes: tuple[Node, ...]
    weights: Mapping[str, Array]

    def leading_to(self, outputs: Sequence[str]) -> tuple[Node, ...]:
        """Return the nodes that the named outputs need, in topological order."""
        wanted = {source_of(output) for output in outputs}
        unknown = wanted - {node.name for node in self.nodes}
        if unknown:
            raise GraphModelError(f"the graph has no node {', '.join(sorted(unknown))}")
        needed = []
        for node in reversed(self.nodes):
            if node.name in wanted:
                needed.append(node)
                wanted.update(map(source_of, node.inputs))
        return tuple(reversed(needed))


def source_of(tensor: str) -> str:
    """Return the node that a tensor (`name` or `name:1`) comes from."""
    return tensor.partition(":")[0]


def read_graph_model(path: Path) -> GraphModel:
    """Read `path` (the JSON) and the shards beside it. Raises GraphModelError."""
    try:
        document = json.loads(path.read_bytes())
        nodes = tuple(map(_node, document["modelTopology"]["node"]))
        manifest = document["weightsManifest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GraphModelError(f"{path} is no TensorFlow.js graph model: {error!r}") from error
    weights: dict[str, Array] = {}
    for group in manifest:
        weights.update(_weights(group, path.parent))
    return GraphModel(nodes, weights)


def _node(raw: Mapping[str, Any]) -> Node:
    attributes = {name: _attribute(value) for name, value in raw.get("attr", {}).items()}
    return Node(raw["name"], raw["op"], tuple(raw.get("input", ())), attributes)


def _attribute(raw: Mapping[str, Any]) -> Any:
    """Return an attribute as a plain value. JSON carries ints as text and text as base64."""
    if "list" in raw:
        return tuple(
            _attribute({kind: value}) for kind, values in raw["list"].items() for value in values
        )
    if "s" in raw:
        text = raw["s"]
        return (base64.b64decode(text) if isinstance(text, str) else bytes(text)).decode()
    if "i" in raw:
        return int(raw["i"])
    if "shape" in raw:
        # JSON leaves out the size of a dimension of 0.
        return tuple(int(axis.get("size", 0)) for axis in raw["shape"].get("dim", ()))
    return next(iter(raw.values()), None)


def _weights(group: Mapping[str, Any], folder: Path) -> dict[str, Array]:
    try:
        blob = b"".join((folder / shard).read_bytes() for shard in group["paths"])
    except OSError as error:
        raise GraphModelError(f"a shard of the weights is missing: {error}") from error
    weights = {}
    offset = 0
    for entry in group["weights"]:
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        end = offset + stored.itemsize * math.prod(entry["shape"])
        if end > len(blob):
            raise GraphModelError(f"the weights end before {entry['name']}: truncated download?")
        values = np.frombuffer(blob[offset:end], stored).reshape(entry["shape"])
        weights[entry["name"]] = _dequantised(values, entry.get("quantization"))
        offset = end
    if offset != len(blob):
        raise GraphModelError(f"{len(blob) - offset} bytes follow the last weight")
    return weights


def _dequantised(values: Array, quantization: Mapping[str, Any] | None) -> Array:
    """Undo uint8 and uint16 quantisation; float16 stays, since casting it loses nothing."""
    if quantization is None or "scale" not in quantization:
        return values
    scale, minimum = float(quantization["scale"]), float(quantization["min"])
    return np.asarray(values * scale + minimum, np.float32)
