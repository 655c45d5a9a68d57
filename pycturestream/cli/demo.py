"""`pycturestream demo`: the whole system on sample cameras, with a live table."""

import signal

from pycturestream.cli.output import errors
from pycturestream.cli.stack_errors import stacking
from pycturestream.cli.up import progress, show_addresses
from pycturestream.cli.watch import watch
from pycturestream.config.settings import settings
from pycturestream.localstack.launch import halt
from pycturestream.localstack.local import start_stack, stop_stack
from pycturestream.localstack.sample_cameras import SampleCameras
from pycturestream.signals import ends_as


def demo() -> None:
    """Start what does not run, stream the sample cameras, show what they see, until Ctrl-C.

    Ctrl-C stops what this command started; a stack that was up before stays up.

    Example: `pycturestream demo`
    """
    report = progress()
    with stacking(), ends_as(signal.default_int_handler):
        started = start_stack(settings(), report, cameras=True)
        try:
            show_addresses()
            watch(None)
        except KeyboardInterrupt:
            errors.print("\nstopping what was started")
        finally:
            # A second, impatient Ctrl-C would leave servers behind.
            with ends_as(signal.SIG_IGN):
                halt(SampleCameras(settings()), report)
                if started:
                    stop_stack(settings(), report, only=started)
