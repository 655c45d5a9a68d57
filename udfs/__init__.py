"""Flink shells around the pure core: one operator a file, no decisions of their own."""
