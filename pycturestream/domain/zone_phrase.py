"""Where something is, in English words: the phrase for one or several zones."""

from collections.abc import Iterable

ARTICLES = frozenset({"a", "an", "the"})
PREPOSITIONS = frozenset(
    {
        "above", "across", "along", "around", "at", "before", "behind", "below", "beside",
        "between", "by", "in", "inside", "near", "next", "on", "opposite", "outside", "over",
        "under", "within",
    }
)  # fmt: skip


def zone_phrase(names: Iterable[str]) -> str:
    """Return e.g. `in the driveway`, or `in the hall and at the door`; empty without names.

    A name may bring its own preposition, such as `on the lawn`. Another one gets `in the`, or
    just `in` if it has an article, or if it is a proper name: with a capital or a digit first.
    """
    return " and ".join(map(_phrase, names))


def _phrase(name: str) -> str:
    first = name.partition(" ")[0].lower()
    if first in PREPOSITIONS:
        return name
    return f"in the {name}" if name[:1].islower() and first not in ARTICLES else f"in {name}"
