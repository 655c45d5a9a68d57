"""Reports: alert rates, and what false alarms have in common."""
