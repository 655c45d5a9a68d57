"""What `make benchmark` runs."""
