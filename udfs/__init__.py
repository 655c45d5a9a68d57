"""Flink operators around the pure core: one operator per file, no decisions of their own."""
