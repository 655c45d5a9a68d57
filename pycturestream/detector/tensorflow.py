"""TensorFlow, imported and set up in one place."""

import os

# Must be set before the import: 2 hides the start-up notes on CPU features, keeps errors.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

__all__ = ["set_up", "tf"]


def set_up(threads: int) -> None:
    """Give one operation this many threads (0: all cores), and each GPU only what it needs.

    TensorFlow takes this once a process, before its first operation; what was running by
    then stays as it is. Memory growth lets several task slots share one GPU.
    """
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, enable=True)
    except RuntimeError:
        return
