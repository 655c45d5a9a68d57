"""What TensorFlow uses of the memory of a GPU."""

import sys

from msgspec import Struct

from pycturestream.detector.arithmetic import has_gpu


class GpuMemory(Struct, frozen=True):
    """Bytes of all GPUs that a process sees; one for each task manager is usual."""

    used: int
    """By tensors and weights: without what TensorFlow keeps from other programs for later."""
    peak: int
    """The most that was used at once."""


def gpu_memory() -> GpuMemory | None:
    """Return what this process uses; None where it does not compute on a GPU, or can't say it."""
    if "tensorflow" not in sys.modules or not has_gpu():
        return None
    from pycturestream.detector.tensorflow import tf  # noqa: PLC0415 - only where it is loaded

    try:
        gpus = len(tf.config.list_logical_devices("GPU"))
        found = [tf.config.experimental.get_memory_info(f"GPU:{each}") for each in range(gpus)]
    except (ValueError, RuntimeError, tf.errors.OpError):
        return None  # an allocator that does not count: no reason to lose pictures
    if not found:
        return None
    return GpuMemory(sum(one["current"] for one in found), sum(one["peak"] for one in found))
