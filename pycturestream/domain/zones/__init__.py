"""Zones and lines: which objects are in which zone, and which cross which line."""
