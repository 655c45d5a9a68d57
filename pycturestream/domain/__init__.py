"""The pure core: what frames, tracks, counts, threats and sentences are, and how they follow.

Plain Python over plain values: no technology, no file, no environment, no clock.
"""
