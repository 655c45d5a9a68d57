"""Messages in the recipient's language: what is kept as files, and what holds for all of them."""

import re
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.alerts.facts import CrossedLine, LabelCount
from pycturestream.domain.alerts.wording import title
from pycturestream.domain.notifications.notification import Message
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.catalog import words as words_in
from pycturestream.notifications.email_rendering import render_email
from pycturestream.notifications.webhook import as_record
from tests.alerts import WATCH, alert
from tests.alerts_of_each_kind import FACTS, alert_of
from tests.builders import NOON
from tests.unit.notifications.messages import (
    CAMERAS,
    SENDER,
    file_of,
    messages,
    rendered,
    transcript,
)

every_language = pytest.mark.parametrize("language", LANGUAGES)
DIGITS = re.compile(r"\d+")
LENGTH = 105
"""Characters of a subject about one situation in two zones, with names of usual length."""


def numbers_in(text, language):
    """Return the numbers in a text, in digits and from two to twelve in words."""
    words = re.findall(r"\w+", text.lower())
    names = words_in(language, "numbers")
    in_words = [names.index(word) for word in words if word in names[2:]]
    return sorted([int(digits) for digits in DIGITS.findall(text) if digits != "0"] + in_words)


def words_of(email, kind="plain"):
    read = message_from_bytes(bytes(email), policy=default)
    return read.get_body((kind,)).get_content()


@every_language
def test_messages_are_those_that_were_read_by_people(language):
    assert transcript(language) == file_of(language).read_text("utf-8")


@every_language
def test_no_message_has_an_unfilled_place_or_an_untranslated_word(language):
    for name, message in messages(language):
        email = rendered(message)
        for kind in ("plain", "html"):
            words = words_of(email, kind)
            assert "{" not in words, name
            if language != "en":
                shown = re.sub(r"<[^>]*>|https?://\S+", " ", unescape(words))
                english = {"camera", "alert", "alerts", "since", "picture", "rule", "level"}
                found = set(re.findall(r"[a-z]+", shown.replace("pycturestream alerts", "")))
                assert not found & english, (name, found & english)


@every_language
def test_subjects_are_short(language):
    for name, message in messages(language):
        if message.kind == "raised":
            assert len(rendered(message)["Subject"]) <= LENGTH, name


def test_all_languages_tell_the_same_numbers_names_and_times():
    for several in zip(*(messages(language) for language in LANGUAGES), strict=True):
        texts = [words_of(rendered(message)) for _, message in several]
        numbers = list(map(numbers_in, texts, LANGUAGES))
        assert len(numbers[0]) > 2
        assert all(each == numbers[0] for each in numbers), several[0][0]
        names = ("gate", "night-watch", "Driveway", "Garden", "Kerb", "forklift", "Europe/London")
        for name in names:
            assert len({name in text for text in texts}) == 1, (several[0][0], name)


@every_language
def test_text_and_html_say_the_same(language):
    for name, message in messages(language):
        email = rendered(message)
        shown = " ".join(re.sub(r"<[^>]*>", " ", unescape(words_of(email, "html"))).split())
        for line in words_of(email).splitlines():
            # A row of the table, or an item of a list: its parts are cells and links.
            for part in re.split(r" {2,}|(?<=:) (?=https:)|^- ", line):
                plain = " ".join(part.replace("`", "").split())
                if plain and plain != "--" and ": http" not in plain and len(plain) > 40:
                    assert plain in shown, (name, plain)


@every_language
def test_an_email_says_in_which_language_it_is(language):
    _, message = next(messages(language))
    email = rendered(message)
    assert email["Content-Language"] == language
    assert f'<html lang="{language}">' in words_of(email, "html")


@every_language
def test_a_webhook_has_words_in_the_recipients_language_and_fields_that_are_the_same(language):
    for (_, message), (_, english) in zip(messages(language), messages("en"), strict=True):
        recipient = replace(WATCH, language=language)
        posted = as_record(message, recipient, CAMERAS)
        plain = as_record(english, WATCH, CAMERAS)
        said, plainly = posted["data"], plain["data"]
        assert said.pop("language") == language
        assert said.pop("title") == rendered(message)["Subject"]
        assert "{" not in said.pop("text")
        for key in ("language", "title", "text"):
            plainly.pop(key)
        if message.kind != "test":
            assert said["alerts"] == plainly["alerts"]
        assert posted["type"] == plain["type"]


def test_a_webhook_about_one_alert_says_why():
    one = alert_of(FACTS["a person in a zone"])
    message = Message("a" * 32, "watch", "raised", (one,), NOON, title(one, "de"), language="de")
    data = as_record(message, replace(WATCH, language="de"), CAMERAS)["data"]
    assert data["title"] == "Warnung: eine Person im Bereich „Driveway“, Kamera gate"
    assert data["text"] == (
        "Eine Person im Bereich „Driveway“, auf 3 Bildern seit 13:00:00 Uhr, höchster Wert 0,81."
    )
    assert data["alerts"][0]["reason"] == (
        "A person in Driveway, seen in 3 pictures since 13:00:00, highest score 0.81."
    )


@every_language
def test_an_alert_of_an_older_job_keeps_the_text_of_its_camera(language):
    old = alert()
    message = Message("a" * 32, "watch", "raised", (old,), NOON, title(old, language))
    message = replace(message, language=language)
    for kind in ("plain", "html"):
        words = words_of(render_email(message, WATCH, SENDER, CAMERAS), kind)
        assert "A person stands in the driveway." in words


@every_language
@pytest.mark.parametrize("name", ["<b>Tor</b>", "\"a' onload=x", "{ $count }", "</title><script>"])
def test_html_shows_names_as_they_are(language, name):
    facts = replace(
        FACTS["a person in a zone"],
        count=2,
        label_counts=(LabelCount(name, 2),),
        zones=(name,),
        crossed=(CrossedLine(name, "in"),),
    )
    one = replace(alert_of(facts), rule=name, site=name)
    for kind in ("raised", "updated", "digest"):
        message = Message("a" * 32, "watch", kind, (one,), NOON, title(one, language))
        email = render_email(replace(message, language=language), WATCH, SENDER, CAMERAS)
        html = words_of(email, "html")
        assert name in unescape(re.sub(r"<[^>]*>", " ", html))
        if "<" in name:
            assert name not in html


@every_language
@given(name=st.text(max_size=3_000))
def test_any_name_can_be_told(language, name):
    facts = replace(
        FACTS["more than are there at once"],
        label_counts=tuple(LabelCount(f"{name}{n}", 1) for n in range(3)),
        zones=(name,) * 20,
        crossed=(CrossedLine(name, "in"),) * 20,
    )
    one = replace(alert_of(facts), rule=name)
    message = Message("a" * 32, "watch", "raised", (one,), NOON, title(one, language))
    email = render_email(replace(message, language=language), WATCH, SENDER, CAMERAS)
    assert len(email["Subject"]) <= 120
