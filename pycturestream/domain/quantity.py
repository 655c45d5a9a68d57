"""Numbers of objects, in English words."""

NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
VOWELS = frozenset("aeiou")
IRREGULAR_PLURALS = {
    "person": "people",
    "bus": "buses",
    "bench": "benches",
    "couch": "couches",
    "wine glass": "wine glasses",
    "toothbrush": "toothbrushes",
    "sandwich": "sandwiches",
    "mouse": "mice",
    "knife": "knives",
    "sheep": "sheep",
    "broccoli": "pieces of broccoli",
    "skis": "pairs of skis",
    "scissors": "pairs of scissors",
}
"""Of the 80 COCO labels, those whose plural is not the label with an s."""
UNCOUNTED = {
    "broccoli": "a piece of broccoli",
    "skis": "a pair of skis",
    "scissors": "a pair of scissors",
}


def quantity(label: str, number: int) -> str:
    """Return e.g. `one person`, `six people`, `a pair of skis`, `15 cars`."""
    if number == 1:
        return UNCOUNTED.get(label, f"one {label}")
    amount = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{amount} {IRREGULAR_PLURALS.get(label, label + 's')}"


def with_article(label: str, number: int) -> str:
    """Return e.g. `a person`, `an umbrella`, `six people`: one object gets its article."""
    if number != 1 or label in UNCOUNTED:
        return quantity(label, number)
    return f"{'an' if label[:1].lower() in VOWELS else 'a'} {label}"
