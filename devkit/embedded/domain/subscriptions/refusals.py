"""How subscriptions refuse: edits in words of their own, everything else like other parts of the API."""

from devkit.embedded.domain.errors import NotFound, Plain


def unknown(id_: str) -> NotFound:
    return NotFound(f"subscription {id_} not found")


def unknown_plan(key: str, version: int) -> NotFound:
    """version: 0 where the one in force was asked for."""
    return NotFound(f"plan {key} with version {version} not found")


def invalid_edit(text: str) -> Plain:
    return Plain(400, f"patch validation error: {text}")


def forbidden_edit(text: str) -> Plain:
    return Plain(403, f"patch forbidden error: {text}")


def conflicting_edit(text: str) -> Plain:
    return Plain(409, f"patch conflict error: {text}")
