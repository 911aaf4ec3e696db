"""The rules of add-ons: what a body makes of one, what is wrong with it, and what may be done to it in which status."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain import issues
from devkit.embedded.domain.catalog import rate_cards, versions
from devkit.embedded.domain.catalog.unreadable import Unreadable
from devkit.embedded.domain.catalog.versions import ACTIVE, ARCHIVED, DRAFT
from devkit.embedded.domain.currencies import CODES
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound, NotFound
from devkit.embedded.domain.issues import Issue, critical, criticals, keyed, warning

Addon = dict[str, Any]

MULTIPLE = "multiple"
_CHANGED_IN = {"updated": (DRAFT,), "archived": (ACTIVE,), "deleted": (DRAFT, ARCHIVED)}


def read_new(body: Mapping[str, Any]) -> Addon:
    """The content of a new add-on. Raises Invalid or InternalFailure for what cannot be read, IssuesFound."""
    if body["currency"] not in CODES:
        raise InternalFailure(f"invalid fiat currency code: {body['currency']}")
    addon = {name: body[name] for name in ("key", "name", "instanceType", "currency")}
    if body.get("description") is not None:
        addon["description"] = body["description"]
    if body.get("metadata"):
        addon["metadata"] = body["metadata"]
    addon["rateCards"] = _read_cards(body)
    refuse(criticals(issues_of(addon)))
    return addon


def read_update(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an update changes. Raises Invalid or InternalFailure for what cannot be read, IssuesFound."""
    changes = {name: body[name] for name in ("name", "instanceType")}
    changes |= {name: body[name] for name in ("description", "metadata") if body.get(name) is not None}
    changes["rateCards"] = _read_cards(body)
    refuse(criticals(rate_cards.issues_of_all(changes["rateCards"])))
    return changes


def updated(addon: Addon, changes: Mapping[str, Any], *, now: str) -> Addon:
    """The add-on with the changes. Empty metadata clears it."""
    changed = {**addon, **changes, "updatedAt": now}
    if not changed.get("metadata"):
        changed.pop("metadata", None)
    return changed


def check(addon: Mapping[str, Any], change: str, now: datetime) -> None:
    """Raises IssuesFound where an add-on of this status cannot be `updated`, `archived` or `deleted`."""
    if versions.status(addon, now) not in _CHANGED_IN[change]:
        refuse([_INVALID_STATUS])


def check_not_deleted(addon: Mapping[str, Any], change: str) -> None:
    """change: what is refused, as `publish` or `archive`. Raises Invalid."""
    if versions.is_deleted(addon):
        raise Invalid(f"cannot {change} a deleted add-on")


def assigned(addon: Mapping[str, Any], namespace: str) -> Invalid:
    """An add-on of plans is not deleted."""
    return Invalid(
        f"failed to delete add-on [namespace={namespace} id={addon['id']} key={addon['key']}]:"
        " add-on has active assignments"
    )


def issues_of(addon: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with an add-on for itself."""
    return rate_cards.issues_of_all(addon["rateCards"]) if addon["rateCards"] else [_NO_RATE_CARDS]


def publishing_issues(addon: Mapping[str, Any], now: datetime) -> list[Issue]:
    """What keeps an add-on from being published, whatever features it refers to."""
    found = issues_of(addon)
    if versions.status(addon, now) != DRAFT:
        found.append(_NOT_A_DRAFT)
    if len(_cadences(addon)) > 1:
        found.append(_SEVERAL_CADENCES)
    if addon["instanceType"] == MULTIPLE:
        priced_by_usage = [card for card in addon["rateCards"] if rate_cards.is_usage_priced(card)]
        found += [_PRICED_BY_USAGE.under(keyed("ratecards", card["key"])) for card in priced_by_usage[:1]]
    return found


def shown(addon: Addon, now: datetime) -> Addon:
    """The add-on as answers show it: with its status and its issues."""
    return addon | {
        "rateCards": [rate_cards.shown(card) for card in addon["rateCards"]],
        "status": versions.status(addon, now),
        "validationErrors": issues.shown(issues_of(addon)),
    }


def unknown(namespace: str, id_or_key: str) -> NotFound:
    """No add-on has the id, or no version of the key is in force."""
    name = "id" if versions.names_id(id_or_key) else "key"
    return NotFound(f"add-on not found. [namespace={namespace} {name}={id_or_key}]")


def refuse(found: Sequence[Issue]) -> None:
    """Raises IssuesFound where there are any."""
    if found:
        raise IssuesFound(found, detail="invalid add-on", with_status=True)


def _read_cards(body: Mapping[str, Any]) -> list[rate_cards.RateCard]:
    try:
        return rate_cards.read_all(body["rateCards"])
    except Unreadable as error:
        if error.validation:
            raise Invalid(error.validation) from error
        raise InternalFailure(error.text) from error


def _cadences(addon: Mapping[str, Any]) -> set[str]:
    """The cadences of what is charged again and again; a year is twelve months."""
    lengths = (rate_cards.cadence(card) for card in addon["rateCards"] if card["price"] is not None)
    return {str(length.normalised()) for length in lengths if length is not None}


_INVALID_STATUS = critical("addon_invalid_status", "status", "invalid status")
_NOT_A_DRAFT = critical("addon_invalid_status_for_publish", "status", "only draft add-ons can be published")
_NO_RATE_CARDS = warning("addon_has_no_rate_cards", "rateCards", "add-on must have at least one rate card")
_SEVERAL_CADENCES = warning(
    "rate_card_multiple_billing_cadence",
    "ratecards[*].billingCadence",
    "ratecards with prices must have the exact same billing cadence",
)
_PRICED_BY_USAGE = warning(
    "addon_invalid_ratecard_price_for_multi_instance",
    "price",
    "only free or flat price ratecards are allowed for add-on with multiple instance type",
)
