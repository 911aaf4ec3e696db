"""OpenMeter's configuration: a template, the user's changes to it, and what of it each process gets. Pure functions."""

import re
from collections.abc import Mapping
from typing import Any

from devkit.core.errors import DevkitError

_PLACE = re.compile(r"\$\{([a-z_]+)\}")


def overlaid(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the changes in it: objects are merged, all else is replaced. Case in keys does not count."""
    result = dict(base)
    names = {key.lower(): key for key in base}
    for key, value in changes.items():
        name = names.get(str(key).lower(), key)
        old = result.get(name)
        result[name] = overlaid(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with ${name} replaced in its texts. Raises DevkitError for a name that has no value."""
    if isinstance(template, Mapping):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(item, values) for item in template]
    return _PLACE.sub(lambda found: _value(found[1], values), template) if isinstance(template, str) else template


def configuration_of(
    process: str, template: Mapping[str, Any], readers: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The sections that a process reads, with its own overrides and the user's changes.

    readers: `sections` names the processes by section, `overrides` the changes by process (compose/readers.yaml)
    """
    whole = overlaid(overlaid(template, changes), (readers.get("overrides") or {}).get(process) or {})
    known = {name.lower(): processes for name, processes in readers["sections"].items()}
    return {key: value for key, value in whole.items() if process in known.get(key.lower(), (process,))}


def flattened(value: Any, path: str = "") -> dict[str, Any]:
    """The leaves of a document by path: {"sink.kafka.brokers": "kafka:9092"}. Empty objects and lists are leaves."""
    if isinstance(value, Mapping) and value:
        rows = [(f"{path}.{key}" if path else str(key), child) for key, child in value.items()]
    elif isinstance(value, list) and value:
        rows = [(f"{path}[{index}]", child) for index, child in enumerate(value)]
    else:
        return {path: value}
    return {name: leaf for inner, child in rows for name, leaf in flattened(child, inner).items()}


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise DevkitError(f"the configuration asks for ${{{name}}}, which devkit does not know")
    return values[name]
