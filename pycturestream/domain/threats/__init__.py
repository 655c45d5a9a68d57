"""Threats: rules about objects and cameras, their conditions, state and baselines."""
