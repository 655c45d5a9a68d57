"""`pycturestream pictures`: runs the picture service."""

from pycturestream.cli.composition.pictures import picture_process
from pycturestream.config.settings import settings
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted


def pictures() -> None:
    """Publish annotated pictures and archive pictures of cameras that ask for it, until Ctrl-C.

    A camera asks with `annotated: true` (topic `frames.annotated`) or `archive` in cameras.yaml.
    Heads are covered. The local stack runs this by itself while a camera asks.

    Example: `pycturestream pictures`
    """
    configure_logs(settings().log_format, stream="stdout")
    with until_interrupted() as stop, picture_process(settings(), stop) as process:
        process.run()
