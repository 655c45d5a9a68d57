"""Makes people in a picture unrecognisable, before it is stored or shown outside the log."""
