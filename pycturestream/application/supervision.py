"""Starts again what ends by itself in the local stack, and reports it.

A thread for each server and one for the jobs, so that none waits for another. What somebody stops
(`down`, or a job in the web UI) stays stopped: a server then has no record, and Flink knows the job
as cancelled. One more thread removes pictures by reference, where no producer is left to do it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from queue import Queue
from threading import Event, Thread
from typing import Final

import requests

from pycturestream.backoff import backoff_ms
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.errors import PyctureStreamError
from pycturestream.localstack.clean_up import clean_references
from pycturestream.localstack.flink import JobManagerServer
from pycturestream.localstack.job_states import newest_states
from pycturestream.localstack.jobs import JOBS, Job
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.outages import Doing, Outage, OutageBoard
from pycturestream.localstack.processes import has_ended, is_running
from pycturestream.localstack.server import Server
from pycturestream.localstack.submit import JobError, Submission, local_client, submit_all
from pycturestream.logging_setup import get_logger
from pycturestream.public_address import hide_addresses

POLL_S: Final = 0.5
FIRST_PAUSE_MS: Final = 1_000
"""Before the second start; the first follows at once, and each further pause is twice as long."""
LONGEST_PAUSE_MS: Final = 60_000
STABLE_MS: Final = 60_000
"""What has run for this long has recovered: its next end is the first again."""
CLEAR_S: Final = 10.0
"""As often as producers do it."""
LOG: Final = "submit-again.log"
STOPPED_BY_HAND: Final = frozenset({"CANCELED", "CANCELLING", "FINISHED"})

log = get_logger(__name__)

Start = Callable[[], None]
"""Starts it and returns once it runs. Raises PyctureStreamError or OSError."""
IsWanted = Callable[[], bool | None]
"""Whether a server is to run; None while that is not known: then nothing is done."""


class Revival:
    """The starts of one server or job: with growing pauses while it keeps ending."""

    def __init__(self, name: str, start: Start, board: OutageBoard, clock: Clock) -> None:
        self._name = name
        self._start = start
        self._board = board
        self._clock = clock
        self._ended = 0
        self._started_at = 0.0
        """By the seconds that never jump: a clock that is set must not stretch an outage."""

    def has_recovered(self) -> None:
        """Forget the outage once it has run for a while; called while it runs."""
        if self._ended and self._clock.seconds() - self._started_at >= STABLE_MS / 1000:
            self._ended = 0
            self._board.remove(self._name)

    def run(self) -> None:
        """Start what has ended, again and again until it runs or the clock is stopped."""
        since, reason = self._clock.now(), ""
        while not self._clock.stopped:
            self._ended += 1
            if self._ended > 1:
                pause = backoff_ms(self._ended - 2, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
                self._put("waiting", since, Millis(self._clock.now() + pause), reason)
                self._clock.sleep(pause / 1000)
                if _is_stopped(self._clock):
                    return
            self._put("starting", since, self._clock.now(), reason)
            log.warning(f"{self._name}: ended, is started again", server=self._name)
            try:
                self._start()
            except (PyctureStreamError, OSError) as error:
                reason = hide_addresses(str(error))
                if not _is_stopped(self._clock):
                    log.warning(f"{self._name}: {reason}", server=self._name)
                continue
            self._started_at = self._clock.seconds()
            self._put("running", since, self._clock.now(), "")
            log.warning(f"{self._name}: runs again", server=self._name)
            return

    def _put(self, doing: Doing, since: Millis, next_start: Millis, reason: str) -> None:
        self._board.put(Outage(self._name, since, self._ended, doing, next_start, reason))


def _is_stopped(clock: Clock) -> bool:
    return clock.stopped  # other threads stop it, which a type checker can't know


def supervise(
    settings: Settings,
    servers: Iterable[Server],
    clock: Clock,
    stop: Event,
    wanted: Iterable[tuple[Server, IsWanted]] = (),
) -> None:
    """Start again the servers and jobs that end, until `stop` is set, which stops the clock.

    Those that are only `wanted` at times are started and stopped, too.
    """
    board = OutageBoard(settings)
    threads = [
        Thread(target=_guard_server, args=(server, board, clock, stop), name=server.name)
        for server in servers
    ]
    threads += [
        Thread(target=_run_wanted, args=(server, is_wanted, board, clock, stop), name=server.name)
        for server, is_wanted in wanted
    ]
    threads.append(Thread(target=_guard_jobs, args=(settings, board, clock), name="jobs"))
    threads.append(Thread(target=_keep_clear, args=(settings, clock), name="references"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _guard_server(server: Server, board: OutageBoard, clock: Clock, stop: Event) -> None:
    revival = Revival(server.name, lambda: _launch(server, stop), board, clock)
    while not clock.stopped:
        if has_ended(server.settings.data_folder.resolve(), server.name):
            revival.run()
        else:
            revival.has_recovered()
            clock.sleep(POLL_S)


def _run_wanted(
    server: Server, is_wanted: IsWanted, board: OutageBoard, clock: Clock, stop: Event
) -> None:
    revival = Revival(server.name, lambda: _launch(server, stop), board, clock)
    folder = server.settings.data_folder.resolve()
    while not clock.stopped:
        wanted = is_wanted()
        if has_ended(folder, server.name) and wanted:
            revival.run()
        elif wanted and not is_running(folder, server.name):
            log.info(f"{server.name}: is wanted, is started", server=server.name)
            try:
                _launch(server, stop)
            except (PyctureStreamError, OSError) as error:
                log.warning(f"{server.name}: {hide_addresses(str(error))}", server=server.name)
                revival.run()
        elif wanted is False and halt(server):
            log.info(f"{server.name}: is no longer wanted, was stopped", server=server.name)
            board.remove(server.name)
        else:
            revival.has_recovered()
        clock.sleep(POLL_S)


def _launch(server: Server, stop: Event) -> None:
    launch(server, give_up=stop)


def _keep_clear(settings: Settings, clock: Clock) -> None:
    """Remove the pictures by reference that are due: no producer may run any more."""
    while not clock.stopped:
        try:
            clean_references(settings)
        except OSError as error:  # a share that is away for a moment
            log.warning(f"pictures by reference could not be removed: {error.strerror}")
        clock.sleep(CLEAR_S)


def _guard_jobs(settings: Settings, board: OutageBoard, clock: Clock) -> None:
    """Submit again the jobs that failed for good, and those that a new job manager doesn't know."""
    with closing(_JobGuard(settings, board, clock)) as guard:
        while not clock.stopped:
            guard.look()
            clock.sleep(POLL_S)


class WaitingClient:
    """A Flink client that is ready before it is needed: loading takes ten seconds of one core.

    A rehearsal of all jobs takes as long again, and saves half of the time that a submission takes.
    """

    def __init__(self, settings: Settings) -> None:
        # A log of its own: other commands submit jobs too.
        self._client = replace(
            local_client(settings), log=settings.data_folder.resolve() / "logs" / LOG
        )
        self._orders: Queue[Job | None] = Queue()
        self._outcomes: Queue[Submission | None] = Queue()
        self._thread = Thread(target=self._run, name="client")
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Submit a job from its newest checkpoint. Raises JobError."""
        self._orders.put(job)
        outcome = self._outcomes.get()
        if outcome is None:
            raise JobError(f"job {job.name} was not submitted: Flink's client did not start")
        if outcome.error:
            raise JobError(outcome.error)

    def close(self) -> None:
        self._orders.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            orders = (
                (job, self._client.newest_checkpoint(job)) for job in iter(self._orders.get, None)
            )
            for outcome in submit_all(self._client, orders, rehearse=JOBS):
                self._outcomes.put(outcome)
        finally:
            self._outcomes.put(None)


class _JobGuard:
    def __init__(self, settings: Settings, board: OutageBoard, clock: Clock) -> None:
        self._settings = settings
        self._client: WaitingClient | None = None
        self._board = board
        self._clock = clock
        self._by_hand: set[str] = set()
        """Jobs that somebody stopped, of which a new job manager knows nothing."""
        self._revival = Revival("jobs", self._submit, board, clock)

    def look(self) -> None:
        due = self._due()
        if due:
            self._revival.run()
        elif due is not None:
            self._revival.has_recovered()
            # Not before the jobs run: their start needs all cores.
            self._client = self._client or WaitingClient(self._settings)

    def _due(self) -> Sequence[Job] | None:
        """Return the jobs to submit; None where Flink does not answer though it is not down."""
        if self._board.is_down(JobManagerServer.name):
            return [job for job in JOBS if job.name not in self._by_hand]
        try:
            known = newest_states(self._settings)
        except requests.RequestException:
            return None
        self._by_hand |= {name for name, state in known.items() if state in STOPPED_BY_HAND}
        self._by_hand -= {name for name, state in known.items() if state == "RUNNING"}
        return [
            job
            for job in JOBS
            if job.name not in self._by_hand and known.get(job.name, "FAILED") == "FAILED"
        ]

    def _submit(self) -> None:
        """Submit the due jobs, each from its newest checkpoint. Raises JobError.

        A job manager that is just starting is not waited for: the client prepares the job meanwhile
        and keeps trying to hand it over.
        """
        for job in self._due() or ():
            self._client = self._client or WaitingClient(self._settings)
            try:
                self._client.submit(job)
            except JobError:
                self.close()  # it may be what failed
                raise

    def close(self) -> None:
        """End the client."""
        if self._client is not None:
            self._client.close()
            self._client = None
