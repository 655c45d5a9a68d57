"""Flink's REST interface has no login: what a page in a browser may ask of it."""

import pytest
import requests

from pycturestream.application.jobs import submit
from pycturestream.localstack.job_states import cancel, state_of
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.sql_gateway import sql_session
from tests.integration.test_stack_local import TICK
from tests.waiting import eventually

pytestmark = pytest.mark.integration

FORM = {"request": (None, '{"jobGraphFileName": "graph", "jobJarFileNames": []}')}
"""What a page can post without asking first: it would be read as a job graph."""
FOREIGN_PAGES = {
    "another site": {"Origin": "https://example.org"},
    "another site, without a name": {"Origin": "null"},
    "another server of this machine": {"Origin": "http://127.0.0.1:3000"},
    "a form of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    "a picture of a neighbouring site": {"Sec-Fetch-Site": "same-site"},
    "a frame": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
    "a name that was pointed here": {"Host": "rebound.example.org:8081"},
    "no name": {"Host": ""},
}


@pytest.mark.parametrize("page", FOREIGN_PAGES)
def test_other_sites_pages_can_not_submit_jobs(flink_cluster, page):
    answer = requests.post(
        f"{flink_cluster.flink}/v1/jobs", files=FORM, headers=FOREIGN_PAGES[page], timeout=10
    )
    assert answer.status_code == requests.codes.forbidden


@pytest.mark.parametrize("page", FOREIGN_PAGES)
def test_other_sites_pages_can_not_read(flink_cluster, page):
    answer = requests.get(
        f"{flink_cluster.flink}/jobs/overview", headers=FOREIGN_PAGES[page], timeout=10
    )
    assert answer.status_code == requests.codes.forbidden
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_nobody_uploads_programs(flink_cluster):
    answer = requests.post(
        f"{flink_cluster.flink}/jars/upload",
        files={"jarfile": ("program.jar", b"PK", "application/x-java-archive")},
        timeout=10,
    )
    assert not answer.ok
    assert requests.get(f"{flink_cluster.flink}/jars", timeout=10).status_code == 404


def test_the_web_ui_asks_its_own_server(flink_cluster):
    own = {"Origin": flink_cluster.flink, "Sec-Fetch-Site": "same-origin"}
    assert requests.get(f"{flink_cluster.flink}/overview", headers=own, timeout=10).ok
    typed = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
    assert requests.get(flink_cluster.flink, headers=typed, timeout=10).ok


def test_a_link_to_the_web_ui_can_be_followed(flink_cluster):
    followed = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert requests.get(flink_cluster.flink, headers=followed, timeout=10).ok


@pytest.mark.parametrize("path", ["yarn-cancel", "yarn-stop", "yarn%2Dcancel"])
def test_no_link_cancels_a_job(flink_cluster, path):
    answer = requests.get(f"{flink_cluster.flink}/jobs/{32 * '0'}/{path}", timeout=10)
    assert answer.status_code == requests.codes.forbidden


def test_our_own_commands_go_on_working(flink_cluster):
    job_id = submit(flink_cluster, Job("behind-the-door", TICK, ("behind-the-door",)))

    def running():
        return state_of(flink_cluster, job_id) == "RUNNING"

    eventually(running)
    savepoint = requests.post(
        f"{flink_cluster.flink}/jobs/{job_id}/savepoints", json={"cancel-job": False}, timeout=10
    )
    assert savepoint.status_code == requests.codes.accepted
    cancel(flink_cluster, job_id)
    eventually(lambda: state_of(flink_cluster, job_id) == "CANCELED")


def test_other_sites_pages_can_not_run_statements(flink_cluster):
    with sql_session(flink_cluster) as session:
        address = f"{session._gateway}/v2/sessions"
        for headers in FOREIGN_PAGES.values():
            answer = requests.post(address, data="{}", headers=headers, timeout=10)
            assert answer.status_code == requests.codes.forbidden
        assert session.run("SELECT 1 AS answer") is not None
