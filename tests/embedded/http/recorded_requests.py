"""Every request of the recordings, as the pipeline gets it, with the refusal that the real server gave."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from devkit.embedded.domain.portal_tokens import issue

RECORDINGS = Path(__file__).parents[2] / "fidelity" / "recordings"
#: Signs the portal token that stands for each opaque text of the portal's recordings.
SECRET = "secret"
_TOKEN = issue(
    SECRET,
    id_="1",
    namespace="default",
    subject="customer",
    meter_slugs=(),
    expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    now=datetime(2025, 1, 1, tzinfo=UTC),
)
_OPAQUE = re.compile(r"\{opaque:\d+\}")
_FILLED = (
    (re.compile(r"\{run\}"), "0a1b2c3d4e"),
    (re.compile(r"\{ulid:\d+\}"), "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    (re.compile(r"\{time(:\d+)?(\+\w+)?\}"), "2025-01-01T00:00:00Z"),
    (re.compile(r"\{stripe:\d+\}"), "unknown"),
    (re.compile(r"\{receiver\}"), "http://127.0.0.1:1"),
)


@dataclass(frozen=True)
class Recorded:
    """One step. detail: None where the answer had none; validator: refused by the OpenAPI validator."""

    name: str
    method: str
    path: bytes
    query: bytes
    headers: dict[str, str]
    body: bytes
    status: int
    detail: str | None
    validator: bool


@cache
def recorded() -> tuple[Recorded, ...]:
    return tuple(_steps())


def _steps() -> Iterator[Recorded]:
    for file in sorted(RECORDINGS.rglob("*.json")):
        for number, step in enumerate(json.loads(file.read_text(encoding="utf-8"))["steps"]):
            if "to" not in step:
                yield _recorded(f"{file.parent.name}/{file.stem}#{number}", step)


def _recorded(name: str, step: dict[str, Any]) -> Recorded:
    opaque = _TOKEN if name.startswith("portal/") else "whsec_" + "a" * 40
    step = _opaque(step, opaque)
    filled = _fill({key: value for key, value in step.items() if key != "response"})
    answer = step["response"]
    body = answer["body"] if isinstance(answer["body"], dict) else {}
    path, _, query = filled["path"].partition("?")
    raw = filled["raw"] if "raw" in filled else json.dumps(filled["body"]) if "body" in filled else ""
    return Recorded(
        name=name,
        method=filled["method"],
        path=path.encode(),
        query=(_encoded(filled["query"]) if filled.get("query") else query).encode(),
        headers={key.lower(): value for key, value in (filled.get("headers") or {}).items()},
        body=raw.encode(),
        status=answer["status"],
        detail=_fill(body.get("detail")),
        validator=answer["status"] == 400 and "title" in body and "instance" not in body,
    )


def _encoded(query: Any) -> str:
    pairs = query.items() if isinstance(query, dict) else [tuple(pair) for pair in query]
    return urlencode([(key, _text(value)) for key, values in pairs for value in _many(values)])


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else "" if value is None else str(value)


def _opaque(step: dict[str, Any], text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_OPAQUE.sub(text, json.dumps(step)))
    return found


def _fill(value: Any) -> Any:
    if isinstance(value, dict):
        return {_fill(key): _fill(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_fill(part) for part in value]
    if isinstance(value, str):
        for placeholder, text in _FILLED:
            value = placeholder.sub(text, value)
    return value
