"""Stores that are read beside the log: Redis, Elasticsearch, and the reference folder."""

import stamina.instrumentation

# What retries logs each outage once by itself; stamina would log every attempt.
stamina.instrumentation.set_on_retry_hooks(())
