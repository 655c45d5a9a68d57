import os

import pytest
from structlog.testing import capture_logs

from pycturestream.config.recipient_file import RecipientFileError
from pycturestream.notifications import recipient_book
from pycturestream.notifications.recipient_book import RecipientBook

ONE = "recipients: [{name: one, mail: one@example.org}]"
TWO = "recipients: [{name: two, mail: two@example.org}]"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "recipients.yaml"
    path.write_text(ONE)
    return path


@pytest.fixture
def events():
    """What is logged."""
    with capture_logs() as entries:
        yield entries


def test_a_file_that_changes_is_read_again(file, events):
    book = RecipientBook(file)
    before = book.recipients

    file.write_text(TWO)
    os.utime(file, ns=(1, 1))  # clocks of file systems are coarse
    book.refresh()

    assert list(before) == ["one"]
    assert list(book.recipients) == ["two"]
    assert [entry["event"] for entry in events] == ["recipients.yaml: 1 recipients from now on"]
    book.refresh()
    assert len(events) == 1


@pytest.mark.parametrize("text", ["recipients: [", "recipients: [{name: two}]", None])
def test_while_a_file_has_mistakes_or_is_gone_the_old_recipients_stay_in_force(file, text, events):
    book = RecipientBook(file)

    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    book.refresh()
    book.refresh()

    assert list(book.recipients) == ["one"]
    assert len(events) == 1
    assert events[0]["event"].startswith(str(file))
    assert events[0]["event"].endswith("the recipients from before its change stay in force")
    file.write_text(TWO + "\n")
    book.refresh()
    assert list(book.recipients) == ["two"]


def test_a_service_does_not_start_with_mistakes(file):
    file.write_text("nobody")

    with pytest.raises(RecipientFileError):
        RecipientBook(file)


@pytest.mark.parametrize("text", ["? {a: 1}\n: 2", "recipients: " + "[" * 5_000, "a: 0x" + "f" * 9])
def test_whatever_a_changed_file_holds_the_recipients_stay_and_one_line_says_why(
    file, events, text
):
    book = RecipientBook(file)
    file.write_text(text)
    os.utime(file, ns=(1, 1))
    book.refresh()
    assert list(book.recipients) == ["one"]
    [entry] = events
    assert "the recipients from before its change stay in force" in entry["event"]


def test_an_error_that_nobody_thought_of_leaves_the_recipients(file, events, monkeypatch):
    book = RecipientBook(file)
    monkeypatch.setattr(recipient_book, "read_recipient_file", lambda *_: 1 / 0)
    file.write_text(TWO)
    os.utime(file, ns=(1, 1))
    book.refresh()
    assert list(book.recipients) == ["one"]
    assert "ZeroDivisionError" in events[0]["event"]
