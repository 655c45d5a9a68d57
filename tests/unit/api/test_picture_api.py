"""Pictures by HTTP: whose, how wide, drawn on, why one is missing, and how many at a time."""

import asyncio
import threading

import numpy as np
import pytest
from kafka.errors import KafkaConnectionError
from starlette.testclient import TestClient

from pycturestream.api.picture_turns import BusyError, PictureTurns
from pycturestream.archive.storage import StorageError
from pycturestream.blur.faces import FaceModelError
from pycturestream.domain.cameras.camera import Zone
from pycturestream.domain.frames.missing import Missing
from tests.builders import detection_record
from tests.jpegs import pixels_of
from tests.searched_pictures import SearchedPictures

RECORD = detection_record()
FRAME = RECORD["frame_id"]


@pytest.fixture
def found(tokens):
    found = SearchedPictures(tokens)
    found.put(RECORD)
    return found


@pytest.fixture
def client(found):
    return TestClient(found.application(), raise_server_exceptions=False)


@pytest.fixture
def get(client, headers):
    holder = headers()
    return lambda frame=FRAME, **parameters: client.get(
        f"/api/pictures/{frame}.jpg", params=parameters, headers=holder
    )


def test_a_picture_is_a_jpeg_that_nobody_keeps(get):
    response = get()
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "no-store"
    assert pixels_of(response.content).shape == (720, 1280, 3)


@pytest.mark.parametrize(
    ("width", "size"), [(320, (180, 320)), (1_280, (720, 1_280)), (4_000, (720, 1_280))]
)
def test_it_is_at_most_so_wide(get, width, size):
    assert pixels_of(get(width=width).content).shape[:2] == size


@pytest.mark.parametrize("width", [0, 15, 5_000, "wide"])
def test_any_other_width_is_refused(get, width):
    assert get(width=width).status_code == 422


def test_it_is_drawn_on_where_that_is_asked_for(get, found):
    plain, annotated = (pixels_of(get(annotated=each).content) for each in ("0", "1"))
    left, top = int(0.1 * 1280), int(0.5 * 720)
    assert np.ptp(plain[top, left - 6 : left + 6].astype(int)) < 10
    assert np.ptp(annotated[top, left - 6 : left + 6].astype(int)) > 50
    found.put_camera("gate", zones=(Zone("pond", ((0.5, 0.5), (0.9, 0.5), (0.9, 0.9))),))
    assert not np.array_equal(pixels_of(get(annotated="1").content), annotated)


@pytest.mark.parametrize("missing", list(Missing))
def test_a_missing_picture_says_why(get, found, missing):
    found.source.by_frame[FRAME] = missing
    response = get()
    assert response.status_code == 410
    assert response.json()["detail"] == f"the picture is missing: {missing}"
    assert response.json()["reason"] == missing.value


@pytest.mark.parametrize(
    "frame",
    ["gate", "..%2f..%2fetc%2fpasswd", "*", "gate_*", "gate_20261121T120000000Z%00", "%2e%2e",
     "gate_20261321T120000000Z", "_20261121T120000000Z", "g*te_20261121T120000000Z"],
)  # fmt: skip
def test_a_frame_id_that_is_none_finds_nothing(get, found, frame):
    response = get(frame)
    assert response.status_code == 404
    assert "\n" not in response.json()["detail"]
    assert found.source.asked == []


def test_a_frame_without_a_record_has_no_picture(get):
    response = get("gate_20261121T120000001Z")
    assert response.status_code == 404
    assert response.json()["detail"].startswith("there is no record of gate_20261121T120000001Z")
    assert get(run="holiday").status_code == 404
    assert get(run="../live").status_code == 422


def test_a_token_of_another_camera_sees_nothing(client, found, headers):
    holder = headers(cameras=["yard"])
    for frame in (FRAME, "gate_20261121T120000001Z"):
        assert client.get(f"/api/pictures/{frame}.jpg", headers=holder).status_code == 403
    assert found.source.asked == []


def test_pictures_of_the_seeing_aid_are_for_nobody(get, found):
    record = detection_record(camera_id="eye-0123456789abcdef")
    found.put(record)
    assert get(record["frame_id"]).status_code == 403
    assert found.source.asked == []


def test_a_record_that_can_not_be_read_is_no_picture(get, found):
    found.index.records[0] = RECORD | {"width": -1}
    response = get()
    assert (response.status_code, response.json()["reason"]) == (410, Missing.BAD_RECORD.value)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (KafkaConnectionError(), "Kafka does not answer"),
        (StorageError("s3://secret-bucket: no answer"), "the archive does not answer"),
        (FaceModelError("/srv/models: gone"), "no picture can be blurred"),
    ],
)
def test_what_does_not_answer_is_named_without_its_address(get, found, fault, says):
    found.source.fault = fault
    response = get()
    assert response.status_code == 503
    assert says in response.json()["detail"]
    assert "secret" not in response.text
    assert "/srv" not in response.text


class TestTurns:
    """Each test is one event loop, as in the server."""

    @staticmethod
    async def stays():
        return False

    def test_are_taken_one_at_a_time_in_one_thread(self):
        together, threads = [0, 0], set()

        def work():
            together[0] += 1
            together[1] = max(together)
            threads.add(threading.get_ident())
            together[0] -= 1
            return 1

        async def all_at_once():
            turns = PictureTurns()
            made = await asyncio.gather(*(turns.run(work, self.stays) for _ in range(20)))
            turns.close()
            return made

        assert asyncio.run(all_at_once()) == [1] * 20
        assert together == [0, 1]
        assert len(threads) == 1
        assert threads != {threading.get_ident()}

    def test_end_with_the_error_of_the_work(self):
        async def fail():
            turns = PictureTurns()
            with pytest.raises(ZeroDivisionError):
                await turns.run(lambda: 1 / 0, self.stays)
            assert await turns.run(lambda: 2, self.stays) == 2
            turns.close()

        asyncio.run(fail())

    def test_are_not_waited_for_behind_too_many_or_for_too_long(self):
        async def crowd():
            turns = PictureTurns(waiting_limit=1, patience_s=0.05)
            ready, begun = threading.Event(), asyncio.Event()
            loop = asyncio.get_running_loop()

            def work():
                loop.call_soon_threadsafe(begun.set)
                ready.wait(60)
                return "made"

            first = asyncio.create_task(turns.run(work, self.stays))
            await begun.wait()
            waiting = asyncio.create_task(turns.run(lambda: "never", self.stays))
            await asyncio.sleep(0)
            with pytest.raises(BusyError):  # one waits already
                await turns.run(lambda: "never", self.stays)
            with pytest.raises(BusyError):  # the turn does not come
                await waiting
            ready.set()
            assert await first == "made"
            assert await turns.run(lambda: "later", self.stays) == "later"
            turns.close()

        asyncio.run(crowd())

    def test_of_who_has_left_are_passed_on(self):
        async def left():
            return True

        async def leave():
            turns, made = PictureTurns(), []
            assert await turns.run(lambda: made.append(1), left) is None
            assert made == []
            turns.close()

        asyncio.run(leave())

    def test_who_finds_it_busy_is_told_when_to_come_back(self, found, headers):
        client = TestClient(found.application(turns=PictureTurns(waiting_limit=0)))
        response = client.get(f"/api/pictures/{FRAME}.jpg", headers=headers())
        assert (response.status_code, response.headers["retry-after"]) == (503, "2")

    def test_no_other_request_waits_for_a_picture(self, found, headers):
        begun, ready = threading.Event(), threading.Event()

        def fetch(record):
            begun.set()
            ready.wait(60)
            return np.zeros((record.height, record.width, 3), np.uint8)

        found.source.fetch = fetch
        with TestClient(found.application()) as client:
            holder = headers()
            asking = threading.Thread(
                target=lambda: client.get(f"/api/pictures/{FRAME}.jpg", headers=holder)
            )
            asking.start()
            try:
                assert begun.wait(60)
                assert client.get("/health").json() == {"status": "ok"}
            finally:
                ready.set()
                asking.join()


def test_the_newest_record_of_a_frame_is_drawn(get, found):
    older = pixels_of(get(annotated="1").content)
    found.put(
        detection_record(model="other", labels=[]) | {"processed_at": "2026-11-21T13:00:00.000Z"}
    )
    assert not np.array_equal(pixels_of(get(annotated="1").content), older)
