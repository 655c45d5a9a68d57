"""The stores that answer: Redis at once, Elasticsearch for searches. One technology a file."""
