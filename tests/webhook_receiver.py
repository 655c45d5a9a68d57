"""A real HTTP receiver that rejects, stalls and redirects when a test wants it."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What arrived, and how the receiver is to answer."""

    url: str = ""
    requests: list = field(default_factory=list)
    """Path, headers by their small names, body."""
    answers: list = field(default_factory=list)
    """To the next requests, instead of 204; `hang up` for none at all."""
    stall: threading.Event | None = None
    """Nothing is answered before it is set."""


@contextmanager
def webhook_receiver():
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append((self.path, headers, body))
            if receiver.stall:
                receiver.stall.wait()
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if answer == "hang up":
                self.close_connection = True
                return
            self.send_response(answer)
            if 300 <= answer < 400:
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.stall:
            receiver.stall.set()
        server.shutdown()
        thread.join()
        server.server_close()
