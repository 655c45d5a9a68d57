from pycturestream.archive.archive import Archive
from pycturestream.archive.in_use import ArchiveUse
from pycturestream.config.settings import Settings
from tests.archives import name_at, put
from tests.builders import NOON


class Clock:
    time = 100.0

    def seconds(self):
        return self.time


def test_the_archive_is_in_use_as_long_as_it_holds_something(tmp_path):
    clock, settings = Clock(), Settings(archive=str(tmp_path / "archive"))
    archive, use = Archive.of(settings), ArchiveUse(settings, clock)
    assert use.is_used() is False
    put(archive, NOON)
    assert use.is_used() is False  # it looks once a minute
    clock.time += 60
    assert use.is_used() is True
    archive.remove([name_at(NOON)])
    clock.time += 60
    assert use.is_used() is False


def test_while_the_storage_does_not_answer_nobody_knows(tmp_path):
    (tmp_path / "archive").write_text("no folder")
    assert ArchiveUse(Settings(archive=str(tmp_path / "archive")), Clock()).is_used() is None
