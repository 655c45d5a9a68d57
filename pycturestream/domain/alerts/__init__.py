"""Alerts: one per situation, and what people do with them."""
