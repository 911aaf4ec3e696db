"""Billing: profiles, what customers have instead of the default one, and invoices."""

from devkit.embedded.tags.billing import profiles

ROUTES = profiles.ROUTES
