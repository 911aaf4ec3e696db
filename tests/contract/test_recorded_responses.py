"""Every response that was recorded from a real OpenMeter fits the contract, or is covered by a listed oddity.

So a smoke check that holds responses against the contract passes on a real server, and no oddity is listed for nothing.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from devkit.core.contract import contract
from devkit.core.response_check import Finding, explain_response
from devkit.core.response_oddities import known_oddities

RECORDINGS = Path(__file__).parents[1] / "fidelity" / "recordings"
TAGS = sorted(folder.name for folder in RECORDINGS.iterdir())

#: What a placeholder of the recordings (fidelity/scenario.py) may have stood for.
PLACEHOLDERS = {
    r"\{run\}": "0a1b2c3d4e",
    r"\{stripe:(\d+)\}": r"cus_\1",
    r"\{time(:\d+)?(\+\w+)?\}": "2026-01-01T00:00:00Z",
    r"\{receiver\}": "http://127.0.0.1:9",
}
UNKNOWN = re.compile(r"\{any\}|\{opaque:\d+\}")
ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def filled(value: Any) -> Any:
    """A recorded value with plausible ids and times; {any} and {opaque:N} stay, as nothing is known of them."""
    if isinstance(value, dict):
        return {filled(key): filled(member) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, str):
        return value
    if value == "{number}":
        return 1
    for placeholder, text in PLACEHOLDERS.items():
        value = re.sub(placeholder, text, value)
    return re.sub(r"\{ulid:(\d+)\}", lambda found: _ulid(int(found[1])), value)


def _ulid(number: int) -> str:
    return "01JZ" + "".join(ULID_ALPHABET[number // 32**place % 32] for place in range(21, -1, -1))


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path pattern and id of all operations, literal paths before those with parameters."""
    operations = sorted(contract().operations.values(), key=lambda operation: operation.path.count("{"))
    return [(one.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path) + r"(\?.*)?"), one.id) for one in operations]


def _operation(method: str, path: str) -> str | None:
    return next((name for one, pattern, name in _routes() if one == method and pattern.fullmatch(path)), None)


def responses(tag: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Where it stands, its operation and the response, of every recorded step that called an operation."""
    for file in sorted((RECORDINGS / tag).glob("*.json")):
        for index, step in enumerate(json.loads(file.read_bytes())["steps"]):
            operation = None if "to" in step else _operation(step["method"], filled(step["path"]))
            if operation:
                yield f"{file.stem} step {index}", operation, step["response"]


@cache
def findings(tag: str) -> list[tuple[str, Finding]]:
    return [
        (f"{place}: {operation} {response['status']} {finding.violation}", finding)
        for place, operation, response in responses(tag)
        for finding in explain_response(
            operation, response["status"], filled(response.get("body")), response["headers"].get("content-type")
        )
    ]


@pytest.mark.parametrize("tag", TAGS)
def test_every_response_of_a_tag_fits_or_is_a_known_oddity(tag: str) -> None:
    assert next(responses(tag), None) is not None
    assert [told for told, finding in findings(tag) if finding.oddity is None and not UNKNOWN.search(told)] == []


def test_all_15_tags_are_recorded() -> None:
    assert len(TAGS) == 15


def test_no_oddity_is_listed_for_nothing() -> None:
    met = {finding.oddity for tag in TAGS for _, finding in findings(tag)}

    assert [oddity for oddity in known_oddities() if oddity not in met] == []
