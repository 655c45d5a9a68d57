"""The `pycturestream` command line, one command a file."""
