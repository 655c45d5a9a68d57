"""Reads YAML files; reports each mistake with its line, key, value and what is allowed."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, Self

from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pycturestream.errors import ConfigurationError
from pycturestream.public_address import hide_addresses

YamlPath = tuple[str | int, ...]
"""The path to a value: keys, and positions in lists, from the top of the file."""

Keys = Mapping[str, tuple[str, ...]]
"""The keys that are allowed below each key of the file."""

BYTE_LIMIT = 2_000_000
"""Of a file: a thousand cameras with twenty rules each take less. Reading that much takes a minute
or so, which a service must be able to spare."""
VALUE_LIMIT = 200_000
"""Of a file, with what its anchors repeat: a few lines of them can stand for billions."""
DEPTH_LIMIT = 30
"""No setting is below more than ten keys and lists."""
TEXT_LIMIT = 10_000
"""Characters of one key or text."""
NUMBER_LIMIT = 10**15
"""Larger ones can't be told apart as floating-point numbers."""
MISTAKE_LIMIT = 200
"""Of a file: nobody mends more at once, and some messages list all that is allowed, so that all of
them together could be hundreds of times as long as the file."""
BRACKET_LIMIT = 200
_BRACKETS = re.compile(r"[\[\]{}]")
_DEEP_LINE = re.compile(r"(?:[-?:][ \t]+){100}|^ {200}", re.MULTILINE)
"""Lists in lists, and the like, on one line; or mappings in mappings, each indented further."""
_SHOWN = 60
"""Characters of a wrong value that a message quotes."""


class YamlFileError(ConfigurationError):
    """Mistakes in a file, one a line: file:line, key, value and what is allowed."""

    def __init__(
        self, mistakes: Sequence[str], places: Sequence[tuple[YamlPath, str]] = ()
    ) -> None:
        # A mistake quotes the value, or the key, whatever stands there.
        self.mistakes = tuple(map(hide_addresses, mistakes))
        self.places = tuple((at, hide_addresses(message)) for at, message in places)
        """The same without file and line, for who shows each at the value that it is about; empty
        where the file as a whole can't be read."""
        super().__init__("\n".join(self.mistakes))


class YamlFile:
    """One YAML document, and the mistakes that were noted in it."""

    def __init__(self, path: Path, tree: object, error: type[YamlFileError]) -> None:
        """Take a file's content as ruamel reads it. Raises that error for a value in itself."""
        self.path = path
        self._tree = tree
        self._error = error
        self._mistakes: dict[tuple[int, str], tuple[YamlPath, str]] = {}
        """By line and text: one in a shared part is reported once."""
        self._values = 0
        document = self._plain(tree, (), ())
        self.document: dict[Any, Any] = document if isinstance(document, dict) else {}
        """The top mapping, of plain Python values; empty if the top is no mapping."""

    @classmethod
    def read(cls, path: Path, error: type[YamlFileError]) -> Self:
        """Read a file. Raises that error if it can't be read or is not YAML."""
        return cls(path, _load(path, lambda: _read(path, error), error), error)

    def _plain(self, node: object, at: YamlPath, around: tuple[int, ...]) -> Any:
        """Return ruamel's values, which keep their formatting, as plain Python values.

        `around` identifies the values that contain it. Raises the error for a value beyond the
        limits, before it can cost more.
        """
        self._values += 1
        if self._values > VALUE_LIMIT:
            self._refuse(at, f"more than {VALUE_LIMIT} values, with those of its anchors")
        if id(node) in around:
            self._refuse(at, "an anchor refers to a value that contains it")
        if len(around) > DEPTH_LIMIT:
            self._refuse(at, f"nested deeper than {DEPTH_LIMIT} levels")
        inside = (*around, id(node))
        if isinstance(node, dict):
            return {
                self._key(key, at): self._plain(value, (*at, key), inside)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [self._plain(item, (*at, index), inside) for index, item in enumerate(node)]
        return self._scalar(node, at)

    def _scalar(self, node: object, at: YamlPath) -> Any:
        match node:
            case bool():
                return node
            case int():
                if abs(node) >= NUMBER_LIMIT:
                    self._refuse(at, f"a number of more than {NUMBER_LIMIT}")
                return int(node)
            case float():
                return float(node)
            case str():
                if len(node) > TEXT_LIMIT:
                    self._refuse(at, f"{show(node[:_SHOWN])}…: longer than {TEXT_LIMIT} characters")
                return str(node)
        return node

    def _key(self, key: object, at: YamlPath) -> Any:
        """Return a key as a plain value; one that is a mapping or a list is none of ours."""
        if not isinstance(key, str | int | float | bool | None):
            self._refuse(at, "a key must be a text")
        return self._scalar(key, at)

    def _refuse(self, at: YamlPath, message: str) -> NoReturn:
        where = f"{dotted(at)}: " if at else ""
        raise self._error([f"{self.path}:{self.line(at)}: {where}{message}"])

    def note(self, at: YamlPath, message: str) -> None:
        """Remember a mistake in the value at a path."""
        at = self._as_written(at)
        if len(self._mistakes) < MISTAKE_LIMIT:
            self._mistakes.setdefault((self.line(at), f"{dotted(at)}: {message}"), (at, message))

    def report_unknown_keys(self, known: Sequence[str]) -> None:
        """Note each unknown key at the top of the file."""
        for key in self.document.keys() - set(known):
            self.note((key,), describe_unknown_key(key, known))

    def listed(self, key: str) -> list[Any]:
        """Return the list below a key; note a mistake if it is no list, or an empty one."""
        items = self.document.get(key)
        if isinstance(items, list) and items:
            return items
        self.note((key,), f"must be a list of {key}, and not empty")
        return []

    def report_duplicates(self, at: YamlPath, key: str, items: object) -> None:
        """Note each item whose `key` repeats that of an earlier item."""
        seen: set[str] = set()
        for index, item in mappings(items):
            name = item.get(key)
            if isinstance(name, str) and name in seen:
                self.note((*at, index, key), f"{show(name)}: duplicate {key}")
            elif isinstance(name, str):
                seen.add(name)

    def line(self, at: YamlPath) -> int:
        """Return the line, from 1, of a value, or of the nearest value around it."""
        line = 1
        node = self._tree
        for key in at:
            if not isinstance(node, CommentedMap | CommentedSeq) or key not in (node.lc.data or {}):
                break
            line = node.lc.data[key][0] + 1
            node = node[key]
        return line

    def _as_written(self, at: YamlPath) -> YamlPath:
        """Return a path without the positions of lists that the file leaves out.

        A single period may be written without the list around it.
        """
        written: list[str | int] = []
        node = self._tree
        for key in at:
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
        """Raise the error with all mistakes, if any was noted."""
        if self._mistakes:
            lines = sorted(self._mistakes)
            raise self._error(
                [f"{self.path}:{line}: {mistake}" for line, mistake in lines],
                [self._mistakes[line] for line in lines],
            )


def describe_problem(
    problem: ErrorDetails, keys: Keys, top: str, shown: str | None = None, around: YamlPath = ()
) -> str:
    """Return a message for a value that failed validation.

    `top` is the entry of `keys` for values below no key of their own, `shown` is quoted in place
    of a secret value, and `around` is the path of the value that was validated.
    """
    at = (*around, *problem["loc"])
    shown = show(problem["input"]) if shown is None else shown
    match problem["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            parent = next((str(key) for key in reversed(at[:-1]) if key in keys), top)
            return describe_unknown_key(at[-1], keys[parent])
        case "model_type":
            return f"{shown}: must be a mapping of keys"
        case "too_short":
            return f"{shown}: must not be empty"
        case _:
            message = problem["msg"].replace("should", "must").replace("Input must", "must")
            return f"{shown}: {message}"


def describe_unknown_key(key: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(key), known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"not a known key; {guess}allowed: {', '.join(known)}"


def mappings(items: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the mappings of a value that should be a list of mappings, with their positions."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def texts(items: object) -> Iterator[tuple[int, str]]:
    """Yield the texts of a value that should be a list of texts, with their positions."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, str))


def show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def dotted(at: YamlPath) -> str:
    """Return e.g. `cameras[0].zones.lawn`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in at)
    return text.removeprefix(".")


def _read(path: Path, failure: type[YamlFileError]) -> str:
    """Return the text of a file; raise the error for one that is too large, or too deep.

    Lets OSError and UnicodeDecodeError through.
    """
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        content = file.read(BYTE_LIMIT + 1) or b""
    if len(content) > BYTE_LIMIT:
        raise failure([f"{path}: larger than {BYTE_LIMIT} bytes"])
    return _checked(content.decode("utf-8"), path, failure)


def _checked(text: str, path: Path, failure: type[YamlFileError]) -> str:
    if _is_deep(text):
        raise failure([f"{path}: not YAML: nested too deeply"])
    return text


def _is_deep(text: str) -> bool:
    """Whether a text is nested so deeply that ruamel, which is slow at that, would take minutes.

    Brackets in quotes count too: no file has hundreds that are never closed.
    """
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        if depth > BRACKET_LIMIT:
            return True
    return _DEEP_LINE.search(text) is not None


def parse_tree(
    text: str, path: Path, failure: type[YamlFileError], yaml: YAML | None = None
) -> object:
    """Return the text of a file as ruamel reads it, with comments and formatting.

    `path` is what messages call it. Raises the error if it is not YAML.
    """
    return _load(path, lambda: _checked(text, path, failure), failure, yaml)


def _load(
    path: Path,
    read: Callable[[], str],
    failure: type[YamlFileError],
    yaml: YAML | None = None,
) -> object:
    try:
        return (yaml or YAML(typ="rt")).load(read())
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
    except YamlFileError:
        raise
    except Exception as error:
        raise failure([f"{path}: not YAML: {type(error).__name__}"]) from error
