"""The contract: the facts of OpenMeter's API, read from assets/openapi.json.

That file is an OpenAPI 3.0 document without prose; `devkit spec import` makes it. The embedded server, the smoke
checks, the coverage ledger and `devkit ops` all read it through here. What devkit says of operations in its own words
(summaries, gotchas) is in core/operation_notes.py.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from devkit.core.data import data_path

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """A path or query parameter. `content` holds a schema where the value travels as JSON text.

    component: its name among the shared parameters, empty where it stands in one operation alone.
    """

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    schema: Schema | None
    content: Schema | None
    component: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation. The first tag owns it; `bodies` and `responses` map media types (and statuses) to schemas."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body_required: bool
    bodies: Mapping[str, Schema]
    responses: Mapping[str, Mapping[str, Schema]]
    security: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """All operations by id, all named schemas, the tags in OpenMeter's order."""

    version: str
    tags: tuple[str, ...]
    operations: Mapping[str, Operation]
    schemas: Mapping[str, Schema]

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, or the named one that its $ref points to."""
        while "$ref" in schema:
            schema = self.schemas[ref_name(schema["$ref"])]
        return schema


def ref_name(ref: str) -> str:
    """`Meter` of `#/components/schemas/Meter`."""
    return ref.rsplit("/", 1)[-1]


@cache
def contract() -> Contract:
    """The contract that devkit ships. Raises FileNotFoundError in a broken installation."""
    return from_document(json.loads(data_path("assets/openapi.json").read_bytes()))


def from_document(document: Mapping[str, Any]) -> Contract:
    """Reads an OpenAPI 3.0 document, whole or reduced. Raises KeyError where it is not one."""
    components = document.get("components", {})
    return Contract(
        version=str(document["info"].get("x-openmeter-version") or document["info"]["version"]),
        tags=tuple(tag["name"] for tag in document["tags"]),
        operations=_Operations(document["paths"], components.get("parameters", {})),
        schemas=components.get("schemas", {}),
    )


class _Operations(Mapping[str, Operation]):
    """Operations by id, each built when first asked for: most commands need one of them, or only the ids."""

    def __init__(self, paths: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        self._shared = shared
        self._built: dict[str, Operation] = {}
        self._rows = {
            body["operationId"]: (path, method, item, body)
            for path, item in paths.items()
            for method, body in item.items()
            if method in METHODS
        }

    def __getitem__(self, operation_id: str) -> Operation:
        if operation_id not in self._built:
            self._built[operation_id] = _operation(*self._rows[operation_id], self._shared)
        return self._built[operation_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._rows


def _operation(path: str, method: str, item: Mapping[str, Any], body: Mapping[str, Any], shared: Schema) -> Operation:
    request = body.get("requestBody", {})
    return Operation(
        id=body["operationId"],
        method=method.upper(),
        path=path,
        tags=tuple(body["tags"]),
        deprecated=body.get("deprecated", False),
        parameters=tuple(_parameter(p, shared) for p in [*item.get("parameters", ()), *body.get("parameters", ())]),
        body_required=request.get("required", False),
        bodies=_schemas(request),
        responses={status: _schemas(answer) for status, answer in body["responses"].items()},
        security=tuple(name for choice in body.get("security", ()) for name in choice),
    )


def _parameter(raw: Mapping[str, Any], shared: Schema) -> Parameter:
    component = ref_name(raw.get("$ref", ""))
    if component:
        raw = shared[component]
    style = raw.get("style", "form" if raw["in"] == "query" else "simple")
    return Parameter(
        name=raw["name"],
        location=raw["in"],
        required=raw.get("required", False),
        style=style,
        explode=raw.get("explode", style == "form"),
        schema=raw.get("schema"),
        content=next((media.get("schema", {}) for media in raw.get("content", {}).values()), None),
        component=component,
    )


def _schemas(holder: Mapping[str, Any]) -> dict[str, Schema]:
    return {media: content.get("schema", {}) for media, content in holder.get("content", {}).items()}
