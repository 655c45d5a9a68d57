"""`pycturestream demo`: the whole system on sample cameras, with a live table."""

import signal

from pycturestream.application.stack import start_stack
from pycturestream.cli.output import errors
from pycturestream.cli.up import progress, show_addresses
from pycturestream.cli.watch import watch
from pycturestream.config.settings import settings
from pycturestream.localstack.stack import stop_stack
from pycturestream.signals import ends_as


def demo() -> None:
    """Start the stack, stream the sample cameras and show what they see, until Ctrl-C.

    Ctrl-C stops what this command started; a stack that was running before keeps running.

    Example: `pycturestream demo`
    """
    report = progress()
    with ends_as(signal.default_int_handler):
        started = start_stack(settings(), report, cameras=True, supervised=True)
        try:
            show_addresses()
            watch(None)
        except KeyboardInterrupt:
            errors.print("\nstopping")
        finally:
            # A second Ctrl-C would leave servers running.
            with ends_as(signal.SIG_IGN):
                stop_stack(settings(), report, only=started)
