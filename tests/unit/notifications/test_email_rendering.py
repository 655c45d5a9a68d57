from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.alerts.wording import title
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import Message, new_test_message
from pycturestream.notifications.email_rendering import render_email
from pycturestream.notifications.message_wording import SUBJECT_LENGTH
from tests.alerts import MINUTE, WATCH, alert, cleared
from tests.builders import NOON

SENDER = "alerts@example.org"
CAMERAS = {"gate": Camera("gate", timezone="Europe/Vienna")}
EVIL = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u202e\x00"


def message(kind="raised", *alerts, thread=None):
    alerts = alerts or (alert(),)
    return Message("a" * 32, "watch", kind, alerts, NOON, title(alerts[0], "en"), thread)


def read(email):
    """Return an email as its reader's mail program has it."""
    return message_from_bytes(bytes(email), policy=default)


def text_of(email, kind="plain"):
    return read(email).get_body((kind,)).get_content()


def test_a_mail_has_a_short_subject_and_the_details_below():
    email = read(render_email(message(), WATCH, SENDER, CAMERAS, [("Acknowledge", "https://x/a")]))

    assert email["Subject"] == "Warning: a person in the driveway, camera gate"
    assert email["From"] == "PyctureStream <alerts@example.org>"
    assert email["To"] == "watch@example.org"
    assert email["Message-ID"] == f"<{'a' * 32}@example.org>"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["List-Id"] == "PyctureStream alerts <alerts.example.org>"
    assert email["In-Reply-To"] is None
    for kind in ("plain", "html"):
        body = email.get_body((kind,)).get_content()
        assert "A person stands in the driveway." in body
        assert "21 November 2026, 13:00:00 (Europe/Vienna)" in body
        assert "https://x/a" in body
        assert "Acknowledge" in body


def test_a_reply_belongs_to_the_thread_and_says_that_the_alert_ended():
    over = cleared(alert(), NOON + 3 * MINUTE)
    email = read(render_email(message("cleared", over, thread="b" * 32), WATCH, SENDER, CAMERAS))

    assert email["In-Reply-To"] == email["References"] == f"<{'b' * 32}@example.org>"
    assert email["Subject"] == "[ended] Warning: a person in the driveway, camera gate"
    assert "Ended after 3 minutes." in text_of(email)
    assert "Ended after 3 minutes." in text_of(email, "html")


def test_growth_is_in_the_subject():
    grown = message("updated", alert(count=4, level=3), thread="b" * 32)
    grown = replace(grown, title=title(alert(), "en"))

    assert read(render_email(grown, WATCH, SENDER, {}))["Subject"] == (
        "[now Danger: four people in the driveway] Warning: a person in the driveway, camera gate"
    )


def test_a_digest_has_a_line_for_each_rule_of_a_camera():
    many = [alert(str(number), rule="driveway", at=NOON + number) for number in range(299)]
    email = render_email(message("digest", *many, alert("d", level=3)), WATCH, SENDER, CAMERAS)

    body = text_of(email)
    assert read(email)["Subject"].startswith("300 alerts, 300 still open: Danger: a person")
    assert body.count("alerts from rule driveway") == 1
    assert "299 alerts from rule driveway, 299 still open" in body
    assert body.index("rule-d") < body.index("driveway, 299")
    assert len(bytes(email)) < 20_000


def test_of_a_digest_with_very_many_cameras_the_rest_is_a_number():
    many = [alert(str(number), camera_id=f"camera-{number}") for number in range(50)]

    for kind in ("plain", "html"):
        body = text_of(render_email(message("digest", *many), WATCH, SENDER, {}), kind)
        assert "And 10 more cameras or rules" in body


def test_the_picture_is_in_the_email_where_there_is_one():
    email = read(render_email(message(), WATCH, SENDER, CAMERAS, picture=b"\xff\xd8 jpeg \xff\xd9"))

    [picture] = [part for part in email.walk() if part.get_content_type() == "image/jpeg"]
    assert picture.get_content() == b"\xff\xd8 jpeg \xff\xd9"
    assert picture["Content-ID"] == "<evidence>"
    assert picture.get_content_disposition() == "inline"
    assert 'src="cid:evidence"' in text_of(email, "html")
    assert "cid:" not in text_of(render_email(message(), WATCH, SENDER, CAMERAS), "html")


def test_a_test_message_says_that_it_is_one():
    email = read(render_email(new_test_message("watch", NOON), WATCH, SENDER, {}))

    assert email["Subject"] == "Test message: alerts will arrive here"
    assert "This is a test" in text_of(email)
    assert "This is a test" in text_of(email, "html")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, _attrs):
        self.found.add(tag)


HARMLESS = {"html", "head", "meta", "title", "body", "div", "h1", "p", "table", "tr", "td", "b"}
HARMLESS |= {"br", "span", "code"}


@pytest.mark.parametrize("kind", ["raised", "updated", "cleared", "digest"])
@given(words=st.text(max_size=200) | st.just(EVIL))
def test_whatever_names_and_sentences_say_headers_and_html_stay_whole(kind, words):
    one = alert(
        reason=words, label=words or "x", rule=words or "x", site=words, zones=(words or "x",)
    )
    alerts = (one, replace(one, id="b")) if kind == "digest" else (one,)
    email = render_email(message(kind, *alerts), replace(WATCH, name=words), SENDER, CAMERAS)

    arrived = read(email)
    plain = read(render_email(message(kind), WATCH, SENDER, CAMERAS))
    assert sorted(set(arrived.keys())) == sorted(set(plain.keys()))
    assert "\n" not in arrived["Subject"]
    assert len(arrived["Subject"]) <= SUBJECT_LENGTH
    assert [str(part.get_content_type()) for part in arrived.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    tags = Tags()
    tags.feed(text_of(email, "html"))
    assert tags.found <= HARMLESS
