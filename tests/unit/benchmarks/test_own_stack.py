"""A benchmark's stack has nothing of anybody's."""

import os

from benchmarks.own_stack import own_stack
from pycturestream.config.settings import settings
from pycturestream.localstack import left_folders
from pycturestream.localstack.launch import no_report


def test_it_is_separate_from_all_that_the_environment_names(monkeypatch, tmp_path):
    for name in ("REFERENCE_FOLDER", "ARCHIVE"):
        monkeypatch.setenv(f"PYCTURESTREAM_{name}", str(tmp_path))
    settings.cache_clear()

    with own_stack(no_report, start=False) as own:
        assert own.reference_folder == ""
        assert own.archive_place == str(own.data_folder / "archive")
        assert own.data_folder in list(left_folders._data_folders())

    assert os.environ["PYCTURESTREAM_ARCHIVE"] == str(tmp_path)
    settings.cache_clear()
