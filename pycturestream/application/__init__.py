"""What users of the system can do, whichever interface they come from."""
