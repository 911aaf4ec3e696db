"""The credit engine: how usage burns grants. Pure; usage is asked for through a function that the caller passes in."""

from devkit.embedded.domain.credits.engine import Run, run
from devkit.embedded.domain.credits.grants import Grant, in_burn_order
from devkit.embedded.domain.credits.history import Segment, Snapshot

__all__ = ["Grant", "Run", "Segment", "Snapshot", "in_burn_order", "run"]
