"""Checks of the tag Customers."""
