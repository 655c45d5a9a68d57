"""The stores that answer: Redis at once, Elasticsearch for searches. One technology a file."""

import stamina.instrumentation

stamina.instrumentation.set_on_retry_hooks(())  # who waits says so himself, once an outage
