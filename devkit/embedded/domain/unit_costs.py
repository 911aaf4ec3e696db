"""What one unit of a feature costs: an amount, or a look-up in the prices of language models."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.errors import Invalid

_DIMENSIONS = (("provider", "provider"), ("model", "model"), ("tokenType", "token_type"))
_TOKEN_TYPES = ("input", "output", "cache_read", "reasoning", "cache_write", "request", "response")


def create(given: Mapping[str, Any] | None, meter: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The unit cost as it is kept and shown. Raises Invalid with all violations, one a line."""
    if given is None:
        return None
    if given["type"] == "manual":
        return _manual(given)
    problems = _llm_problems(given)
    if problems:
        raise Invalid("\n".join(problems))
    if meter is None:
        raise Invalid("LLM unit cost requires a meter to be associated with the feature")
    if unknown := _unknown_properties(given, meter):
        raise Invalid("\n".join(unknown))
    names = [name for dimension, _ in _DIMENSIONS for name in (dimension, f"{dimension}Property")]
    return {"type": "llm"} | {name: given[name] for name in names if given.get(name)}


def _manual(given: Mapping[str, Any]) -> dict[str, Any]:
    amount = Decimal(given["amount"])
    if amount < 0:
        raise Invalid("manual unit cost amount must be non-negative")
    text = format(amount, "f")
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return {"type": "manual", "amount": "0" if plain in ("", "-0") else plain}


def _llm_problems(given: Mapping[str, Any]) -> list[str]:
    problems = []
    for dimension, words in _DIMENSIONS:
        static, by_property = bool(given.get(dimension)), bool(given.get(f"{dimension}Property"))
        if not static and not by_property:
            problems.append(f"either {words}_property or {words} is required for LLM unit cost")
        if static and by_property:
            problems.append(f"{words}_property and {words} are mutually exclusive")
    token_type = given.get("tokenType")
    if token_type and token_type not in _TOKEN_TYPES:
        problems.append(f'invalid token_type "{token_type}": expected one of {", ".join(_TOKEN_TYPES)}')
    return problems


def _unknown_properties(given: Mapping[str, Any], meter: Mapping[str, Any]) -> list[str]:
    columns = meter.get("groupBy", {})
    named = [(words, given.get(f"{dimension}Property")) for dimension, words in _DIMENSIONS]
    return [
        f'{words}_property "{name}" not found in meter group-by keys'
        for words, name in named
        if name and name not in columns
    ]
