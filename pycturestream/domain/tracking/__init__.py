"""Tracking: which detection is the same object as one in the frames before."""
