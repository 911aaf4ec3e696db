"""What each service reads, and by what it is known again: a change of the fingerprint is a reason to make it anew."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from devkit.adapters.backends.compose.configuration import flattened
from devkit.core.errors import DevkitError

_VARIABLE = re.compile(r"\$\$|\$\{([A-Z0-9_]+)(?::?[-?]([^}]*))?\}")
_OWN_LABEL = "labels.devkit."
_SHORT = 12  # hex digits that tell values apart in notes
Inputs = dict[str, str]


def inputs_of(service: str, document: Mapping[str, Any], environment: Mapping[str, str]) -> Inputs:
    """Everything that a service reads, by name, as short hashes (values may be secret).

    document: the Compose file; environment: its variables. What it depends on is not read, only waited for.
    """
    definition = {key: value for key, value in document["services"][service].items() if key != "depends_on"}
    sources = definition.pop("configs", ())
    rows = {
        name: _resolved(leaf, environment)
        for name, leaf in flattened(definition).items()
        if not name.startswith(_OWN_LABEL)
    }
    for each in sources:
        rows |= _config(each["source"], document["configs"], environment)
    return {name: _short(value) for name, value in rows.items()}


def fingerprint(inputs: Inputs) -> str:
    """One text for all that a service reads."""
    return hashlib.sha256(json.dumps(sorted(inputs.items())).encode()).hexdigest()[:32]


def differences(before: Inputs, now: Inputs) -> list[str]:
    """The names of what was added, changed or removed, in words."""
    changed = [f"{name} changed" for name in now if name in before and before[name] != now[name]]
    added = [f"{name} is new" for name in now if name not in before]
    gone = [f"{name} is gone" for name in before if name not in now]
    return [*changed, *added, *gone]


def summed_up(names: Iterable[str], *, most: int = 3) -> str:
    """Some of them, and how many more there are."""
    rows = list(names)
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return ", ".join(rows[:most]) + more


def _config(source: str, configs: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The keys of a configuration that comes from a variable; a file that the Compose file holds as one piece."""
    config = configs[source]
    if "environment" in config:
        document = json.loads(environment[config["environment"]])
        return {f"configuration {name}": leaf for name, leaf in flattened(document).items()}
    return {f"file {source}": _resolved(config["content"], environment)}


def _resolved(leaf: Any, environment: Mapping[str, str]) -> Any:
    if not isinstance(leaf, str):
        return leaf
    return _VARIABLE.sub(lambda found: _variable(found, environment), leaf)


def _variable(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    value = environment.get(found[1])
    if value:
        return value
    if found[0].startswith(f"${{{found[1]}:?"):
        raise DevkitError(f"the Compose file asks for {found[1]}, which devkit does not set")
    return found[2] or ""


def _short(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:_SHORT]
