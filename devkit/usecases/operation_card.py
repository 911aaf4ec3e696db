"""All that there is to know about one operation, ready to be shown: parameters, example body, answers, a curl line."""

import json
import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from devkit.core.contract import Contract, Operation, Parameter, Schema, ref_name
from devkit.core.examples import example_body, example_parameter
from devkit.usecases.operations import Entry

_KNOWN_PATTERNS = {
    "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$": "ULID",
    "^[a-z0-9]+(?:_[a-z0-9]+)*$": "key",
    "^[a-z0-9]+(?:_[a-z0-9]+)*$|^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$": "key or ULID",
}


@dataclass(frozen=True)
class ParameterRow:
    """`kind` says the type and its limits in words; `default` is None where the server has none."""

    name: str
    location: str
    required: bool
    kind: str
    default: Any


@dataclass(frozen=True)
class BodyRow:
    media_type: str
    schema: str
    example: Any


@dataclass(frozen=True)
class AnswerRow:
    """`media_type` and `schema` are empty where there is no body."""

    status: str
    media_type: str
    schema: str


@dataclass(frozen=True)
class Card:
    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    deprecated: bool
    summary: str
    parameters: tuple[ParameterRow, ...]
    bodies: tuple[BodyRow, ...]
    answers: tuple[AnswerRow, ...]
    gotchas: tuple[str, ...]
    curl: str


def card(contract: Contract, entry: Entry, *, now: datetime) -> Card:
    """now: what times in the examples are near to, in UTC"""
    operation = entry.operation
    return Card(
        id=operation.id,
        method=operation.method,
        path=operation.path,
        tags=operation.tags,
        deprecated=operation.deprecated,
        summary=entry.note.summary,
        parameters=tuple(_parameter(contract, one) for one in operation.parameters),
        bodies=tuple(
            BodyRow(media, type_name(schema), example_body(contract, operation, media, now=now))
            for media, schema in operation.bodies.items()
        ),
        answers=tuple(_answers(operation)),
        gotchas=entry.note.gotchas,
        curl=_curl(contract, operation, now),
    )


def _parameter(contract: Contract, parameter: Parameter) -> ParameterRow:
    if parameter.content is not None:
        kind, resolved = f"JSON text  {type_name(parameter.content)}".rstrip(), contract.resolve(parameter.content)
    else:
        resolved = _flat(contract, parameter.schema or {})
        kind = _kind(contract, resolved)
    return ParameterRow(parameter.name, parameter.location, parameter.required, kind, resolved.get("default"))


def _flat(contract: Contract, schema: Schema) -> Schema:
    """A named schema or an allOf of one, with what stands beside it."""
    resolved = contract.resolve(schema)
    for part in resolved.get("allOf", ()):
        resolved = {**contract.resolve(part), **{key: value for key, value in resolved.items() if key != "allOf"}}
    return resolved


def _kind(contract: Contract, schema: Schema) -> str:
    schema = _flat(contract, schema)
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return (
            f"list of {_kind(contract, schema.get('items', {}))}{_limits(schema, 'minItems', 'maxItems', ' entries')}"
        )
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " or ".join(_kind(contract, choice) for choice in schema[word])
    if isinstance(schema.get("additionalProperties"), dict):
        return f"mapping to {_kind(contract, schema['additionalProperties'])}"
    name = _KNOWN_PATTERNS.get(schema.get("pattern", "")) or schema.get("format") or schema.get("type", "anything")
    if schema.get("type") == "string":
        return name + _limits(schema, "minLength", "maxLength", " characters")
    return name + _limits(schema, "minimum", "maximum", "")


def _limits(schema: Schema, low: str, high: str, unit: str) -> str:
    bottom, top = schema.get(low), schema.get(high)
    if bottom is None and top is None:
        return ""
    if top is None:
        return f", at least {bottom}{unit}"
    return f", {bottom}..{top}{unit}" if bottom is not None else f", at most {top}{unit}"


def _answers(operation: Operation) -> list[AnswerRow]:
    rows = []
    for status, media in operation.responses.items():
        rows += [AnswerRow(status, name, type_name(schema)) for name, schema in media.items()] or [
            AnswerRow(status, "", "")
        ]
    return rows


def type_name(schema: Schema) -> str:
    """`Meter`, `list of Meter`, `string`; empty for a schema without a name of its own."""
    if "$ref" in schema:
        return ref_name(schema["$ref"])
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    return "" if schema.get("type") == "object" else str(schema.get("type", ""))


def _curl(contract: Contract, operation: Operation, now: datetime) -> str:
    """A command for a shell where OPENMETER_URL is set; each line but the last ends in a backslash."""
    values = {one.name: example_parameter(contract, one, now=now) for one in operation.parameters if one.required}
    path = operation.path
    query = {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", quote(str(values[parameter.name]), safe=""))
        elif parameter.required:
            query[parameter.name] = values[parameter.name]
    address = f"$OPENMETER_URL{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
    lines = [f'curl "{address}"' if operation.method == "GET" else f'curl -X {operation.method} "{address}"']
    if operation.security:
        lines.append('-H "Authorization: Bearer $PORTAL_TOKEN"')
    if operation.bodies:
        media = next(iter(operation.bodies))
        body = json.dumps(example_body(contract, operation, media, now=now), separators=(",", ":"), ensure_ascii=False)
        lines += [f"-H 'Content-Type: {media}'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)
