"""Counting: objects per camera, label and window of time."""
