"""Subscriptions: begun, edited, changed and ended; their add-ons."""

from devkit.embedded.tags.subscriptions import addons, changes, lifecycle

ROUTES = (*addons.ROUTES, *lifecycle.ROUTES, *changes.ROUTES)
