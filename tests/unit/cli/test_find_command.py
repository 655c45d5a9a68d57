import msgspec
import pytest

from pycturestream.config.settings import settings
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command where no server is."""
    monkeypatch.setenv("PYCTURESTREAM_ELASTICSEARCH_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setenv("PYCTURESTREAM_STORE_TIMEOUT_MS", "500")
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


def explained(run, *words):
    """Return the first line of an explained query, and its body."""
    request, body = run("find", *words, "--explain").output.split("\n", 1)
    return request, msgspec.json.decode(body)


def test_a_query_is_explained_without_a_server(run):
    request, body = explained(run, "--run", "holiday", "--label", "truck", "--limit", "7")

    assert request == "GET /detections-holiday/_search"
    assert body == {
        "query": {"bool": {"filter": [{"term": {"labels": "truck"}}]}},
        "sort": [{"captured_at": "desc"}, {"id": "asc"}],
        "size": 7,
        "track_total_hits": False,
    }


def test_the_query_for_all_is_that_of_the_first_page(run):
    _, body = explained(run, "--limit", "0")
    assert body["size"] == 1_000


def test_local_times_are_by_the_clock_that_is_named(run):
    _, body = explained(
        run, "--since", "2026-11-20 20:00", "--until", "2026-11-21T06:00",
        "--timezone", "Europe/Vienna",
    )  # fmt: skip
    assert body["query"]["bool"]["filter"] == [
        {
            "range": {
                "captured_at": {
                    "gte": "2026-11-20T19:00:00.000Z",
                    "lt": "2026-11-21T05:00:00.000Z",
                }
            }
        }
    ]


def test_the_clock_of_cameras_has_to_be_asked_for(run):
    ended = run("find", "--since", "yesterday 20:00", "--explain")
    assert ended.status == 1
    assert "Elasticsearch at 127.0.0.1:1 does not answer" in ended.errors


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["--json", "--csv"], "choose one"),
        (["--csv", "--parquet", "x.parquet"], "choose one"),
        (["--since", "1h", "--until", "2h"], "--until: the end must be after the start"),
        (["--since", "soon"], "yesterday 20:00"),
        (["--timezone", "Vienna"], "Europe/Vienna"),
        (["--hours", "noon"], "22-6"),
        (["--sector", "top"], "top left"),
        (["--sort", "-age"], "captured"),
        (["--min-size", "2"], "from 0 to 1"),
        (["--limit", "-1"], "--limit"),
    ],
)
def test_wrong_use_ends_with_status_2_and_says_what_is_right(run, words, remedy):
    ended = run("find", *words)
    assert ended.status == 2
    assert remedy in ended.errors
    assert not ended.output


def test_a_parquet_file_is_not_left_behind_where_the_search_fails(run, tmp_path):
    ended = run("find", "--parquet", tmp_path / "found.parquet")
    assert ended.status == 1
    assert list(tmp_path.iterdir()) == []
