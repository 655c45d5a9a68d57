"""Retries of requests to stores, which are not logged: whoever retries logs each outage once."""

import stamina.instrumentation
from stamina import retry, retry_context

__all__ = ["retry", "retry_context"]

# stamina would log every attempt.
stamina.instrumentation.set_on_retry_hooks(())
