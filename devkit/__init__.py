"""devkit: a complete local OpenMeter, proven to work."""

__version__ = "0.1.0"
