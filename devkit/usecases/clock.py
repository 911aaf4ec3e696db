"""Looking at the clock of an embedded server, and moving it forward."""

from devkit.adapters.clock import ServerClock, advance_clock, read_clock
from devkit.core.errors import DevkitError


def show(url: str) -> ServerClock:
    """Raises DevkitError."""
    return read_clock(url)


def advance(url: str, wish: str) -> ServerClock:
    """Moves the clock by a duration or to an instant, both ISO 8601. Raises DevkitError.

    What falls due in between is done when this returns. Raises DevkitError too where some of that failed: the clock
    has moved nevertheless, and the server tries it again.
    """
    moved = advance_clock(url, wish)
    if moved.failed_jobs:
        raise DevkitError(
            f"the clock stands at {moved.now}, but some of what fell due failed: {', '.join(moved.failed_jobs)}",
            hint="the log of the server says why: devkit logs",
        )
    return moved
