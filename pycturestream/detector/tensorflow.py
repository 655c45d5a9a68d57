"""The one place that imports TensorFlow and sets it up."""

import os

# Must be set before the import: 2 hides the start-up notes on CPU features and keeps errors.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

__all__ = ["set_up", "tf"]


def set_up(threads: int) -> None:
    """Set the threads of one operation (0: all cores), and let GPU memory grow as needed.

    TensorFlow accepts this only before its first operation in a process; later calls change
    nothing. Memory growth lets several task slots share one GPU.
    """
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, enable=True)
    except RuntimeError:
        return
