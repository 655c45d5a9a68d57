"""Says what of the local stack ended by itself, and what is done about it."""

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.outages import read_outages
from pycturestream.localstack.server_names import SUPERVISOR, server_names


def supervision(settings: Settings) -> list[str]:
    """Say what ended by itself and what is done about it, a line for each; nothing if all is well.

    Also whether nothing is done: while servers of this copy run, or have ended, without a
    supervisor.
    """
    at, folder = now(), settings.data_folder.resolve()
    if processes.is_running(folder, SUPERVISOR):
        return [outage.sentence(at) for outage in read_outages(settings)]
    started = [name for name in server_names() if processes.read_process_record(folder, name)]
    if not started:
        return []
    ended = [name for name in started if processes.has_ended(folder, name)]
    remedy = "`pycturestream up` starts what is down, and a supervisor"
    return [
        f"{', '.join(ended) or 'no supervisor'}: not running, and nothing starts it again; {remedy}"
    ]
