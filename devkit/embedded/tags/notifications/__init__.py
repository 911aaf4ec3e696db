"""Notifications."""

from devkit.embedded.tags.notifications import channels, events, rules

ROUTES = (*channels.ROUTES, *rules.ROUTES, *events.ROUTES)
