"""The pages for people who look at cameras: live, search, report, and drawing zones.

Each is a template, a module of routes and a script. They need no build: browsers load the scripts
as they are. docs/decisions/0058 says why.
"""
