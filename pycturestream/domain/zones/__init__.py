"""Zones and lines: who is in which zone, and who crosses which line."""
