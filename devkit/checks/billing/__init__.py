"""Billing: profiles, overrides, pending lines and invoices."""
