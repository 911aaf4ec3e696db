"""The embedded server in the foreground, and the ledger of what it answers."""

from collections.abc import Callable
from pathlib import Path

from devkit.adapters.backends import foreground
from devkit.core.contract import contract


def serve(port: int, data: Path, *, ready: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM. ready: gets the URL once requests may come. Raises DevkitError."""
    foreground.serve(port, data, ready=ready)


def coverage() -> list[tuple[str, str, bool]]:
    """(tag, operation, whether the embedded server answers it) of all operations, tag by tag in OpenMeter's order."""
    facts, answered = contract(), foreground.answered_operations()
    operations = sorted(facts.operations.values(), key=lambda operation: facts.tags.index(operation.tags[0]))
    return [(operation.tags[0], operation.id, operation.id in answered) for operation in operations]
