"""The words that a model brings for its labels, in files beside its labels.txt.

`words.de.ftl` holds messages such as `label-forklift`, in the form of the languages' own files.
They go before the words that a language has itself: a model may mean something else by a label.
"""

from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import BaseComment, Message, Resource

from pycturestream.languages import catalog, phrases
from pycturestream.languages.catalog import LANGUAGES, Language

NAMED = 5
"""How many labels a line names; the others are a number."""
_COUNTS = (0, 1, 2, 5)


_used: Path | None = None
"""The folder whose words this process uses."""


def use_words_of_model(folder: Path) -> list[str]:
    """Use the words in a model's folder from now on; return a line for each thing that is wrong.

    That is a mistake in a file, or labels that a language has no word for. Nothing of it stops
    anybody from saying the rest. A process that calls this again is told of nothing twice.
    """
    global _used
    if folder == _used:
        return []
    _used, problems = folder, list[str]()
    for language in LANGUAGES:
        path = folder / f"words.{language}.ftl"
        try:
            source = path.read_text("utf-8")
        except FileNotFoundError:
            source = ""
        except (OSError, ValueError) as error:
            problems.append(f"{path}: {error}")
            continue
        words, mistakes = _read(source, language)
        problems += [f"{path}: {mistake}" for mistake in mistakes]
        catalog.put_before(language, words)
    phrases.forget()
    return problems + _without_words(folder)


def _read(source: str, language: Language) -> tuple[Resource, list[str]]:
    """Return the messages that can be used, and what is wrong with the others."""
    words, mistakes = FluentResource(""), []
    for entry in FluentResource(source).body:
        if isinstance(entry, BaseComment):
            continue
        if not isinstance(entry, Message) or not entry.id.name.startswith("label-"):
            shown = entry.id.name if isinstance(entry, Message) else "a part that can't be read"
            mistakes.append(f"{shown}: only messages label-… with a text are used")
        elif mistake := _mistake_of(entry, language):
            mistakes.append(f"{entry.id.name}: {mistake}")
        else:
            words.body.append(entry)
    return words, mistakes


def _mistake_of(entry: Message, language: Language) -> str:
    """Return why a message can't be said of any number; empty where it can."""
    alone = FluentResource("")
    alone.body = [entry]
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(alone)
    pattern = bundle.get_message(entry.id.name).value
    if pattern is None:
        return "has no text"
    for count in _COUNTS:
        _, errors = bundle.format_pattern(pattern, {"count": count, "number": "x"})
        if errors:
            return str(errors[0])
    return ""


def _without_words(folder: Path) -> list[str]:
    """Return a line for each language that has no word for some labels of a model."""
    try:
        labels = [line for line in (folder / "labels.txt").read_text("utf-8").splitlines() if line]
    except (OSError, ValueError):
        return []  # whoever loads the model says so
    lines = []
    for language in LANGUAGES:
        missing = [label for label in labels if not phrases.is_listed(label, language)]
        if missing:
            more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
            lines.append(
                f"{folder}: words.{language}.ftl has no word for {', '.join(missing[:NAMED])}"
                f"{more}: shown as the model names them"
            )
    return lines
