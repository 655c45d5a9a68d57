"""`pycturestream pictures`: runs the picture service."""

import cv2

from pycturestream.cli.composition.pictures import picture_process
from pycturestream.config.settings import settings
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted


def pictures() -> None:
    """Make annotated, archived and live pictures, until Ctrl-C.

    A camera asks for the first two with `annotated: true` (topic `frames.annotated`) or `archive`
    in cameras.yaml. Live ones are made of cameras that somebody looks at, and stored nowhere. Heads
    are covered. The local stack runs this by itself while a camera asks or somebody looks.

    Example: `pycturestream pictures`
    """
    configure_logs(settings().log_format, stream="stdout")
    cv2.setNumThreads(1)  # the other cores are for detection: a result must not wait for pictures
    with until_interrupted() as stop, picture_process(settings(), stop) as process:
        process.run()
