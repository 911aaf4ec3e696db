"""Checks of the tag Product Catalog."""
