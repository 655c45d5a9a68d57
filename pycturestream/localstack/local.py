"""The whole local stack: start what does not run, stop what this copy started."""

import fcntl
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from kafka.errors import KafkaError

from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.checkpoints import checkpoint_folder, newest_state
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.errors import JobError, StackError
from pycturestream.localstack.fetch import fetch, is_fetched
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer, flink_folder
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import Report, halt, launch, silent
from pycturestream.localstack.machine import check_machine, check_memory
from pycturestream.localstack.ports import check_free
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.sample_cameras import SampleCameras
from pycturestream.localstack.server import Server
from pycturestream.localstack.submit import JOBS, Job, running_jobs, submit_all
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import install_templates


def servers(settings: Settings) -> list[Server]:
    """Return all servers, those first that the first detection waits for."""
    return [
        KafkaServer(settings),
        JobManagerServer(settings),
        TaskManagerServer(settings),
        RedisServer(settings),
        ElasticsearchServer(settings),
    ]


def is_running(server: Server) -> bool:
    record = processes.read_record(server.settings.data_folder.resolve(), server.name)
    return record is not None and processes.leader(record) is not None


def start_stack(
    settings: Settings,
    report: Report = silent,
    jobs: Sequence[Job] = JOBS,
    *,
    fresh: bool = False,
    cameras: bool = False,
) -> list[str]:
    """Start servers and jobs that don't run; return the names of the servers it started.

    Each starts as soon as what it needs is there, and the sample cameras too if asked for. Raises
    StackError; what this call started is then stopped again, and so it is by Ctrl-C.
    """
    check_machine(settings)
    with _alone(settings):
        missing = [server for server in servers(settings) if not is_running(server)]
        if missing:
            check_memory()
        for server in missing:
            check_free(server.name, settings.host, server.ports)
        if not is_fetched(settings):
            report("downloads", "fetching 170 MB, once")
            fetch(settings)
            report("downloads", "ready")
        try:
            cold = JobManagerServer.name in {server.name for server in missing}
            _start_all(settings, report, jobs, fresh=fresh, cameras=cameras, cold=cold)
        except BaseException:
            for server in (SampleCameras(settings), *reversed(missing)):
                halt(server, report)
            raise
    return [server.name for server in missing]


def stop_stack(
    settings: Settings, report: Report = silent, *, only: Sequence[str] | None = None
) -> bool:
    """Stop what this copy started (or `only` these servers); say whether there was anything.

    Jobs end with their task manager; they go on from their last checkpoint when started again.
    """
    with _alone(settings):
        chosen = [server for server in servers(settings) if only is None or server.name in only]
        halt(SampleCameras(settings), report)
        with ThreadPoolExecutor() as pool:
            stopped = list(pool.map(lambda server: halt(server, report), reversed(chosen)))
    return any(stopped)


def wipe(settings: Settings) -> None:
    """Delete all that the stopped stack has written; downloads stay."""
    for server in servers(settings):
        shutil.rmtree(server.folder, ignore_errors=True)
    for folder in (flink_folder(settings), settings.data_folder / "logs"):
        shutil.rmtree(folder, ignore_errors=True)


def _start_all(
    settings: Settings,
    report: Report,
    jobs: Sequence[Job],
    *,
    fresh: bool,
    cameras: bool,
    cold: bool,
) -> None:
    give_up = Event()

    def up(server: Server) -> None:
        launch(server, report, give_up)
        if server.name == KafkaServer.name:
            _create_topics(settings, report)
            if cameras:
                # Before detection runs: the first picture makes it load its model.
                launch(SampleCameras(settings), report, give_up)
        if server.name == ElasticsearchServer.name:
            with connect(settings) as client:
                install_templates(client, settings)

    with ThreadPoolExecutor(max_workers=8) as pool:
        ready = {server.name: pool.submit(up, server) for server in servers(settings)}
        submitted = pool.submit(
            _submit_missing, settings, report, jobs, ready, fresh=fresh, cold=cold
        )
        try:
            wait(ready.values(), return_when=FIRST_EXCEPTION)
            for future in ready.values():
                if future.done():
                    future.result()
            submitted.result()
        finally:
            give_up.set()


def _create_topics(settings: Settings, report: Report) -> None:
    try:
        created = create_topics(settings)
    except KafkaError as error:
        raise StackError(f"Kafka did not create the topics: {error}") from error
    if created:
        report("kafka", f"{len(created)} topics created")


def _submit_missing(
    settings: Settings,
    report: Report,
    jobs: Sequence[Job],
    ready: Mapping[str, Future[None]],
    *,
    fresh: bool,
    cold: bool,
) -> None:
    """Submit jobs that don't run, each when the log and the store that it writes to are ready.

    Where Flink itself starts (`cold`) there are none to ask for, and its client can make itself
    ready meanwhile. A job goes on from its newest checkpoint, unless it shall start `fresh`.
    """
    running = set()
    if not cold:
        ready[JobManagerServer.name].result()
        running = {job.name for job in running_jobs(settings)}
    missing = {
        job: None if fresh else newest_state(checkpoint_folder(settings, job.name))
        for job in jobs
        if job.name not in running
    }
    if not missing:
        return

    def due() -> Iterator[tuple[Job, Path | None]]:
        for job, checkpoint in missing.items():
            for name in (KafkaServer.name, job.store):
                if name:
                    ready[name].result()
            report(job.name, "submitting")
            yield job, checkpoint

    restored = {job.name for job, checkpoint in missing.items() if checkpoint}
    failures = []
    for outcome in submit_all(settings, due()):
        if outcome.error:
            report(outcome.name, "failed")
            failures.append(outcome.error)
        else:
            name = outcome.name
            report(name, "goes on from its last checkpoint" if name in restored else "submitted")
    if failures:
        raise JobError(failures[0])


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let one command at a time start and stop servers in a data folder."""
    folder = settings.data_folder.resolve() / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(
                f"another up or down is at work in {settings.data_folder}: wait for it to end"
            ) from error
        yield
