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
    "skis": "pairs of skis",
    "scissors": "pairs of scissors",
}
"""Of the 80 COCO labels, those whose plural is not made with a plain s."""
UNCOUNTED = {"skis": "a pair of skis", "scissors": "a pair of scissors"}


def quantity(label: str, number: int) -> str:
    """Return e.g. `one person`, `six people`, `a pair of skis`, `15 cars`."""
    if number == 1:
        return UNCOUNTED.get(label, f"one {label}")
    amount = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{amount} {IRREGULAR_PLURALS.get(label, label + 's')}"
