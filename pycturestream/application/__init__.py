"""The use cases, whichever interface asks for them: command line, API or a signed link."""
