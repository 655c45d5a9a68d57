"""`pycturestream demo`: the whole system on sample cameras, with a live table."""

import signal

from commands.output import errors
from commands.stacking import stacking
from commands.up import progress, show_addresses
from commands.watch import watch
from pycturestream.settings import settings
from stack.endings import ends_as
from stack.launch import halt
from stack.local import start_stack, stop_stack
from stack.sample_cameras import SampleCameras


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
