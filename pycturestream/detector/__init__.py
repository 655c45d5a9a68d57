"""Models: their registry and conversion, and the detector that runs them."""
