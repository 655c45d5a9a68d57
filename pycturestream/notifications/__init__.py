"""The alert service: reads the log's alerts, and tells people and their systems."""
