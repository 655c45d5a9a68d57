"""The servers of a test run have nothing of anybody's."""

from tests.conftest import own_environment


def test_it_is_separate_from_all_that_the_environment_names(monkeypatch, tmp_path):
    for name in ("REFERENCE_FOLDER", "ARCHIVE"):
        monkeypatch.setenv(f"PYCTURESTREAM_{name}", str(tmp_path))
    monkeypatch.setenv("PYCTURESTREAM_KAFKA_SERVERS", "kafka.example:9092")

    with own_environment() as own:
        assert own.reference_folder == ""
        assert own.kafka == f"{own.host}:{own.ports.kafka}"
        assert own.archive_place == str(own.data_folder / "archive")
