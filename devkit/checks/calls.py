"""The calls of one check: by operation id, recorded, and every answer held against the contract."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from devkit.adapters.openmeter import OpenMeter
from devkit.checks.outcomes import Call
from devkit.core.contract import contract
from devkit.core.response_check import check_response

EXCERPT = 1200
_SECRET = re.compile(r'("(?:token|apiKey|secretAPIKey)"\s*:\s*")[^"]+')


@dataclass(frozen=True)
class Answer:
    """What the server said. `body` is the decoded JSON, the text of other answers, None where there is none."""

    operation: str
    status: int
    headers: Mapping[str, str]
    text: str
    body: Any
    exchange: tuple[str, ...]

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def breaks(self) -> str | None:
        """Where the answer first breaks the contract, but for what OpenMeter is known to do."""
        found = check_response(self.operation, self.status, self.body, self.headers.get("content-type"))
        return f"the answer of {self.operation} breaks the contract: {found[0]}" if found else None


class Caller:
    """Sends requests for one check and remembers what it proved (`calls`) and what was said last (`exchange`)."""

    def __init__(self, client: OpenMeter) -> None:
        self.client = client
        self.calls: list[Call] = []
        self.exchange: tuple[str, ...] = ()

    def send(self, operation: str, path: tuple[str, ...], request: Mapping[str, Any], *, proves: bool) -> Answer:
        """path: the values of the path parameters in their order. Raises UnreachableError.

        proves: whether the call counts as exercising the operation; setting up, waiting and cleaning up do not
        """
        spec = contract().operations[operation]
        names = re.findall(r"{(\w+)}", spec.path)
        response = self.client.send(operation, path=dict(zip(names, path, strict=True)), **request)
        if proves:
            self.calls.append(Call(operation, response.status_code))
        self.exchange = _told(response)
        return Answer(
            operation=operation,
            status=response.status_code,
            headers=response.headers,
            text=response.text,
            body=_decoded(response),
            exchange=self.exchange,
        )


def _decoded(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json() if "json" in response.headers.get("content-type", "") else response.text
    except ValueError:
        return response.text


def _told(response: httpx.Response) -> tuple[str, ...]:
    """Request and answer as evidence: a line each, cut to what a person reads, without secrets."""
    request = response.request
    asked = f"{request.method} {request.url.raw_path.decode()} {_excerpt(request.content.decode(errors='replace'))}"
    media = response.headers.get("content-type", "no content type")
    return (asked.rstrip(), f"-> {response.status_code} ({media}) {_excerpt(response.text)}".rstrip())


def _excerpt(text: str) -> str:
    line = _SECRET.sub(r"\1***", json.dumps(text.strip(), ensure_ascii=False)[1:-1].replace('\\"', '"'))
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"
