"""Cameras to topic `frames`: sources, encoding to a size, publishing."""
