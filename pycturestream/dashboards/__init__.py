"""Reads, publishes and checks the Grafana dashboards."""
