"""Form-encoded parameters as Stripe nests them: `a[b][0]=x`, `list[]=y`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from devkit.standins.stripe.errors import StripeError

Params = dict[str, Any]

_TRUTH = {"true": True, "false": False}
_PART = re.compile(r"\[([^\]]*)\]")


def decode(text: str) -> Params:
    """Objects, lists and texts; what the texts mean is for the fields to say. Raises StripeError for `a=1&a[b]=2`."""
    root: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.partition("[")[0]
        _put(root, [head, *_PART.findall(name[len(head) :])], value, name)
    return {name: _lists(value) for name, value in root.items()}


def _put(root: Params, path: list[str], value: str, name: str) -> None:
    holder = root
    for part in path[:-1]:
        holder = holder.setdefault(part or str(len(holder)), {})
        if not isinstance(holder, dict):
            raise StripeError(400, f"Invalid object: {name}", param=name)
    holder[path[-1] or str(len(holder))] = value


def _lists(value: Any) -> Any:
    """Objects whose names are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(one) for name, one in value.items()}


def readable(value: Any) -> Any:
    """Parameters as a person reads them: truth values as such."""
    if isinstance(value, dict):
        return {name: readable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [readable(one) for one in value]
    return _TRUTH.get(value, value)
