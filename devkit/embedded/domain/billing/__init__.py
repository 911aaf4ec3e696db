"""Billing: invoices, their lines, their states and what they cost."""
