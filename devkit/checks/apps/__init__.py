"""Apps: the marketplace, and what was installed from it."""
