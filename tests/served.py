"""An HTTP application on a loopback port."""

import socket
import threading
from contextlib import contextmanager

import uvicorn

from pycturestream.api.server import server_config
from pycturestream.config.settings import Settings
from tests.waiting import eventually


@contextmanager
def served(app, settings=None, port=0):
    """Serve an application on a loopback port; yield its address. 0: any port that is free."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = uvicorn.Server(server_config(app, settings or Settings()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert eventually(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
