"""Billing: profiles, what customers have instead of the default one, and invoices."""

from devkit.embedded.tags.billing import overrides, profiles

ROUTES = (*profiles.ROUTES, *overrides.ROUTES)
