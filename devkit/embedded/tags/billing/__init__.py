"""Billing: profiles, what customers have instead of the default one, and invoices."""

from devkit.embedded.tags.billing import invoices, overrides, pending_lines, profiles, simulation

ROUTES = (*profiles.ROUTES, *overrides.ROUTES, *pending_lines.ROUTES, *invoices.ROUTES, *simulation.ROUTES)
