"""The settings of a camera by HTTP: read, checked, written and applied, within a token's scope."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from redis.exceptions import ConnectionError as RedisAwayError
from starlette.testclient import TestClient

from pycturestream.api import camera_settings_api
from pycturestream.api.application import application
from pycturestream.api.camera_settings_api import camera_settings_paths, snapshot_paths
from pycturestream.api.headers import BODY_BYTE_LIMIT, PAGE_HEADERS, SETTINGS_BYTE_LIMIT
from pycturestream.api.pages.zones import zones_page
from pycturestream.api.picture_turns import PictureTurns
from pycturestream.blur.faces import FaceModelError
from pycturestream.config.camera_entry import KEYS
from pycturestream.config.camera_yaml import write_into_file
from pycturestream.contracts.cameras import PARTS_LIMIT
from pycturestream.domain.cameras.camera import Archiving, Attention, Camera, Line, Rule, Zone
from pycturestream.domain.frames.missing import Missing
from tests.camera_edits import CORNERS, SQUARE
from tests.fake_camera_settings import FakeCameraSettings, FakeSnapshots

SECRET = "p4ssw0rd"  # noqa: S105 - a made-up one, to look for
GATE = Camera(
    "gate",
    site="north",
    timezone="Europe/Vienna",
    source="rtsp://gate.local:554",
    source_digest="digest-of-the-source",
    sender_key="ab" * 32,
    fps=3,
    models=("objects", "faces"),
    zones=(Zone("lawn", SQUARE),),
    lines=(Line("fence", (0.0, 0.5), (1.0, 0.5)),),
    rules=(Rule("stranger", ("person",), ("lawn",), level=3),),
    attention=Attention(0.5, 5),
    archive=Archiving(days=3),
    evidence=True,
)
EDIT = {
    "zones": [{"name": "door", "points": [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]}],
    "lines": [{"name": "fence", "points": [[1, 0.5], [0, 0.5]]}],
    "masks": [{"name": "window", "points": [list(point) for point in SQUARE]}],
    "rules": [{"name": "stranger", "labels": ["person"], "zones": ["door"], "frames": 5}],
}
PATH = "/api/cameras/gate/settings"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def cameras():
    cameras = FakeCameraSettings()
    cameras.put(GATE)
    cameras.put(Camera("door"))
    return cameras


@pytest.fixture
def snapshots():
    return FakeSnapshots()


@pytest.fixture
def turns():
    return PictureTurns()


@pytest.fixture
def client(service, tokens, links, clock, cameras, snapshots, turns):
    pages = [
        zones_page(),
        camera_settings_paths(cameras, ["person", "car"]),
        snapshot_paths(snapshots, turns),
    ]
    app = application(service, tokens, links, lambda: clock.now, pages=pages)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def headers(tokens, clock):
    """Return a function that returns the headers of a token with some limits, made once."""
    made = {}

    def make(**limits):
        key = repr(limits)
        if key not in made:
            _, text = tokens.create(f"guard {len(made)}", clock.now, 60_000, **limits)
            made[key] = {"Authorization": f"Bearer {text}"}
        return made[key]

    return make


@pytest.fixture
def apply(client, headers):
    def apply(edit=EDIT, revision=1, camera_id="gate", **limits):
        path = f"/api/cameras/{camera_id}/settings"
        body = edit | {"revision": revision}
        return client.post(path, json=body, headers=headers(**limits))

    return apply


class TestRead:
    def test_the_four_keys_and_what_to_choose_from(self, client, headers):
        known = client.get(PATH, headers=headers()).json()
        assert known["edit"] == {
            "masks": [],
            "zones": [{"name": "lawn", "points": [list(point) for point in SQUARE]}],
            "lines": [{"name": "fence", "points": [[0, 0.5], [1, 0.5]]}],
            "rules": [{"name": "stranger", "labels": ["person"], "zones": ["lawn"], "level": 3}],
        }
        assert known["labels"] == ["person", "car", "face"]
        assert (known["revision"], known["timezone"]) == (1, "Europe/Vienna")
        assert known["may_apply"]
        assert "frames" in known["rule_keys"]["things"]
        assert "frames" not in known["rule_keys"]["offline"]

    def test_nothing_of_the_source_or_a_key(self, client, headers):
        text = client.get(PATH, headers=headers()).text
        for secret in ("gate.local", "digest", GATE.sender_key):
            assert secret not in text

    def test_a_camera_without_settings_has_the_defaults(self, client, headers):
        known = client.get("/api/cameras/yard/settings", headers=headers()).json()
        assert known["revision"] == 0
        assert not any(known["edit"].values())

    def test_what_is_no_camera_of_a_file_is_not_found(self, client, headers):
        for camera_id in ("-gate", "eye-0123456789abcdef"):
            for path in ("settings", "snapshot.jpg"):
                response = client.get(f"/api/cameras/{camera_id}/{path}", headers=headers())
                assert response.status_code == 404

    def test_settings_of_a_newer_version_are_not_edited(self, client, headers, cameras):
        cameras.unreadable["gate"] = "?"
        response = client.get(PATH, headers=headers())
        assert response.status_code == 503
        assert "can't be read" in response.json()["detail"]

    def test_before_kafka_was_read_nothing_is_said(self, client, headers, cameras):
        cameras.is_away = True
        assert client.get(PATH, headers=headers()).status_code == 503


class TestCheck:
    def test_what_an_edit_becomes_and_what_it_changes(self, client, headers):
        response = client.post(f"{PATH}/check", json=EDIT, headers=headers(read_only=True))
        checked = response.json()
        assert checked["faults"] == []
        assert "  door: [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]\n" in checked["yaml"]
        assert "-  fence: [[0, 0.5], [1, 0.5]]" in checked["diff"].splitlines()
        assert "+  fence: [[1, 0.5], [0, 0.5]]" in checked["diff"].splitlines()

    def test_no_change_is_no_difference(self, client, headers):
        edit = client.get(PATH, headers=headers()).json()["edit"]
        assert client.post(f"{PATH}/check", json=edit, headers=headers()).json()["diff"] == ""

    def test_mistakes_are_at_their_places_and_nothing_is_published(self, client, headers, cameras):
        bow = [[0, 0], [1, 1], [1, 0], [0, 1]]
        edit = EDIT | {"zones": [{"name": "bow", "points": bow}]}
        faults = client.post(f"{PATH}/check", json=edit, headers=headers()).json()["faults"]
        assert [fault["at"] for fault in faults] == [
            ["rules", 0, "zones", 0],
            ["zones", 0, "points"],
        ]
        assert not cameras.written

    @pytest.mark.parametrize(
        "body",
        [
            {"zones": [{"name": "a", "points": [[0, 0], [1]]}]},
            {"zones": [{"name": "a"}]},
            {"zones": {"a": []}},
            {"fps": 3},
            {"rules": ["r"]},
        ],
    )
    def test_what_is_no_edit_is_rejected(self, client, headers, body):
        assert client.post(f"{PATH}/check", json=body, headers=headers()).status_code == 422

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
    def test_a_point_is_a_number(self, client, headers, number):
        text = f'{{"zones": [{{"name": "a", "points": [[0, 0], [1, 0], [{number}, 1]]}}]}}'
        response = client.post(f"{PATH}/check", content=text, headers=headers() | JSON)
        assert response.status_code == 200
        assert response.json()["faults"][0]["at"] == ["zones", 0, "points", 2, 0]

    @pytest.mark.parametrize(
        "rule",
        [
            r'{"name": "\ud800"}',
            r'{"\ud800": 1}',
            r'{"name": "r", "crosses": {"\ud800": "in"}}',
            r'{"name": "r", "labels": ' + "[" * 60 + "]" * 60 + "}",
            r'{"name": "r", "min_score": NaN}',
        ],
    )
    def test_whatever_stands_in_a_rule_is_named(self, client, headers, rule):
        text = f'{{"rules": [{rule}]}}'
        response = client.post(f"{PATH}/check", content=text, headers=headers() | JSON)
        assert response.json()["faults"]
        text = f'{{"rules": [{rule}], "revision": 1}}'
        assert client.post(PATH, content=text, headers=headers() | JSON).status_code == 422


class TestApply:
    def test_is_published_with_all_other_settings_as_they_are(self, apply, cameras):
        response = apply()
        assert response.status_code == 200
        (written,) = cameras.written
        assert written.zones == (Zone("door", CORNERS),)
        assert written.lines == (Line("fence", (1.0, 0.5), (0.0, 0.5)),)
        assert written.masks == (Zone("window", SQUARE),)
        assert written.rules == (Rule("stranger", ("person",), ("door",), frames=5),)
        four = {key: getattr(GATE, key) for key in EDIT}
        assert replace(written, **four, revision=0) == GATE
        known = response.json()
        assert known["revision"] == written.revision > 1
        assert known["edit"]["zones"] == EDIT["zones"]

    def test_can_be_edited_again_at_once(self, apply):
        revision = apply().json()["revision"]
        assert apply(EDIT | {"zones": [], "rules": []}, revision).status_code == 200

    def test_what_changes_nothing_is_not_published(self, apply, client, headers, cameras):
        known = client.get(PATH, headers=headers()).json()
        response = apply(known["edit"])
        assert (response.status_code, response.json()["revision"]) == (200, 1)
        assert not cameras.written

    def test_a_change_by_somebody_else_is_noticed(self, apply, cameras):
        cameras.put(replace(GATE, fps=5))
        response = apply()
        assert response.status_code == 409
        assert "have changed since they were loaded" in response.json()["detail"]
        assert not cameras.written
        assert apply(revision=3).status_code == 200
        assert cameras.written[0].fps == 5

    def test_a_first_setting_of_a_camera(self, apply, cameras):
        assert apply(revision=0, camera_id="yard").status_code == 200
        assert cameras.cameras["yard"].zones

    def test_mistakes_are_named_and_nothing_is_published(self, apply, cameras):
        response = apply(EDIT | {"zones": []})
        assert response.status_code == 422
        assert response.json()["faults"][0]["at"] == ["rules", 0, "zones", 0]
        assert not cameras.written

    def test_more_than_any_reader_accepts_is_not_published(self, apply, cameras):
        lines = [{"name": f"{i}", "points": [[0, 0], [1, 1]]} for i in range(PARTS_LIMIT + 1)]
        response = apply(EDIT | {"lines": lines})
        assert response.status_code == 422
        assert f"at most {PARTS_LIMIT} parts" in response.json()["detail"]
        assert not cameras.written

    def test_without_kafka_nothing_is_told_of_its_address(
        self, client, headers, cameras, monkeypatch
    ):
        known = client.get(PATH, headers=headers()).json()
        monkeypatch.setattr(FakeCameraSettings, "camera", lambda *_: GATE)
        cameras.is_away = True
        body = EDIT | {"revision": known["revision"]}
        response = client.post(PATH, json=body, headers=headers())
        assert response.status_code == 503
        assert "kafka.internal" not in response.text

    def test_a_token_for_reading_only_does_not_apply(self, apply, cameras):
        assert apply(read_only=True).status_code == 403
        assert not cameras.written

    def test_another_site_does_not_apply(self, client, tokens, clock, cameras):
        _, text = tokens.create("guard", clock.now, 60_000)
        client.cookies.set("pycturestream_token", text)
        body = EDIT | {"revision": 1}
        for origin in ({}, {"origin": "https://evil.example"}):
            assert client.post(PATH, json=body, headers=origin).status_code == 403
        own = {"origin": "http://testserver"}
        assert client.post(PATH, json=body, headers=own).status_code == 200
        assert len(cameras.written) == 1


class TestFile:
    FILE = (
        "cameras:\n"
        "  - camera_id: gate   # the big one\n"
        f"    source: rtsp://me:{SECRET}@gate.local/1\n"
        "    models: [objects, faces]\n"
    )

    def write(self, client, headers, text):
        return client.post(f"{PATH}/file", json=EDIT | {"file": text}, headers=headers())

    def test_gets_the_edit_and_keeps_the_rest(self, client, headers, cameras):
        written = self.write(client, headers, self.FILE).json()
        assert written["text"].startswith(self.FILE)
        assert "      door: [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]\n" in written["text"]
        assert written["notes"] == []
        assert not cameras.written

    @pytest.mark.parametrize(
        ("text", "detail"),
        [
            (FILE + "    fsp: 2\n", "cameras.yaml:5: cameras[0].fsp: not a known key"),
            ("cameras: [{camera_id: yard}]\n", "has no camera gate; it has yard"),
            ("cameras: [\n", "not YAML"),
            ("", "must be a list of cameras"),
        ],
    )
    def test_mistakes_are_named_without_secrets(self, client, headers, text, detail):
        response = self.write(client, headers, text)
        assert response.status_code == 422
        assert detail in response.json()["detail"]
        assert SECRET not in response.text

    def test_one_is_written_at_a_time(self, client, headers, monkeypatch):
        during = []

        def write(*arguments):
            during.append(self.write(client, headers, self.FILE))
            return write_into_file(*arguments)

        monkeypatch.setattr(camera_settings_api, "write_into_file", write)
        assert self.write(client, headers, self.FILE).status_code == 200
        (meanwhile,) = during
        assert meanwhile.status_code == 503
        assert "try again in a moment" in meanwhile.json()["detail"]
        assert self.write(client, headers, "").status_code == 422
        assert self.write(client, headers, self.FILE).status_code == 200

    def test_may_be_large_and_other_requests_not(self, client, headers):
        padding = "# " + "x" * BODY_BYTE_LIMIT + "\n"
        assert self.write(client, headers, padding + self.FILE).status_code == 200
        assert self.write(client, headers, "#" * SETTINGS_BYTE_LIMIT).status_code == 413
        silence = {"camera_id": "gate", "for": "2h", "reason": "x" * BODY_BYTE_LIMIT}
        assert client.post("/api/silences", json=silence, headers=headers()).status_code == 413


class TestSnapshot:
    PATH = "/api/cameras/gate/snapshot.jpg"

    def test_is_the_newest_picture_and_kept_nowhere(self, client, headers, snapshots):
        snapshots.take("gate", "2026-11-21T12:00:00.000Z")
        response = client.get(self.PATH, headers=headers())
        assert response.content == snapshots.pictures["gate"].jpeg
        assert response.headers["content-type"] == "image/jpeg"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-captured-at"] == "2026-11-21T12:00:00.000Z"

    def test_that_is_missing_says_why(self, client, headers, snapshots):
        assert "not sent a picture" in client.get(self.PATH, headers=headers()).json()["detail"]
        snapshots.pictures["gate"] = Missing.EXPIRED
        response = client.get(self.PATH, headers=headers())
        assert response.status_code == 404
        assert "no longer in the log" in response.json()["detail"]

    @pytest.mark.parametrize("error", [RedisAwayError("10.0.0.1"), FaceModelError("no model")])
    def test_that_cannot_be_fetched_or_blurred_is_not_sent(self, client, headers, snapshots, error):
        snapshots.error = error
        response = client.get(self.PATH, headers=headers())
        assert response.status_code == 503
        assert str(error) not in response.text


class TestSnapshotWhereTooManyAreAskedFor:
    @pytest.fixture
    def turns(self):
        return PictureTurns(waiting_limit=0)

    def test_says_when_to_try_again(self, client, headers, snapshots):
        snapshots.take("gate", "2026-11-21T12:00:00.000Z")
        response = client.get(TestSnapshot.PATH, headers=headers())
        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert "too many pictures" in response.json()["detail"]


class TestScope:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", ""),
            ("POST", ""),
            ("POST", "/check"),
            ("POST", "/file"),
        ],
    )
    def test_a_token_of_another_camera_sees_nothing(self, client, headers, cameras, method, path):
        body = (
            EDIT | ({"revision": 1} if not path else {}) | ({"file": ""} if "file" in path else {})
        )
        body = body if method == "POST" else None
        of_door = headers(cameras=["door"])
        assert client.request(method, PATH + path, json=body, headers=of_door).status_code == 403
        assert client.request(method, PATH + path, json=body).status_code == 401
        assert not cameras.written

    def test_a_token_of_another_camera_sees_no_picture(self, client, headers, snapshots):
        snapshots.take("gate", "2026-11-21T12:00:00.000Z")
        path = TestSnapshot.PATH
        assert client.get(path, headers=headers(cameras=["door"])).status_code == 403
        assert client.get(path).status_code == 401

    def test_the_page_needs_a_token_for_the_camera(self, client, tokens, clock):
        path = "/cameras/gate/zones"
        assert client.get(path).headers["location"] == f"/sign-in?next={path}"
        client.cookies.set(
            "pycturestream_token", tokens.create("a", clock.now, 60_000, cameras=["door"])[1]
        )
        assert client.get(path).status_code == 403
        client.cookies.set(
            "pycturestream_token", tokens.create("b", clock.now, 60_000, cameras=["gate"])[1]
        )
        response = client.get(path)
        assert response.status_code == 200
        assert (
            response.headers["content-security-policy"] == PAGE_HEADERS["Content-Security-Policy"]
        )
        assert client.get("/cameras/eye-0123456789abcdef/zones").status_code in {403, 404}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
POINTS = st.lists(st.lists(st.floats(), min_size=2, max_size=2), max_size=4)
ODD_SHAPES = st.lists(
    st.fixed_dictionaries({"name": st.text(max_size=5), "points": POINTS}), max_size=3
)
ODD_RULE = st.dictionaries(st.sampled_from(KEYS["rules"]) | st.text(max_size=4), VALUES, max_size=4)
ODD_EDITS = st.fixed_dictionaries(
    {
        "zones": ODD_SHAPES | VALUES,
        "lines": ODD_SHAPES,
        "masks": ODD_SHAPES,
        "rules": st.lists(ODD_RULE, max_size=2) | VALUES,
    }
)
ODD_FILES = st.text(max_size=40) | VALUES.map(lambda value: json.dumps({"cameras": value}))


@given(edit=ODD_EDITS | VALUES, file=ODD_FILES, revision=st.integers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered(client, headers, edit, file, revision):
    for path, more in (
        ("/check", {}),
        ("", {"revision": revision}),
        ("/file", {"file": file}),
    ):
        body = edit | more if isinstance(edit, dict) else edit
        sent = json.dumps(body).encode()
        response = client.post(PATH + path, content=sent, headers=headers() | JSON)
        assert response.status_code < 500, response.text
    response = client.post(f"{PATH}/file", json=EDIT | {"file": file}, headers=headers())
    assert response.status_code < 500, response.text


def test_what_is_applied_is_a_record_of_the_topic(apply, cameras):
    apply()
    assert (
        msgspec.json.decode(msgspec.json.encode(cameras.written[0]), type=Camera)
        == cameras.written[0]
    )
