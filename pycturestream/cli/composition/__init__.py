"""Composition roots: each module puts the parts of one process together.

Commands parse options, call what is built here, and print.
"""
