"""Frames: which records of the topic `frames` are processed, and the accounts of all of them."""
