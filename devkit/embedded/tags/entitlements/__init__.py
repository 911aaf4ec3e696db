"""Entitlements and grants, by subject in the first version of the API and by customer in the second."""

from devkit.embedded.tags.entitlements import access, customer_balances, customers, grants, lists, subjects

ROUTES = (
    *access.ROUTES,
    *customer_balances.ROUTES,
    *customers.ROUTES,
    *grants.ROUTES,
    *lists.ROUTES,
    *subjects.ROUTES,
)
