"""The topologies, each on one screen, and the sources and sinks they are given."""
