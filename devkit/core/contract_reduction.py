"""Reduces an OpenAPI 3.0 document to its facts: what may be sent and answered, without a word of its prose.

Descriptions, titles, summaries, examples and extensions go; order stays, because validation messages depend on it.
A property may well be called `description`: only keywords are dropped, never names.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from devkit.core.contract import METHODS

Keys = tuple[str | int, ...]

_VERSION = "x-openmeter-version"
_PROSE = frozenset({"description", "title", "summary", "example", "examples", "externalDocs", "xml"})
_OPERATION = ("operationId", "tags", "deprecated", "parameters", "requestBody", "responses", "security")
_PARAMETER = frozenset({"name", "in", "required", "deprecated", "style", "explode", "allowReserved", "allowEmptyValue"})
_INLINED = ("responses", "requestBodies", "headers")  # component kinds that the contract does not keep by name


class ReductionError(Exception):
    """The document is not one that can be reduced; `keys` lead to the place in it."""

    def __init__(self, message: str, keys: Keys = (), *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys
        self.hint = hint


def reduce(document: Any, release: str | None = None) -> dict[str, Any]:
    """The facts of a whole or an already reduced document, which comes out unchanged.

    release: of OpenMeter, such as v1.0.0-beta.232; without it the one that the document names is kept, if any.
    Raises ReductionError.
    """
    return _Reduction(_mapping(document, ())).document(release)


class _Reduction:
    def __init__(self, source: Mapping[str, Any]) -> None:
        self._source = source
        self._seen: dict[str, Keys] = {}

    def document(self, release: str | None) -> dict[str, Any]:
        version = str(self._source.get("openapi", ""))
        if not version.startswith("3.0"):
            found = f"OpenAPI {version}" if version else "no OpenAPI file (it has no `openapi`)"
            raise ReductionError(
                f"this is {found}", ("openapi",), hint="devkit reads OpenAPI 3.0, as OpenMeter publishes it"
            )
        paths = self._paths()
        return {
            "openapi": version,
            "info": self._info(release),
            "tags": self._tags(paths),
            "paths": paths,
            "components": self._components(),
        }

    def _info(self, release: str | None) -> dict[str, Any]:
        info = _mapping(self._source.get("info"), ("info",))
        release = release or info.get(_VERSION)
        kept = {"version": str(info.get("version", "")), **({"license": info["license"]} if "license" in info else {})}
        return {**kept, _VERSION: release} if release else kept

    def _tags(self, paths: Mapping[str, Any]) -> list[dict[str, str]]:
        """Those that the document lists, in its order, then any that only operations name."""
        listed = [
            _text(_mapping(tag, ("tags", index)).get("name"), ("tags", index, "name"))
            for index, tag in enumerate(_sequence(self._source.get("tags", []), ("tags",)))
        ]
        used = [tag for _, _, body in _operations(paths) for tag in body["tags"]]
        return [{"name": name} for name in dict.fromkeys(listed + used)]

    def _paths(self) -> dict[str, Any]:
        raw = _mapping(self._source.get("paths"), ("paths",))
        if not raw:
            raise ReductionError("there are no paths", ("paths",))
        return {path: self._path(_mapping(item, ("paths", path)), ("paths", path)) for path, item in raw.items()}

    def _path(self, item: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        reduced: dict[str, Any] = {}
        for name, value in item.items():
            if name == "parameters":
                reduced[name] = self._parameters(value, (*keys, name))
            elif name in METHODS:
                reduced[name] = self._operation(_mapping(value, (*keys, name)), (*keys, name))
        return reduced

    def _operation(self, body: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        self._named_once(_text(body.get("operationId"), (*keys, "operationId")), keys)
        tags = [_text(tag, (*keys, "tags", n)) for n, tag in enumerate(_sequence(body.get("tags"), (*keys, "tags")))]
        if not tags:
            raise ReductionError("an operation needs a tag", (*keys, "tags"))
        members: Mapping[str, Callable[[Any, Keys], Any]] = {
            "parameters": self._parameters,
            "requestBody": self._body,
            "responses": self._responses,
        }
        _mapping(body.get("responses"), (*keys, "responses"))
        return {
            name: members[name](value, (*keys, name)) if name in members else value
            for name, value in body.items()
            if name in _OPERATION
        }

    def _named_once(self, operation_id: str, keys: Keys) -> None:
        if self._seen.setdefault(operation_id, keys) != keys:
            other = " ".join(str(key) for key in reversed(self._seen[operation_id][1:]))
            raise ReductionError(f"operation id {operation_id} is taken by {other}", (*keys, "operationId"))

    def _parameters(self, raw: Any, keys: Keys) -> list[Any]:
        return [self._parameter(one, (*keys, index)) for index, one in enumerate(_sequence(raw, keys))]

    def _parameter(self, raw: Any, keys: Keys) -> dict[str, Any]:
        raw = _mapping(raw, keys)
        if "$ref" in raw:
            return self._reference(raw, keys, "parameters")
        _text(raw.get("name"), (*keys, "name"))
        _text(raw.get("in"), (*keys, "in"))
        return self._carrier(raw, keys, _PARAMETER)

    def _carrier(self, raw: Mapping[str, Any], keys: Keys, kept: frozenset[str]) -> dict[str, Any]:
        """What holds a schema, or media types that do: a parameter, header, request body, response."""
        reduced: dict[str, Any] = {}
        for name, value in raw.items():
            if name == "schema":
                reduced[name] = self._schema(value, (*keys, name))
            elif name == "content":
                reduced[name] = self._content(value, (*keys, name))
            elif name == "headers":
                reduced[name] = self._headers(value, (*keys, name))
            elif name in kept:
                reduced[name] = value
        return reduced

    def _headers(self, raw: Any, keys: Keys) -> dict[str, Any]:
        return {
            name: self._carrier(self._inlined(value, (*keys, name)), (*keys, name), _PARAMETER)
            for name, value in _mapping(raw, keys).items()
        }

    def _content(self, raw: Any, keys: Keys) -> dict[str, Any]:
        return {
            media: self._carrier(_mapping(value, (*keys, media)), (*keys, media), frozenset({"encoding"}))
            for media, value in _mapping(raw, keys).items()
        }

    def _body(self, raw: Any, keys: Keys) -> dict[str, Any]:
        return self._carrier(self._inlined(raw, keys), keys, frozenset({"required"}))

    def _responses(self, raw: Any, keys: Keys) -> dict[str, Any]:
        return {
            str(status): self._carrier(self._inlined(value, (*keys, status)), (*keys, status), frozenset())
            for status, value in _mapping(raw, keys).items()
        }

    def _components(self) -> dict[str, Any]:
        components = _mapping(self._source.get("components", {}), ("components",))
        keys: Keys = ("components", "parameters")
        parameters = _mapping(components.get("parameters", {}), keys)
        schemas = _mapping(components.get("schemas", {}), ("components", "schemas"))
        schemes = _mapping(components.get("securitySchemes", {}), ("components", "securitySchemes"))
        return {
            "parameters": {name: self._parameter(value, (*keys, name)) for name, value in parameters.items()},
            "schemas": {n: self._schema(value, ("components", "schemas", n)) for n, value in schemas.items()},
            "securitySchemes": {
                n: _facts(_mapping(s, ("components", "securitySchemes", n))) for n, s in schemes.items()
            },
        }

    def _schema(self, raw: Any, keys: Keys) -> dict[str, Any]:
        raw = _mapping(raw, keys)
        if isinstance(raw.get("$ref"), str):
            return self._reference(raw, keys, "schemas")
        return {name: self._keyword(name, value, (*keys, name)) for name, value in _facts(raw).items()}

    def _keyword(self, name: str, value: Any, keys: Keys) -> Any:
        if name == "properties":
            return {member: self._schema(inner, (*keys, member)) for member, inner in _mapping(value, keys).items()}
        if name in {"allOf", "oneOf", "anyOf"}:
            return [self._schema(inner, (*keys, index)) for index, inner in enumerate(_sequence(value, keys))]
        if name in {"items", "not"} or (name == "additionalProperties" and not isinstance(value, bool)):
            return self._schema(value, keys)
        if name == "type" and not isinstance(value, str):
            raise ReductionError("a type must be one word", keys, hint="lists of types belong to OpenAPI 3.1")
        return value

    def _reference(self, raw: Mapping[str, Any], keys: Keys, kind: str) -> dict[str, Any]:
        self._target(raw["$ref"], keys, (kind,))
        return {"$ref": raw["$ref"]}

    def _inlined(self, raw: Any, keys: Keys) -> Mapping[str, Any]:
        raw = _mapping(raw, keys)
        return self._target(raw["$ref"], keys, _INLINED) if "$ref" in raw else raw

    def _target(self, ref: Any, keys: Keys, kinds: tuple[str, ...]) -> Mapping[str, Any]:
        parts = str(ref).split("/")
        found = self._source.get("components", {}).get(parts[2], {}).get(parts[3]) if len(parts) == 4 else None
        if not str(ref).startswith("#/components/") or parts[2] not in kinds or not isinstance(found, Mapping):
            raise ReductionError(f"$ref {ref} leads nowhere", (*keys, "$ref"))
        return found


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    return ((path, name, body) for path, item in paths.items() for name, body in item.items() if name in METHODS)


def _facts(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in _PROSE and not str(name).startswith("x-")}


def _mapping(value: Any, keys: Keys) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ReductionError(f"{_called(keys)} must be an object", keys)
    return value


def _sequence(value: Any, keys: Keys) -> list[Any]:
    if not isinstance(value, list):
        raise ReductionError(f"{_called(keys)} must be a list", keys)
    return value


def _text(value: Any, keys: Keys) -> str:
    if not isinstance(value, str) or not value:
        raise ReductionError(f"{_called(keys)} must be a text", keys)
    return value


def _called(keys: Keys) -> str:
    return str(keys[-1]) if keys else "the document"
