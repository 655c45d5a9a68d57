"""English words as they are spelled, for labels that the language's file does not have.

The names of labels are English in most models. What is irregular beyond this belongs in the words
of the model (`model_words`).
"""

import re
from typing import Literal

_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people"}
_HISSING = re.compile(r"(ss|us|x|z|ch|sh)$", re.IGNORECASE)
_Y_AFTER_CONSONANT = re.compile(r"(?<=[^aeiou])y$", re.IGNORECASE)


def article(noun: str) -> Literal["a", "an", "none"]:
    """Return what stands before one object; nothing before `goggles`."""
    if plural(noun) == noun:
        return "none"
    return "an" if noun[:1].lower() in set("aeiou") else "a"


def plural(noun: str) -> str:
    """Return e.g. `trees`, `boxes`, `batteries`; what ends in a single s, as `goggles`, is one."""
    first, space, last = noun.rpartition(" ")
    return f"{first}{space}{_plural_of_word(last)}"


def _plural_of_word(word: str) -> str:
    if word.lower() in _IRREGULAR:
        return _IRREGULAR[word.lower()]
    if _HISSING.search(word):
        return f"{word}es"
    if word.lower().endswith("s"):
        return word
    if _Y_AFTER_CONSONANT.search(word):
        return _Y_AFTER_CONSONANT.sub("ies", word)
    return f"{word}s"
