"""Checks of the tag Meters."""
