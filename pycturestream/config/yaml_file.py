"""A file of settings in YAML: mistakes are told with line, key, value and what is allowed."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pycturestream.errors import ConfigurationError

Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top of the file."""

Keys = Mapping[str, tuple[str, ...]]
"""The keys that are known below a key of the file."""

_SHOWN = 60
"""How many characters of a wrong value a message repeats."""


class YamlFileError(ConfigurationError):
    """Mistakes in a file, one a line: file:line, key, value and what is allowed."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class YamlFile:
    """One document; it remembers every mistake that is noted, with its line."""

    def __init__(self, path: Path, tree: object, error: type[YamlFileError]) -> None:
        """Take what stands in the file, as ruamel has read it. Raises that error."""
        self.path = path
        self._tree = tree
        self._error = error
        self._mistakes: set[tuple[int, str]] = set()  # one in a shared part is told once
        try:
            document = _plain(tree)
        except RecursionError as fault:
            raise error([f"{path}: a value holds itself"]) from fault
        self.document: dict[Any, Any] = document if isinstance(document, dict) else {}
        """Its mapping, of ordinary values; empty where it holds something else."""

    @classmethod
    def read(cls, path: Path, error: type[YamlFileError]) -> Self:
        """Read the file whole. Raises that error."""
        return cls(path, _load(path, error), error)

    def note(self, place: Place, message: str) -> None:
        place = self._as_written(place)
        self._mistakes.add((self.line(place), f"{dotted(place)}: {message}"))

    def report_unknown_keys(self, known: Sequence[str]) -> None:
        """Note each key at the top of the file that is not known."""
        for key in self.document.keys() - set(known):
            self.note((key,), explain_key(key, known))

    def listed(self, key: str) -> list[Any]:
        """Return what is listed below a key; that it is no list, or an empty one, is noted."""
        items = self.document.get(key)
        if isinstance(items, list) and items:
            return items
        self.note((key,), f"must be a list of {key}")
        return []

    def report_duplicates(self, place: Place, key: str, items: object) -> None:
        """Note each name that an item before has already."""
        seen: set[str] = set()
        for index, item in mappings(items):
            name = item.get(key)
            if isinstance(name, str) and name in seen:
                self.note((*place, index, key), f"{show(name)}: stands there already")
            elif isinstance(name, str):
                seen.add(name)

    def line(self, place: Place) -> int:
        """Return the line, from 1, of a value, or of the nearest thing around it."""
        line = 1
        node = self._tree
        for key in place:
            if not isinstance(node, CommentedMap | CommentedSeq) or key not in (node.lc.data or {}):
                break
            line = node.lc.data[key][0] + 1
            node = node[key]
        return line

    def _as_written(self, place: Place) -> Place:
        """Return a place without the positions in lists that the file has left out."""
        written: list[str | int] = []
        node = self._tree
        for key in place:
            if isinstance(node, dict):
                if isinstance(key, int) and key not in node:
                    continue
                node = node.get(key)
            elif isinstance(node, list) and isinstance(key, int) and 0 <= key < len(node):
                node = node[key]
            else:
                node = None
            written.append(key)
        return tuple(written)

    def check(self) -> None:
        """Raise the error with all that was noted, if anything was."""
        if self._mistakes:
            raise self._error(
                [f"{self.path}:{line}: {mistake}" for line, mistake in sorted(self._mistakes)]
            )


def explain(
    problem: ErrorDetails, keys: Keys, top: str, shown: str | None = None, around: Place = ()
) -> str:
    """Return what is wrong with a value in words; `shown` stands for it where it is secret.

    `top` is the entry of `keys` for what stands below no key of its own, `around` the place of
    what was validated.
    """
    place = (*around, *problem["loc"])
    shown = show(problem["input"]) if shown is None else shown
    match problem["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            parent = next((str(key) for key in reversed(place[:-1]) if key in keys), top)
            return explain_key(place[-1], keys[parent])
        case "model_type":
            return f"{shown}: must be a mapping of keys"
        case "too_short":
            return f"{shown}: must not be empty"
        case _:
            message = problem["msg"].replace("should", "must").replace("Input must", "must")
            return f"{shown}: {message}"


def explain_key(key: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(key), known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"not a known key; {guess}allowed: {', '.join(known)}"


def mappings(items: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what is a mapping in something that should be a list of mappings."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def texts(items: object) -> Iterator[tuple[int, str]]:
    """Yield what is text in something that should be a list of texts."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, str))


def show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def dotted(place: Place) -> str:
    """Return e.g. `cameras[0].zones.lawn`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return text.removeprefix(".")


def _load(path: Path, failure: type[YamlFileError]) -> object:
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise failure([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise failure([f"{path}: not UTF-8 text"]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise failure([f"{path}:{line}: not YAML: {error.problem}"]) from error
    except (YAMLError, ValueError) as error:  # ValueError: such as a 13th month
        raise failure([f"{path}: not YAML: {error}"]) from error
    except RecursionError as error:
        raise failure([f"{path}: not YAML: nested too deeply"]) from error


def _plain(node: object) -> Any:
    """Return ruamel's values, which remember their looks, as ordinary ones."""
    match node:
        case dict():
            return {_plain(key): _plain(value) for key, value in node.items()}
        case list():
            return [_plain(item) for item in node]
        case float():
            return float(node)
        case str():
            return str(node)
    return node
