"""The alert service: reads alerts from the log, and notifies people and their systems."""
