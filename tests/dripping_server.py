"""A server that never comes to an end: it sends the same bytes again and again."""

import socket
import threading
from contextlib import contextmanager


@contextmanager
def dripping_server(chunk, *, reads=False):
    """Yield its port. It sends to one client as long as that listens; first it `reads`, or not."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve():
        connection, _ = listener.accept()
        with connection:
            if reads:
                connection.recv(1_000)
            while not ended.wait(0.02):
                try:
                    connection.sendall(chunk)
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listener.close()
