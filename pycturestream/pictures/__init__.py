"""The one way out for pictures: fetched, blurred, and encoded anew.

Nothing else reads the bytes of frames to hand them on. Where a picture can't be blurred, none
leaves. docs/decisions/0052 says why.
"""
