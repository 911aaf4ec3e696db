"""Refusals that channels, rules and events share."""

from devkit.embedded.domain.errors import Plain


def unknown(id_: str, namespace: str) -> Plain:
    return Plain(404, f"resource with id {id_} not found in {namespace} namespace")


def deleted(what: str) -> Plain:
    """what: `channel` or `rule`"""
    return Plain(409, f"not allowed to update deleted {what}")
