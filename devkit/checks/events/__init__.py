"""Checks of the tag Events."""
