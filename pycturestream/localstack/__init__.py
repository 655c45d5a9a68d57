"""The local stack of real servers: fetch, configure, start, stop."""
