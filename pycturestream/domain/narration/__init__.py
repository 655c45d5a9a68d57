"""Narration: spoken sentences about what is in view, for people who can't see it.

What is said is decided without any language, as groups of objects with a number and a place
(`sentence`, `grouping`): when something has changed (`on_change`), when somebody asks
(`on_request`), or when they look for something (`finding`). `wording` puts it into words.
"""
