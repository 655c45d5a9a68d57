import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from producers.picture import SourceError
from producers.stream import Stream
from pycturestream.clock import SystemClock


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def camera_address(make_video):
    """Serve a recording over HTTP, as a simple network camera does."""
    path = make_video(5)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=path.parent))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://admin:hunter2@127.0.0.1:{server.server_port}/{path.name}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stream_gives_pictures_and_then_reports_that_it_broke_off(camera_address):
    pictures = Stream(camera_address, fps=1000, timeout_s=60).pictures(SystemClock())

    first = next(pictures)
    with pytest.raises(SourceError, match=r"^http://127\.0\.0\.1:\d+: broke off$"):
        list(pictures)

    assert first.content.shape == (48, 64, 3)
    assert "hunter2" not in first.origin


def test_a_stream_that_nobody_serves_is_named_without_its_password():
    pictures = Stream("rtsp://admin:hunter2@127.0.0.1:9/main", fps=2, timeout_s=60).pictures(
        SystemClock()
    )

    with pytest.raises(SourceError, match=r"^rtsp://127\.0\.0\.1:9: can't be opened$"):
        next(pictures)
