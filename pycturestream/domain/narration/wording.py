"""A sentence in the words of a language."""

from collections.abc import Iterable

from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Places
from pycturestream.domain.narration.sentence import Group, Sentence
from pycturestream.languages import catalog
from pycturestream.languages.phrases import in_zones, joined, sentence, things


def in_words(said: Sentence, language: str, places: Places = "sectors") -> str:
    """Return the text that is spoken: `A car, coming closer, on the right. A dog in the center.`.

    Alerts, what approaches and what is just there are sentences of their own: what holds for one
    group must not seem to hold for the next.
    """
    if said.kind != "groups":
        return catalog.text(language, said.kind)
    groups = _by_hour(said.groups) if places == "clock" else said.groups
    alerts = [group for group in groups if group.danger]
    approaching = [group for group in groups if group.motion and not group.danger]
    others = [group for group in groups if not group.motion and not group.danger]
    texts = []
    if alerts:
        what = joined([_phrase("group", group, language, places) for group in alerts], language)
        level = max(group.danger for group in alerts)
        texts.append(catalog.text(language, f"danger-{level}", {"what": what}))
    texts += [f"{_phrase('approaching', group, language, places)}." for group in approaching]
    if others:
        texts.append(
            f"{joined([_phrase('group', group, language, places) for group in others], language)}."
        )
    return " ".join(map(sentence, texts))


def _by_hour(groups: Iterable[Group]) -> list[Group]:
    """Return the groups with those as one that would sound the same: sectors above each other."""
    counts: dict[Group, int] = {}
    for group in groups:
        is_told_by_hour = group.hour and not group.zone
        alike = replace(group, count=1, place="center") if is_told_by_hour else group
        counts[alike] = counts.get(alike, 0) + group.count
    return [replace(group, count=count) for group, count in counts.items()]


def _phrase(name: str, group: Group, language: str, places: Places) -> str:
    """Return e.g. `perhaps a dog in the center`."""
    return catalog.text(
        language,
        name,
        {
            "things": things(group.label, group.count, language),
            "where": _where(group, language, places),
            "certainty": "sure" if group.sure else "unsure",
            "count": group.count,
        },
    )


def _where(group: Group, language: str, places: Places) -> str:
    if group.zone:
        return in_zones([group.zone], language)
    if places == "clock" and group.hour:
        return catalog.text(language, "hour", {"hour": group.hour})
    return catalog.text(language, f"place-{group.place.replace(' ', '-')}")
