"""Draws on pictures what was found in them. Pixels in, pixels out."""
