"""What is erased, as operators ask for it."""

from typing import Protocol

from pycturestream.domain.erasure import Erasures

ERASURES_S = 30.0
"""How long a worker waits for what is erased. Then it fails, and Flink starts it again: it must
write nothing before it knows."""


class ErasureSource(Protocol):
    """What is erased: `pycturestream.log.erasures.FollowedErasures`."""

    @property
    def known(self) -> Erasures:
        """What is erased now; another value after each change."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is known that was erased before; return whether it is."""
        ...

    def require(self, timeout_s: float) -> None:
        """Do the same. Raises kafka.errors.KafkaTimeoutError where it is not."""
        ...

    def close(self) -> None: ...
