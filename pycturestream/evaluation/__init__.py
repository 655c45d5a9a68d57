"""Measures quality: the system's results on labelled footage against what people annotated."""
