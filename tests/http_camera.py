"""A network camera over HTTP that sends whatever a test gives it."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def part(content: bytes, kind: bytes = b"image/jpeg", *, length: bool = True) -> bytes:
    """Return a part of a stream, with its length or without."""
    head = b"--next\r\nContent-Type: %s\r\n" % kind
    if length:
        head += b"Content-Length: %d\r\n" % len(content)
    return head + b"\r\n" + content + b"\r\n"


@contextmanager
def http_camera(pieces: Sequence[bytes], pause_s: float = 0) -> Iterator[str]:
    """Send these bytes, one after the other, to whoever connects; yield the camera's address.

    Without a pause the reader always gets several pictures at once, and hands out the last.
    """

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    time.sleep(pause_s)
            except OSError:
                pass  # the reader has gone

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video.mjpg"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
