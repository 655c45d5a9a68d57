import pytest

from pycturestream.config.settings import FORMER_NAMES, Settings, SettingsError, settings


@pytest.fixture
def read(monkeypatch):
    """Read the settings of an environment that holds these variables."""

    def read(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return settings()

    yield read
    settings.cache_clear()


def test_a_setting_is_read_from_the_variable_of_its_name(read):
    assert read(PYCTURESTREAM_PORT_OFFSET="1000").port_offset == 1000


@pytest.mark.parametrize("name", ["host", "model", "port_offset", *FORMER_NAMES.values()])
def test_a_variable_without_the_prefix_sets_nothing(read, name):
    values = read(**{name.upper(): "7"}).model_dump().values()
    assert "7" not in {str(value) for value in values}


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_the_former_name_of_a_setting_is_still_read(read, name):
    former = f"PYCTURESTREAM_{FORMER_NAMES[name].upper()}"
    assert getattr(read(**{former: "123"}), name) == 123


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_the_name_of_a_setting_counts_where_the_former_one_is_set_too(read, name):
    now, former = (f"PYCTURESTREAM_{each.upper()}" for each in (name, FORMER_NAMES[name]))
    assert getattr(read(**{former: "123", now: "456"}), name) == 456


@pytest.mark.parametrize("variable", ["PYCTURESTREAM_ALERT_RESTORE_MS", "PYCTURESTREAM_RECALL_MS"])
def test_an_error_names_the_variable_that_is_set(read, variable):
    with pytest.raises(SettingsError, match=f"^{variable}=-1: .*greater than or equal to 0"):
        read(**{variable: "-1"})


@pytest.mark.parametrize(
    "place",
    [
        "gs://bucket/x",
        "s3:/bucket",
        "s3://",
        "s3:///x",
        "S3://bucket",
        "archive",
        "./archive",
        "~nobody-here/x",
    ],
)
def test_a_place_of_the_archive_that_is_none_is_named(read, place):
    fault = r": must be a folder from / or ~, or s3://bucket/prefix\Z"
    with pytest.raises(SettingsError, match=f"^PYCTURESTREAM_ARCHIVE=.*{fault}"):
        read(PYCTURESTREAM_ARCHIVE=place)


@pytest.mark.parametrize(
    ("place", "read_as"),
    [
        ("/srv/pictures/", "/srv/pictures"),
        ("~/archive", "/home/guard/archive"),
        ("s3://pictures", "s3://pictures"),
        ("s3://pictures/cameras/archive", "s3://pictures/cameras/archive"),
    ],
)
def test_the_archive_is_in_a_folder_or_a_bucket(read, monkeypatch, place, read_as):
    monkeypatch.setenv("HOME", "/home/guard")
    assert read(PYCTURESTREAM_ARCHIVE=place).archive_place == read_as


def test_every_wrong_setting_is_named(read):
    with pytest.raises(SettingsError, match=r"PORT_OFFSET=x: .*SMTP_PORT=0: "):
        read(PYCTURESTREAM_PORT_OFFSET="x", PYCTURESTREAM_SMTP_PORT="0")


def test_former_names_are_not_names_of_settings():
    assert not set(FORMER_NAMES.values()) & set(Settings.model_fields)
    assert set(FORMER_NAMES) <= set(Settings.model_fields)
