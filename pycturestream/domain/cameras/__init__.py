"""Cameras: their settings, whether they are online, when their rules hold."""
