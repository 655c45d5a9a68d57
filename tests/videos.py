"""Videos for tests, of every kind that cameras and people send."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CLIPS = Path(__file__).parent / "clips"


def grey(number: int, width: int = 64, height: int = 48) -> np.ndarray:
    """Return a picture whose brightness is ten times its number."""
    return np.full((height, width, 3), 10 * number, np.uint8)


def write_video(
    path: Path,
    pictures: Iterable[np.ndarray],
    codec: str = "libx264",
    *,
    times_ms: Sequence[int] | None = None,
    fps: int = 10,
    pixel_shape: Fraction | None = None,
    degrees: float = 0,
    mirrored: bool = False,
    options: dict[str, str] | None = None,
    container: str | None = None,
) -> Path:
    """Write pictures, each at its time, or else at a steady rate.

    `pixel_shape` is how many times as wide as high a pixel is; `degrees` count counterclockwise.
    """
    with _scheduled_as_before(), av.open(str(path), "w", format=container) as output:
        stream = None
        for number, pixels in enumerate(pictures):
            if stream is None:
                stream = output.add_stream(codec, rate=fps, options=options or {})
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                if codec == "mpeg4":
                    stream.bit_rate = 4_000_000  # or what is nearly the same becomes the same
                stream.codec_context.time_base = Fraction(1, 1000 if times_ms else fps)
                if pixel_shape:
                    stream.codec_context.sample_aspect_ratio = pixel_shape
                if degrees or mirrored:
                    stream.set_display_rotation(degrees, hflip=mirrored)
            frame = av.VideoFrame.from_ndarray(pixels, "bgr24")
            frame.pts = times_ms[number] if times_ms else number
            frame.time_base = stream.codec_context.time_base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@contextmanager
def _scheduled_as_before() -> Iterator[None]:
    """Take back the priority that the encoder of AV1 gives to whoever encodes as root.

    With real-time priority this process, and each browser that it starts later, would keep the
    processors from all others.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def with_zeroed_pictures(path: Path, numbers: Iterable[int]) -> Path:
    """Overwrite the data of some of a file's pictures with zeros."""
    with av.open(str(path)) as container:
        packets = [bytes(each) for each in container.demux(video=0) if each.size]
    data = path.read_bytes()
    for packet in (packets[number] for number in numbers):
        assert data.count(packet) == 1
        data = data.replace(packet, bytes(len(packet)))
    path.write_bytes(data)
    return path


def h264_units(
    pictures: Iterable[np.ndarray], *, keyframe_every: int = 10, interlaced: bool = False
) -> list[bytes]:
    """Return pictures as access units of H.264, each of which a camera could send at once."""
    encoder = None
    units = []
    for number, pixels in enumerate(pictures):
        if encoder is None:
            encoder = av.CodecContext.create("libx264", "w")
            encoder.height, encoder.width = pixels.shape[:2]
            encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 10)
            encoder.options = {
                "tune": "zerolatency",
                "preset": "ultrafast",
                "sc_threshold": "0",
                "g": str(keyframe_every),
                "x264-params": f"interlaced={int(interlaced)}:slices=1",
            }
        frame = av.VideoFrame.from_ndarray(pixels, "bgr24")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return units + [bytes(packet) for packet in encoder.encode(None)]
