"""Subscriptions: begun, edited, changed and ended; their add-ons."""
