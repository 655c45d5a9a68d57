"""What does not answer as Prometheus does is reported in one line."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pycturestream.dashboards.check import _series
from pycturestream.dashboards.dashboard import Span
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

Serve = Callable[[int, str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts a server with one answer, and returns its address."""
    servers = []

    def serve(status: int, said: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(address: str) -> list[object]:
    return _series(address, {"expr": "up"}, Span(Millis(0), Millis(1_000), 1_000))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "<html>no such page</html>"),
        (404, '{"error": "no such page"}'),
        (200, '{"status": "green"}'),
        (200, '["success"]'),
        (200, "1"),
        (200, '{"status": "success", "data": []}'),
        (200, ""),
    ],
)
def test_another_server_is_no_prometheus(serve: Serve, status: int, said: str) -> None:
    address = serve(status, said)

    with pytest.raises(ServiceError) as raised:
        ask(address)

    assert str(raised.value) == f"no Prometheus answers at {address}: is the address right?"


@pytest.mark.parametrize(
    "address", ["localhost:9090", "9090", "http://", "http://[::1", "http://127.0.0.1:99999"]
)
def test_what_is_no_address_is_reported(address: str) -> None:
    with pytest.raises(ServiceError, match="no Prometheus answers at"):
        ask(address)


def test_what_prometheus_rejects_is_reported_with_its_reason(serve: Serve) -> None:
    address = serve(400, '{"status": "error", "errorType": "bad_data", "error": "parse error"}')

    with pytest.raises(ServiceError, match="rejected up: parse error"):
        ask(address)


def test_series_are_returned(serve: Serve) -> None:
    series = '[{"metric": {}, "values": [[1, "2"]]}]'
    said = f'{{"status": "success", "data": {{"resultType": "matrix", "result": {series}}}}}'
    address = serve(200, said)

    assert ask(address) == [{"metric": {}, "values": [[1, "2"]]}]
