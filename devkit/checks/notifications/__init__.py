"""Notifications: channels, rules, and the events that rules make."""
