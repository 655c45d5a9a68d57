"""Grafana dashboards, how Grafana and Prometheus are provisioned, and what reads them here."""
