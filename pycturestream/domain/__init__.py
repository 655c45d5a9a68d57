"""The pure core: frames, tracks, counts, threats and sentences, and how one follows from another.

Plain Python over plain values: no technology, no file, no environment, no clock.
"""
