"""Kafka: clients, and the readers and writers of each topic."""
