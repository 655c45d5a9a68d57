import os

import pytest

from pycturestream.config.recipient_file import RecipientFileError
from pycturestream.notifications.recipient_book import RecipientBook

ONE = "recipients: [{name: one, mail: one@example.org}]"
TWO = "recipients: [{name: two, mail: two@example.org}]"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "recipients.yaml"
    path.write_text(ONE)
    return path


def test_a_file_that_changes_is_read_again(file):
    said = []
    book = RecipientBook(file, said.append)
    before = book.recipients

    file.write_text(TWO)
    os.utime(file, ns=(1, 1))  # clocks of file systems are coarse
    book.refresh()

    assert list(before) == ["one"]
    assert list(book.recipients) == ["two"]
    assert said == ["recipients.yaml: 1 recipients from now on"]
    book.refresh()
    assert len(said) == 1


@pytest.mark.parametrize("text", ["recipients: [", "recipients: [{name: two}]", None])
def test_while_a_file_has_mistakes_or_is_gone_the_old_recipients_go_on(file, text):
    said = []
    book = RecipientBook(file, said.append)

    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    book.refresh()
    book.refresh()

    assert list(book.recipients) == ["one"]
    assert len(said) == 1
    assert said[0].startswith(str(file))
    assert said[0].endswith("the recipients from before its change go on")
    file.write_text(TWO + "\n")
    book.refresh()
    assert list(book.recipients) == ["two"]


def test_a_service_does_not_begin_with_mistakes(file):
    file.write_text("nobody")

    with pytest.raises(RecipientFileError):
        RecipientBook(file, print)
