"""Trials: rules applied to recorded detections."""
