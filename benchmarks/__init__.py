"""What `make benchmark` runs: parts.py names what is measured, docs/performance.md explains it."""
