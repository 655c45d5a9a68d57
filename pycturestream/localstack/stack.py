"""The servers of the local stack: start those that don't run, stop those that this copy started."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from elasticsearch import ApiError, TransportError
from filelock import FileLock, Timeout
from kafka.errors import KafkaError

from pycturestream.config.settings import PROJECT_FOLDER, TASK_MANAGER_LIMIT, Settings
from pycturestream.localstack import StackError, processes
from pycturestream.localstack.clean_up import CleanUp, clean_references, clean_up
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.fetch import fetch, is_fetched
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer, flink_folder
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import Report, halt, launch, no_report
from pycturestream.localstack.machine import check_machine, check_memory
from pycturestream.localstack.outages import forget_outages, has_outages
from pycturestream.localstack.ports import check_free
from pycturestream.localstack.prometheus import PrometheusServer, is_installed
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.server import PYTHON, Server
from pycturestream.localstack.server_names import SUPERVISOR
from pycturestream.localstack.unprivileged import give, hand_over, keep_private
from pycturestream.localstack.web_server import WebServer
from pycturestream.log.create_topics import create_topics
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import install_templates

CAMERA_FILE = PROJECT_FOLDER / "samples" / "cameras.yaml"


LOCK_WAIT_S = 15.0
"""A timer's `privacy clean` waits for up to 10 s for a broker that was killed, and cleans."""


class StackLockedError(StackError):
    """Another command starts or stops servers of the data folder."""


class SampleCameras(Server):
    """The sample cameras, played over and over: no server, but a process of the stack like them."""

    name = "cameras"

    @property
    def ports(self) -> Mapping[int, str]:
        return {}

    def prepare(self) -> None:
        """Need nothing: the file is part of the project."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pycturestream.cli.main", "run", str(CAMERA_FILE), "--quiet"]

    def environment(self) -> dict[str, str]:
        return {"PYCTURESTREAM_METRICS": "true"} if is_installed() else {}

    def is_ready(self) -> bool:
        return True  # a camera that fails is tried again by its own process

    @property
    def reads(self) -> tuple[Path, ...]:
        return (*super().reads, PYTHON)


class PictureServer(Server):
    """The picture service.

    Only the supervisor starts it, while a camera asks for pictures or somebody looks.
    """

    name = "pictures"
    niceness = 10
    """Detection comes first, which has 5: a picture that is shown later is not worth less."""

    @property
    def ports(self) -> Mapping[int, str]:
        return {}

    def prepare(self) -> None:
        """Need nothing: its folder holds a lock."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pycturestream.cli.main", "pictures"]

    def environment(self) -> dict[str, str]:
        return {"PYCTURESTREAM_METRICS": "true"} if is_installed() else {}

    def is_ready(self) -> bool:
        return True  # it waits for Kafka by itself

    @property
    def reads(self) -> tuple[Path, ...]:
        return (*super().reads, PYTHON)


class Supervisor(Server):
    """Starts again what ends by itself; with root's rights, as `up` has them."""

    name = SUPERVISOR
    gives_up_rights = False

    @property
    def ports(self) -> Mapping[int, str]:
        return {}

    def prepare(self) -> None:
        forget_outages(self.settings)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pycturestream.application.supervisor"]

    def is_ready(self) -> bool:
        return has_outages(self.settings)


@dataclass(frozen=True, slots=True)
class Starting:
    """The servers while they start."""

    missing: frozenset[str]
    """Those that did not run before."""
    ready: Mapping[str, Future[None]]
    """Each ends when its server is ready, or raises StackError."""

    def wait_for(self, name: str) -> None:
        """Return once this server is ready. Raises StackError."""
        self.ready[name].result()


def servers(settings: Settings) -> list[Server]:
    """Return the servers that the settings ask for, those first that detection waits for."""
    return [
        KafkaServer(settings),
        JobManagerServer(settings),
        *(TaskManagerServer(settings, number + 1) for number in range(settings.task_managers)),
        RedisServer(settings),
        ElasticsearchServer(settings),
        *([PrometheusServer(settings)] if is_installed() else ()),
    ]


def known_servers(settings: Settings) -> list[Server]:
    """Return these servers, and those of other times that were started and not stopped.

    They are task managers of when the settings asked for more, a Prometheus whose program was
    removed since, and the pages.
    """
    asked = servers(settings)
    further = range(settings.task_managers + 1, TASK_MANAGER_LIMIT + 1)
    more = [
        *(TaskManagerServer(settings, n) for n in further),
        PrometheusServer(settings),
        WebServer(settings),
    ]
    names = {server.name for server in asked}
    return [*asked, *(one for one in more if one.name not in names and _record(one))]


def is_running(server: Server) -> bool:
    return processes.is_running(server.settings.data_folder.resolve(), server.name)


def start_servers(
    settings: Settings,
    report: Report = no_report,
    *,
    cameras: bool = False,
    pages: bool = False,
    supervised: bool = False,
    then: Callable[[Starting], None] | None = None,
    replaces: Callable[[TaskManagerServer], bool] | None = None,
) -> list[str]:
    """Start the servers that don't run; return their names.

    `supervised` starts a supervisor too, which starts again what ends by itself from then on; one
    that runs is replaced, since it may be starting the same servers, or have older code.

    Task managers of which `replaces` says that they run other code are stopped before.
    An optional server that fails is reported, and left out.
    Each starts as soon as what it needs is ready, the sample cameras and the pages too if asked
    for. `then` runs beside them in a thread, and may wait for each. Raises StackError, and what
    `then` raises; what this call started is then stopped again, and so it is by Ctrl-C.
    """
    with _locked(settings):
        missing: list[Server] | None = None
        try:
            with _without_supervisor(settings, needed=supervised):
                missing = _start_missing(
                    settings, report, then, replaces, cameras=cameras, pages=pages
                )
        except BaseException:
            if missing is not None:  # interrupted while the supervisor started
                _halt_started(settings, missing, report)
                if not any(is_running(server) for server in known_servers(settings)):
                    _halt_supervisor(settings, report)
            raise
    return [server.name for server in missing]


def _start_missing(
    settings: Settings,
    report: Report,
    then: Callable[[Starting], None] | None,
    replaces: Callable[[TaskManagerServer], bool] | None,
    *,
    cameras: bool,
    pages: bool,
) -> list[Server]:
    """Start the servers that don't run, and return them; stop them again where that fails."""
    check_machine(settings)
    if replaces:
        _stop_task_managers(settings, report, replaces)
    web = WebServer(settings)
    if pages and is_running(web) and web.has_old_code:
        _halt_old(web, report)
    asked = [*servers(settings), *([web] if pages else ())]
    missing = [server for server in asked if not is_running(server)]
    needed = [server for server in missing if not server.is_optional]
    if needed:
        check_memory(settings)
    for server in needed:
        check_free(server.name, settings.host, server.ports)
    if not is_fetched(settings):
        report("downloads", "fetching 170 MB, once")
        fetch(settings)
        report("downloads", "ready")
    _close_data_folder(settings)
    if KafkaServer.name in [server.name for server in missing]:
        # What has become due while it was off, before anybody can read it.
        _clean_up(settings, report)
    try:
        names = frozenset(server.name for server in missing)
        _start_all(settings, asked, report, names, then, cameras=cameras)
    except BaseException:
        _halt_started(settings, missing, report)
        raise
    # One that has ended since is started again by the supervisor.
    return [server for server in missing if not server.is_optional or _record(server)]


def _halt_supervisor(settings: Settings, report: Report = no_report) -> bool:
    """Stop the supervisor and what it alone starts; say whether it ran."""
    ran = halt(Supervisor(settings), report)
    halt(PictureServer(settings), report)
    return ran


def _halt_started(settings: Settings, started: Sequence[Server], report: Report) -> None:
    for server in (SampleCameras(settings), *reversed(started)):
        halt(server, report)
    if any(server.name == KafkaServer.name for server in started):
        _clean_up(settings, report, forget_live=True, forget_live_references=True)


def stop_stack(
    settings: Settings, report: Report = no_report, *, only: Sequence[str] | None = None
) -> bool:
    """Stop what this copy started (or `only` these servers); say whether there was anything.

    The sample cameras stop in any case.

    Jobs end with their task manager; they resume from their last checkpoint when started again.
    Live pictures that the broker still had are removed: nothing else would remove them.
    """
    with _locked(settings), _without_supervisor(settings):
        known = known_servers(settings)
        chosen = [server for server in known if only is None or server.name in only]
        halt(SampleCameras(settings), report)
        with ThreadPoolExecutor() as pool:
            stopped = list(pool.map(lambda server: halt(server, report), reversed(chosen)))
        if not is_running(KafkaServer(settings)):
            # Pictures by reference may be those of another stack, if Kafka did not run here.
            names = [
                server.name for server, ran in zip(reversed(chosen), stopped, strict=True) if ran
            ]
            stopped_kafka = KafkaServer.name in names
            _clean_up(settings, report, forget_live=True, forget_live_references=stopped_kafka)
    return any(stopped)


def clean_stack(settings: Settings) -> CleanUp:
    """Remove what is due: of the log only where its broker does not run, which does it itself.

    Nothing while another command starts or stops servers, which removes what is due itself. Raises
    StackError; lets BrokerRunsError through, after the references are clean.
    """
    try:
        with _locked(settings, wait_s=0):
            if is_running(KafkaServer(settings)):
                return CleanUp(references=clean_references(settings))
            return clean_up(settings)
    except StackLockedError:
        return CleanUp()


def wipe(settings: Settings) -> None:
    """Delete all that the stopped stack has written; downloads stay."""
    # That of Prometheus may be there though its program was removed.
    for server in (*servers(settings), PrometheusServer(settings)):
        shutil.rmtree(server.folder, ignore_errors=True)
    for folder in (flink_folder(settings), settings.data_folder / "logs"):
        shutil.rmtree(folder, ignore_errors=True)


def _start_all(
    settings: Settings,
    every: Sequence[Server],
    report: Report,
    missing: frozenset[str],
    then: Callable[[Starting], None] | None,
    *,
    cameras: bool,
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
            _install_templates(settings)

    def try_up(server: Server) -> None:
        needed = [ready[name] for name in server.follows]
        wait(needed)
        if not any(future.exception() for future in needed):
            _try_launch(server, report, give_up)

    with ThreadPoolExecutor(max_workers=len(every) + 1) as pool:
        ready = {one.name: pool.submit(up, one) for one in every if not one.is_optional}
        optional = [pool.submit(try_up, one) for one in every if one.is_optional]
        following = then and pool.submit(then, Starting(missing, ready))
        try:
            wait(ready.values(), return_when=FIRST_EXCEPTION)
            for future in ready.values():
                if future.done():
                    future.result()
            if following:
                following.result()
            wait(optional)
        finally:
            give_up.set()


def _try_launch(server: Server, report: Report, give_up: Event) -> None:
    """Start an optional server; report where that fails."""
    try:
        launch(server, report, give_up)
    except (StackError, OSError) as error:
        if not give_up.is_set():  # or nothing starts any more
            report(server.name, f"not started, the others do without it: {error}")


def _stop_task_managers(
    settings: Settings, report: Report, runs_old_code: Callable[[TaskManagerServer], bool]
) -> None:
    for server in known_servers(settings):
        if isinstance(server, TaskManagerServer) and is_running(server) and runs_old_code(server):
            _halt_old(server, report)


def _halt_old(server: Server, report: Report) -> None:
    report(server.name, "runs other code, is started again")
    halt(server)


def _clean_up(
    settings: Settings,
    report: Report,
    *,
    forget_live: bool = False,
    forget_live_references: bool = False,
) -> None:
    done = clean_up(
        settings, forget_live=forget_live, forget_live_references=forget_live_references
    )
    if done.sentence:
        report("clean-up", done.sentence)


def _close_data_folder(settings: Settings) -> None:
    """Leave the data folder to its owner, which for root is the user of its servers."""
    folder = settings.data_folder.resolve()
    (folder / "logs").mkdir(exist_ok=True)
    keep_private(folder)
    give(folder)
    hand_over(folder / "logs")
    downloads = settings.download_folder.resolve()
    if downloads.is_relative_to(folder):
        hand_over(downloads)


def _record(server: Server) -> processes.ProcessRecord | None:
    return processes.read_process_record(server.settings.data_folder.resolve(), server.name)


def _create_topics(settings: Settings, report: Report) -> None:
    try:
        created = create_topics(settings)
    except KafkaError as error:
        raise StackError(f"Kafka did not create the topics: {error}") from error
    if created:
        report("kafka", f"{len(created)} topics created")


def _install_templates(settings: Settings) -> None:
    try:
        with connect(settings) as client:
            install_templates(client, settings)
    except (ApiError, TransportError) as error:
        raise StackError(f"Elasticsearch rejected the index templates: {error}") from error


@contextmanager
def _without_supervisor(settings: Settings, *, needed: bool = False) -> Iterator[None]:
    """Stop the supervisor for this block, which starts and stops servers itself.

    One runs again afterwards if it ran before or is `needed`, and there is a server to look after.
    """
    needed |= _halt_supervisor(settings)
    forget_outages(settings)
    try:
        yield
    finally:
        if needed and any(is_running(server) for server in known_servers(settings)):
            launch(Supervisor(settings))


@contextmanager
def _locked(settings: Settings, wait_s: float | None = None) -> Iterator[None]:
    """Let one command at a time start and stop servers in a data folder.

    Waits for another one for `wait_s`, by default as long as a clean-up may take. Raises
    StackLockedError after that, and StackError for errors of the operating system in the block.
    """
    folder = settings.data_folder.resolve() / "run"
    lock = FileLock(folder / ".lock", timeout=LOCK_WAIT_S if wait_s is None else wait_s)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with lock:
            yield
    except Timeout as error:
        raise StackLockedError(
            f"another up or down is running in {settings.data_folder}: wait for it to end"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise StackError(f"{error.cmd[0]} did not end within {error.timeout:g} s") from error
    except OSError as error:
        raise StackError(str(error)) from error
