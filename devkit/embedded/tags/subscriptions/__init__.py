"""Subscriptions: begun, edited, changed and ended; their add-ons."""

from devkit.embedded.tags.subscriptions import changes, lifecycle

ROUTES = (*lifecycle.ROUTES, *changes.ROUTES)
