"""The backends by name, and which one `auto` means."""

from collections.abc import Mapping
from dataclasses import dataclass

from devkit.adapters.backends.base import Backend
from devkit.adapters.backends.embedded import Embedded
from devkit.core.errors import UsageError

BACKENDS: Mapping[str, Backend] = {"embedded": Embedded()}


@dataclass(frozen=True)
class Choice:
    """A backend, and why it was taken (empty where the user named it)."""

    backend: Backend
    reason: str = ""


def choose(wanted: str) -> Choice:
    """The backend of this name; `auto` takes the best that is there. Raises UsageError for one that is not."""
    if wanted == "auto":
        return Choice(BACKENDS["embedded"], "auto: compose is not there yet")
    if wanted not in BACKENDS:
        raise UsageError(
            f"the {wanted} backend is not there yet",
            hint="use --backend embedded, which needs neither Docker nor a network",
        )
    return Choice(BACKENDS[wanted])
