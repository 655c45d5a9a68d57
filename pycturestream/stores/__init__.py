"""Stores that are read beside the log: Redis, Elasticsearch, and the reference folder."""
