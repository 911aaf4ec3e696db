"""Customers: themselves, what apps know of them, and their subscriptions."""

from devkit.embedded.tags.customers import app_data, customers, stripe, subscriptions

ROUTES = (*customers.ROUTES, *app_data.ROUTES, *stripe.ROUTES, *subscriptions.ROUTES)
