"""Is a response what the contract promises? Known oddities of OpenMeter are told apart from news."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.core.contract import Contract, Operation, Schema
from devkit.core.contract import contract as shipped_contract
from devkit.core.response_oddities import Oddity, known_oddities
from devkit.core.schema_check import Violation, violations


@dataclass(frozen=True)
class Finding:
    """A violation, and the known oddity that explains it, if any."""

    violation: Violation
    oddity: Oddity | None


def check_response(operation_id: str, status: int, body: Any, media_type: str | None = None) -> list[Violation]:
    """What a response does that neither the contract nor a known oddity allows.

    body:       the decoded JSON, the text of other bodies, None or "" where there is none
    media_type: of the response, parameters allowed; without it the only fitting one is assumed
    Raises KeyError for an operation that the contract does not have.
    """
    return [
        found.violation for found in explain_response(operation_id, status, body, media_type) if found.oddity is None
    ]


def explain_response(
    operation_id: str,
    status: int,
    body: Any,
    media_type: str | None = None,
    *,
    contract: Contract | None = None,
    oddities: Iterable[Oddity] | None = None,
) -> list[Finding]:
    """The same with the known oddities that were met, for reports and tests."""
    contract = contract or shipped_contract()
    operation = contract.operations[operation_id]
    known = [o for o in (known_oddities() if oddities is None else oddities) if o.concerns(operation_id, status)]
    findings, media = _documented(contract, operation, status, known)
    if media is not None:
        findings += _body(contract, media, body, _bare(media_type), known)
    return findings


def _documented(
    contract: Contract, operation: Operation, status: int, known: list[Oddity]
) -> tuple[list[Finding], Mapping[str, Schema] | None]:
    """The schemas by media type that this status promises, or None where nothing can be said about its body."""
    if str(status) in operation.responses:
        return [], operation.responses[str(status)]
    if status >= 400 and "default" in operation.responses:
        return [], operation.responses["default"]
    oddity = next((one for one in known if one.documented or one.schema), None)
    expected = ", ".join(name for name in operation.responses if name.startswith("2"))
    finding = Finding(Violation("", f"status {status} is not in the contract, which has {expected}"), oddity)
    if oddity is None:
        return [finding], None
    if oddity.schema:
        return [finding], {"application/json": contract.schemas[oddity.schema]}
    return [finding], operation.responses[oddity.documented or ""]


def _body(
    contract: Contract, media: Mapping[str, Schema], body: Any, media_type: str | None, known: list[Oddity]
) -> list[Finding]:
    empty = body is None or body == ""
    if not media:
        return [] if empty else [_finding("has a body where the contract has none", known)]
    if not empty or media_type:
        media_type = media_type or _assumed(media, body)
        if media_type not in media:
            return [_media_finding(f"media type {media_type} is none of {', '.join(media)}", media_type, known)]
    elif body == "" or any(oddity.media_type == "" for oddity in known):
        return [_media_finding("has no body", "", known)]
    found = violations(contract, media[media_type or next(iter(media))], body)
    return [Finding(one, next((oddity for oddity in known if oddity.covers(one)), None)) for one in found]


def _assumed(media: Mapping[str, Schema], body: Any) -> str:
    """A text where JSON text makes no sense is CSV or the like; anything else is the first JSON type."""
    textual = [name for name in media if name.startswith("text/")]
    others = [name for name in media if name not in textual]
    preferred = textual + others if isinstance(body, str) else others + textual
    return preferred[0]


def _bare(media_type: str | None) -> str | None:
    return media_type.partition(";")[0].strip().lower() or None if media_type else None


def _finding(reason: str, known: list[Oddity]) -> Finding:
    violation = Violation("", reason)
    return Finding(violation, next((oddity for oddity in known if oddity.covers(violation)), None))


def _media_finding(reason: str, media_type: str, known: list[Oddity]) -> Finding:
    return Finding(Violation("", reason), next((one for one in known if one.media_type == media_type), None))
