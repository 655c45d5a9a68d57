"""Pictures found by HTTP: the words of `find`, pages, scope, CSV, and the query as text."""

import csv
import io

import msgspec
import pytest
from elastic_transport import ConnectionError as NoAnswerError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from msgspec.structs import replace
from starlette.testclient import TestClient

from pycturestream.api.picture_cursor import decode_cursor, encode_cursor
from pycturestream.application.picture_columns import COLUMNS
from pycturestream.application.searching import explained, with_times
from pycturestream.contracts.detections import read_searched
from pycturestream.domain.search.order import KEYS, ordered
from pycturestream.domain.search.words import SearchWords, WordsError, read_search
from pycturestream.domain.times import DAY_MS, MINUTE_MS, rfc3339
from pycturestream.stores.paging import PAGE
from tests.builders import NOON, detection_record
from tests.command_line import command_line
from tests.fake_picture_index import FakePictureIndex
from tests.searched import records
from tests.searched_pictures import SearchedPictures

PATH = "/api/pictures"


@pytest.fixture
def found(tokens, clock):
    return SearchedPictures(tokens, now=clock.now)


@pytest.fixture
def client(found):
    return TestClient(found.application(), raise_server_exceptions=False)


@pytest.fixture
def ask(client, headers):
    """Return a function that searches with a token for all cameras."""
    holder = headers()

    def ask(status=200, path=PATH, **parameters):
        response = client.get(path, params=parameters, headers=holder)
        assert response.status_code == status, response.text
        return response.json()

    return ask


def ids(page):
    return [record["id"] for record in page["pictures"]]


WORDS = {
    "camera": ["gate", "yard"], "site": ["north"], "label": ["person", "car"], "without": ["dog"],
    "min_count": 1, "max_count": 4, "min_score": "0.4", "max_score": "0.95", "zone": "door",
    "sector": "top left", "track": "gate#1", "min_size": "0.01", "max_size": "0.8",
    "inside": "0,0,0.5,1", "level": "warning", "since": "2d", "until": "2026-11-21 12:00",
    "weekday": "sat,sun", "hours": "22-6", "timezone": "Europe/Vienna", "sort": "-score",
    "run": "holiday",
}  # fmt: skip


def expected(parameters, *, phones=False):
    """Return the query of these words as text; by HTTP, phones of the seeing aid are left out."""
    plain = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in parameters.items()
    }
    search = read_search(SearchWords(**plain), NOON)
    query, _ = with_times(FakePictureIndex(), search, NOON)
    return explained(replace(query, phones=phones), PAGE, search.order)


class TestWords:
    def test_are_those_of_the_command(self, client, headers, monkeypatch, capsys, clock):
        monkeypatch.setattr("pycturestream.cli.find.now", lambda: clock.now)
        options = []
        for name, value in WORDS.items():
            for each in value if isinstance(value, list) else [value]:
                options += [f"--{name.replace('_', '-')}", each]

        by_command = command_line(monkeypatch, capsys)("find", *options, "--explain", "--limit", 0)
        by_http = client.get(f"{PATH}/query", params=WORDS, headers=headers())

        assert by_command.output == expected(WORDS, phones=True)
        assert by_http.text == expected(WORDS)
        assert set(WORDS) == set(SearchWords.__struct_fields__)

    @given(data=st.data())
    @hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_mean_the_same_by_http_in_any_combination(self, ask_query, data):
        chosen = data.draw(st.sets(st.sampled_from(sorted(WORDS))))
        parameters = {name: WORDS[name] for name in chosen}
        assert ask_query(parameters) == expected(parameters)

    @pytest.fixture
    def ask_query(self, client, headers):
        holder = headers()
        return lambda parameters: (
            client.get(f"{PATH}/query", params=parameters, headers=holder).text
        )

    @pytest.mark.parametrize(
        ("parameters", "says"),
        [
            ({"label": "persn"}, "label: no label 'persn' is known: did you mean 'person'?"),
            ({"without": "persn"}, "without: no label 'persn' is known: did you mean 'person'?"),
            ({"hours": "noon"}, "hours: noon: write 8-18 or 22-6"),
            ({"since": "soon"}, "since: soon is not a time"),
            ({"since": "1h", "until": "2h"}, "until: the end must be after the start"),
            ({"sector": "topleft"}, "did you mean 'top left'"),
            ({"run": "Holiday"}, "run: Holiday: use lower-case"),
            ({"min_count": "many"}, "min_count: "),
            ({"min_score": "2"}, "min_score: 2 is no number from 0 to 1"),
            ({"labels": "person"}, "no parameter labels is known: did you mean label?"),
            ({"limit": 0}, "limit: "),
            ({"after": "x"}, "after: it is no cursor"),
            ({"label": "x" * 300}, "label.0: "),
        ],
    )
    def test_that_can_not_be_read_are_named(self, ask, parameters, says):
        detail = ask(422, **parameters)["detail"]
        assert says in detail
        assert "\n" not in detail

    def test_of_fields_that_nobody_filled_in_say_nothing(self, ask, found):
        found.put(detection_record())
        assert ask(**dict.fromkeys(WORDS, ""))["found"] == 1


class TestPages:
    @pytest.mark.parametrize("key", KEYS)
    def test_go_on_to_the_last_picture_and_show_each_once(self, ask, found, key):
        found.put(*records(NOON, 30, "live"))
        shown, after, numbers = [], None, []
        while True:
            page = ask(limit=7, sort=f"-{key}", **({"after": after} if after else {}))
            shown += ids(page)
            numbers.append(page["found"])
            after = page["next"]
            if after is None:
                break
        pictures = [read_searched(record) for record in found.index.records]
        search = read_search(SearchWords(sort=f"-{key}"), NOON)
        assert shown == [each.id for each in ordered(pictures, search.query, search.order)]
        assert numbers == [30] + [None] * (len(numbers) - 1)

    def test_mean_the_same_time_though_the_clock_goes_on(self, ask, found):
        for number in range(4):
            found.put(detection_record(captured_at=NOON - number * 1_000))
        first = ask(since="3s", limit=2)
        found.now += MINUTE_MS
        assert len(ids(ask(since="3s", limit=2, after=first["next"]))) == 2

    def test_of_another_search_are_refused(self, ask, found):
        found.put(*records(NOON, 5, "live"))
        after = ask(limit=2)["next"]
        assert "another search" in ask(422, limit=2, after=after, label="person")["detail"]
        assert "another search" in ask(422, limit=2, after=after, sort="score")["detail"]

    def test_have_an_end_where_it_is_exact(self, ask, found):
        found.put(*records(NOON, 4, "live"))
        assert ask(limit=2, after=ask(limit=2)["next"])["next"] is None


class TestCursor:
    @given(
        at=st.integers(NOON, NOON + DAY_MS),
        position=st.tuples(st.floats(0, 1) | st.integers(0, 9), st.integers(0, NOON), st.text()),
    )
    def test_comes_back_as_it_was(self, at, position):
        words = SearchWords(sort="score")
        cursor = decode_cursor(encode_cursor(words, at, list(position)), words, "score")
        assert (cursor.searched_at, cursor.position) == (at, list(position))

    @given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.hex()))
    def test_is_checked(self, text):
        with pytest.raises(WordsError) as raised:
            decode_cursor(text, SearchWords(), "captured")
        assert raised.value.name == "after"

    @pytest.mark.parametrize(
        "position",
        [
            [],
            [NOON],
            ["x", "id"],
            [NOON, 1],
            [True, "id"],
            [NOON, "id", 1],
            [2**70, "id"],
            [{}, ""],
        ],
    )
    def test_with_other_values_than_those_of_its_order_is_none(self, position):
        text = encode_cursor(SearchWords(), NOON, position)
        with pytest.raises(WordsError, match="no cursor"):
            decode_cursor(text, SearchWords(), "captured")


class TestScope:
    @pytest.fixture
    def limited(self, client, headers, found):
        found.put(
            detection_record(captured_at=NOON - 1),
            detection_record(camera_id="yard", zones=["pond"]),
        )
        holder = headers(name="limited", cameras=["gate"])
        return lambda path=PATH, **parameters: client.get(path, params=parameters, headers=holder)

    def test_a_token_of_one_camera_finds_its_pictures_only(self, limited):
        assert [each["camera_id"] for each in limited().json()["pictures"]] == ["gate"]
        rows = list(csv.DictReader(io.StringIO(limited(format="csv").text)))
        assert [row["camera_id"] for row in rows] == ["gate"]
        assert '"gate"' in limited(f"{PATH}/query").text

    @pytest.mark.parametrize("path", [PATH, f"{PATH}/query"])
    @pytest.mark.parametrize("camera", ["yard", ["gate", "yard"]])
    def test_and_may_not_ask_for_others(self, limited, path, camera):
        assert limited(path, camera=camera).status_code == 403

    def test_what_a_phone_of_the_seeing_aid_sees_is_for_tokens_that_name_it(
        self, client, ask, headers, found
    ):
        phone = "eye-0123456789abcdef"
        found.put(detection_record(camera_id=phone), detection_record())
        assert [each["camera_id"] for each in ask()["pictures"]] == ["gate"]
        assert ask(camera=phone)["pictures"] == []
        own = client.get(PATH, headers=headers(name="own", cameras=[phone])).json()
        assert [each["camera_id"] for each in own["pictures"]] == [phone]

    def test_nothing_of_a_phone_is_told_who_does_not_name_it(self, ask, found):
        phone = "eye-0123456789abcdef"
        found.put(detection_record(camera_id=phone, labels=["forklift"]), detection_record())
        found.index.zones = {phone: "Asia/Tokyo", "gate": "Europe/Vienna"}
        assert ask(path=f"{PATH}/labels")["seen"] == ["person"]
        assert ask(camera="gaet")["hints"] == ["no camera 'gaet' is known: did you mean 'gate'?"]
        assert ask(camera="eye-0")["hints"] == ["no camera 'eye-0' is known; known: gate"]
        assert ask(since="2026-11-21 13:00")["clock"] == "Europe/Vienna"

    def test_no_name_of_others_is_told(self, limited):
        page = limited(zone="pond").json()
        assert page["hints"] == ["no zone 'pond' is known; known: none"]
        assert "yard" not in str(page)

    def test_a_cursor_of_who_sees_more_opens_nothing(self, limited, ask):
        after = ask(limit=1)["next"]
        assert {each["camera_id"] for each in limited(limit=1, after=after).json()["pictures"]} == {
            "gate"
        }

    def test_without_a_token_nothing_is_told(self, client):
        for path in (PATH, f"{PATH}/query", f"{PATH}/labels", f"{PATH}/x.jpg"):
            assert client.get(path).status_code == 401


def test_times_are_by_the_clock_of_the_cameras(ask, found):
    found.index.zones = {"gate": "Europe/Vienna"}
    found.put(detection_record())
    page = ask(since="2026-11-21 13:00", until="2026-11-21 13:01")
    assert (page["found"], page["clock"]) == (1, "Europe/Vienna")


def test_cameras_with_different_clocks_need_a_choice(ask, found):
    found.index.zones = {"gate": "Europe/Vienna", "yard": "UTC"}
    assert ask(422, since="today")["detail"].startswith("timezone: these cameras have different")


def test_where_nothing_is_found_the_nearest_camera_is_named(ask, found):
    found.put(detection_record())
    assert ask(camera="gaet")["hints"] == ["no camera 'gaet' is known: did you mean 'gate'?"]
    assert ask(camera="gate")["hints"] == []


def test_csv_has_all_pictures(client, headers, found):
    found.put(*records(NOON, PAGE + 3, "live"))
    response = client.get(PATH, params={"format": "csv", "limit": 2}, headers=headers())
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == PAGE + 3
    assert tuple(rows[0]) == COLUMNS
    assert "pictures.csv" in response.headers["content-disposition"]


def test_no_name_is_a_formula_in_csv(client, headers, found):
    found.put(detection_record() | {"site": '=HYPERLINK("http://x")'})
    response = client.get(PATH, params={"format": "csv"}, headers=headers())
    [row] = csv.DictReader(io.StringIO(response.text))
    assert row["site"] == '\'=HYPERLINK("http://x")'


def test_pictures_say_in_words_what_they_show(ask, found):
    found.put(detection_record(labels=["car", "car", "person", "person", "dog"]))
    assert ask()["pictures"][0]["shows"] == "2 people, 2 cars, 1 dog"


def test_a_picture_of_nothing_shows_nothing(ask, found):
    found.put(detection_record(labels=[]))
    assert ask()["pictures"][0]["shows"] == "nothing"


def test_the_labels_that_pictures_show_come_first(ask, found):
    found.put(detection_record(labels=["forklift"]), detection_record(run="night", labels=["dog"]))
    labels = ask(path=f"{PATH}/labels")
    assert labels["seen"] == ["forklift"]
    assert {"forklift", "person", "face"} <= set(labels["known"])


def test_a_record_says_where_its_picture_is_archived(ask, found):
    record = detection_record()
    record["picture"]["archive"] = "gate/2026-11-21/x.jpg"
    found.put(record)
    assert ask()["pictures"][0]["picture"]["archive"] == "gate/2026-11-21/x.jpg"


@pytest.mark.parametrize("parameters", [{}, {"format": "csv"}])
def test_elasticsearch_being_away_is_said(ask, found, parameters):
    found.index.fault = NoAnswerError("no answer")
    assert (
        ask(503, **parameters)["detail"] == "Elasticsearch does not answer: try again in a minute"
    )


def test_the_answer_is_never_cached(client, headers):
    assert client.get(PATH, headers=headers()).headers["cache-control"] == "no-store"


def test_the_query_can_be_sent_as_it_is(client, headers):
    holder = headers(cameras=["gate"])
    text = client.get(f"{PATH}/query", params={"label": "dog"}, headers=holder).text
    first, body = text.split("\n", 1)
    assert first == "GET /detections/_search"
    assert msgspec.json.decode(body)["query"] == {
        "bool": {"filter": [{"terms": {"camera_id": ["gate"]}}, {"term": {"labels": "dog"}}]}
    }


def test_a_moment_can_be_searched_for(ask, found):
    found.put(detection_record(), detection_record(captured_at=NOON + 1))
    page = ask(camera="gate", since=rfc3339(NOON), until=rfc3339(NOON + 1))
    assert [each["captured_at"] for each in page["pictures"]] == [rfc3339(NOON)]


def test_the_page_is_for_who_has_signed_in_and_loads_nothing_from_elsewhere(client, headers):
    path = "/search?label=person&label=car"
    refused = client.get(path, follow_redirects=False)
    assert refused.status_code == 303
    assert refused.headers["location"] == "/sign-in?next=/search%3Flabel%3Dperson%26label%3Dcar"

    text = headers(name="screen")["Authorization"].removeprefix("Bearer ")
    client.cookies.set("pycturestream_token", text)
    page = client.get(path)
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert "<style" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
