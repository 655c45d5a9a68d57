"""Notifications: which recipient gets which message about which alert."""
