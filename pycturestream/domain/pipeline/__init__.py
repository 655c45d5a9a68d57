"""The pipeline of one camera: track, judge, count and narrate as one pure step."""
