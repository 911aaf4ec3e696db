"""The rules of grants: what may be made and voided, and how the engine sees them.

A grant is a document with the members of the API's second version; instants are texts in UTC.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from devkit.embedded.domain import recurrences
from devkit.embedded.domain.credits import Grant as Credit
from devkit.embedded.domain.entitlement_inputs import body_instant, recurrence
from devkit.embedded.domain.errors import Invalid, IssuesFound, Plain
from devkit.embedded.domain.go_time import add_date, floor_minute
from devkit.embedded.domain.go_time import text as go_text
from devkit.embedded.domain.instants import instant, plain, text_of
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.recurrences import Recurrence
from devkit.embedded.domain.timestamps import format_instant

Grant = dict[str, Any]
Body = Mapping[str, Any]

_DEFAULT_PRIORITY_AFTER_RESET = 1
_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)
_EXPIRATIONS: dict[str, Callable[[datetime, int], datetime]] = {
    "DAY": lambda start, count: add_date(start, days=count),
    "WEEK": lambda start, count: add_date(start, days=7 * count),
    "MONTH": lambda start, count: add_date(start, months=count),
    "YEAR": lambda start, count: add_date(start, years=count),
    "HOUR": lambda start, count: start + timedelta(hours=count),
}


def create(
    body: Body, entitlement_id: str, *, period_start: datetime, max_rollover: float, id_: str, now: datetime
) -> Grant:
    """A new grant as the answer to its making shows it: its instants have the offset of the body.

    max_rollover: what a reset leaves at most where the body does not say. Raises IssuesFound or Invalid.
    """
    given = body_instant(body["effectiveAt"])
    _check_amount(body["amount"], given)
    effective = floor_minute(given)
    if effective < period_start:
        texts = go_text(effective), go_text(period_start)
        raise Invalid(f"grant effective date {texts[0]} is before the current usage period {texts[1]}")
    at = text_of(now)
    grant: Grant = {
        "id": id_,
        "entitlementId": entitlement_id,
        "amount": float(body["amount"]),
        "priority": body.get("priority") or 0,
        "effectiveAt": format_instant(effective),
        "minRolloverAmount": _or(body.get("minRolloverAmount"), 0.0),
        "maxRolloverAmount": _or(body.get("maxRolloverAmount"), max_rollover),
        "createdAt": at,
        "updatedAt": at,
    }
    expiration = body.get("expiration")
    if expiration is not None:
        grant |= {"expiration": dict(expiration), "expiresAt": _end(effective, expiration)}
    if body.get("recurrence") is not None:
        grant["recurrence"] = _recurrence(body["recurrence"], effective, now)
    return grant | {name: body[name] for name in ("metadata", "annotations") if body.get(name)}


def after_reset(entitlement: Mapping[str, Any], *, effective_at: datetime, id_: str, now: datetime) -> Grant | None:
    """The grant that each reset of the entitlement fills again; None where it asks for none."""
    amount = entitlement["issueAfterReset"]
    if not amount:
        return None
    return {
        "id": id_,
        "entitlementId": entitlement["id"],
        "amount": amount,
        "priority": entitlement.get("issueAfterResetPriority", _DEFAULT_PRIORITY_AFTER_RESET),
        "effectiveAt": text_of(effective_at),
        "minRolloverAmount": amount,
        "maxRolloverAmount": amount,
        "annotations": {"issueAfterReset": True},
        "createdAt": text_of(now),
        "updatedAt": text_of(now),
    }


def stored(grant: Grant) -> Grant:
    """The grant as it is kept, with its instants in UTC."""
    return grant | {name: text_of(instant(grant[name])) for name in ("effectiveAt", "expiresAt") if name in grant}


def check_not_voided(grant: Grant) -> None:
    if "voidedAt" in grant:
        raise Invalid("grant already voided")


def voided(grant: Grant, at: datetime, *, period_start: datetime, now: datetime) -> Grant:
    """The grant, which nothing burns from then on. Raises Invalid."""
    check_not_voided(grant)
    moment = floor_minute(at)
    if moment > now:
        raise Invalid(f"void time {go_text(moment)} must not be in the future")
    if moment < period_start:
        start = go_text(period_start)
        raise Invalid(f"void time {go_text(moment)} is before the current usage period start {start}")
    return {**grant, "voidedAt": text_of(moment), "updatedAt": text_of(now)}


def deleted(grant: Grant, *, now: datetime) -> Grant:
    return {**grant, "deletedAt": text_of(now), "updatedAt": text_of(now)}


def unknown(id_: str) -> Plain:
    return Plain(404, f"grant not found: {id_}")


def to_burn(grant: Grant) -> Credit:
    """The grant as the engine sees it."""
    return Credit(
        id=grant["id"],
        amount=float(grant["amount"]),
        priority=grant["priority"],
        effective_at=instant(grant["effectiveAt"]),
        created_at=instant(grant["createdAt"]),
        expires_at=_optional(grant.get("expiresAt")),
        voided_at=_optional(grant.get("voidedAt")),
        deleted_at=_optional(grant.get("deletedAt")),
        min_rollover=float(grant["minRolloverAmount"]),
        max_rollover=float(grant["maxRolloverAmount"]),
        recurrence=recurrences.read(grant["recurrence"]) if "recurrence" in grant else None,
    )


def matters_between(grant: Credit, start: datetime, end: datetime) -> bool:
    """Whether it may be burned, or at least begins, between the instants, both included."""
    if any(ended is not None and ended < start for ended in (grant.deleted_at, grant.voided_at)):
        return False
    if grant.effective_at < start:
        return grant.expires_at is None or grant.expires_at > start
    return grant.effective_at <= end


def _check_amount(amount: float, effective_at: datetime) -> None:
    found: tuple[str, str, str, float | str]
    if amount <= 0:
        found = ("grant_amount_must_be_positive", "amount", "amount must be positive", amount)
    elif effective_at == _NO_TIME:
        found = ("grant_effective_at_must_be_set", "effective_at", "effective at must be set", format_instant(_NO_TIME))
    else:
        return
    code, name, message, value = found
    field = "amount" if name == "amount" else "effectiveAt"
    raise IssuesFound([Issue(message, code, field, attributes=((name, value),))])


def _recurrence(body: Body, effective: datetime, now: datetime) -> dict[str, Any]:
    given = recurrence({"anchor": format_instant(effective), **body}, now)
    floored = Recurrence(given.interval, floor_minute(given.anchor))
    floored.next_from(now)
    return recurrences.shown(floored.interval, text_of(plain(floored.anchor)))


def _end(effective: datetime, expiration: Body) -> str:
    try:
        return format_instant(_EXPIRATIONS[expiration["duration"]](effective, expiration["count"]))
    except OverflowError:
        raise Invalid("the grant expires beyond the calendar") from None


def _optional(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _or(value: float | None, default: float) -> float:
    return default if value is None else float(value)
