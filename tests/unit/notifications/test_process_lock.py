import pytest

from pycturestream.notifications.process_lock import AnotherError, only_one

OTHERS = "another `pycturestream notify` works on it"


def test_a_store_has_one_service_at_a_time(tmp_path):
    path = tmp_path / "notifications.db"

    with only_one(path), pytest.raises(AnotherError, match=OTHERS), only_one(path):
        pass
    with only_one(path):
        pass
