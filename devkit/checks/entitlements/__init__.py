"""Checks of the tag Entitlements."""
