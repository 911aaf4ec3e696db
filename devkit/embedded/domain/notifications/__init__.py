"""Notifications: channels, rules, the events that rules make, and their delivery."""
