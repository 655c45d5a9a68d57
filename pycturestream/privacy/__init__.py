"""Searches what is stored for pictures, and judges whether each may be there."""
