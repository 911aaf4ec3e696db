"""What every provider of a public address does."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Standing:
    """How a tunnel is now. url: its public address, None where it has none; problem: why not, as a sentence."""

    url: str | None
    problem: str = ""


class Tunnel(Protocol):
    """A way from a public address to a port of this machine. One caller at a time."""

    provider: str

    def start(self, port: int) -> str | None:
        """Opens it, towards this loopback port, and returns the public address without a slash at its end.

        None from a provider that has no public address. What an earlier start left behind ends first.
        Raises DevkitError.
        """

    def standing(self) -> Standing:
        """Looks; starts nothing, repairs nothing, raises nothing."""

    def stop(self) -> None:
        """Ends it and whatever it started. Nothing happens where it does not run."""
