"""What is told of jobs while Flink can't say everything about them."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec
import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack.job_states import running_jobs

JOB = {"jid": "a", "name": "live", "start-time": 1}


@pytest.fixture
def flink():
    """A job manager whose job has no checkpoints to tell of, with this state and answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            status, answer = HTTPStatus.OK, []
            if path == "/jobs/overview":
                answer = {"jobs": [JOB | {"state": flink.state}]}
            elif path == "/jobs/a/checkpoints":
                status, answer = flink.status, {"errors": ["not initialised"]}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(msgspec.json.encode(answer))

        def log_message(self, *_):
            pass

    flink = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    flink.settings = Settings(flink_address=f"http://127.0.0.1:{flink.server_port}")
    thread = Thread(target=flink.serve_forever)
    thread.start()
    yield flink
    flink.shutdown()
    thread.join()
    flink.server_close()


@pytest.mark.parametrize(
    ("state", "status"), [("INITIALIZING", 500), ("RUNNING", 500), ("RUNNING", 404)]
)
def test_a_job_is_told_of_before_its_checkpoints_are(flink, state, status):
    flink.state, flink.status = state, status

    [job] = running_jobs(flink.settings)

    assert (job.name, job.state, job.last_checkpoint_at) == ("live", state, None)
