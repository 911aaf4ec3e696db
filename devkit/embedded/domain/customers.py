"""The rules of customers: what a body makes of one, and which lists show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.currencies import CURRENCIES
from devkit.embedded.domain.errors import Conflict, Invalid, NotFound, PreconditionFailed

Customer = dict[str, Any]

_CODES = frozenset(currency["code"] for currency in CURRENCIES)
_REPLACED = ("key", "description", "metadata")
_KEPT = ("primaryEmail", "currency")
#: The filters of a list that look for a part of a field.
TEXT_FILTERS = ("key", "name", "primaryEmail")
#: Query parameter and what it is called in a refusal.
_FILTERS = (
    ("key", "key"),
    ("name", "name"),
    ("primaryEmail", "primary email"),
    ("subject", "usage attribution subject key"),
    ("planKey", "plan key"),
)


def create(body: Mapping[str, Any], *, id_: str, now: str) -> Customer:
    """A new customer. Raises Invalid."""
    if problem := _problem(body):
        raise Invalid(f"error creating customer: validation error: {problem}")
    return _written({"id": id_, "createdAt": now}, body, now)


def replace(customer: Customer, body: Mapping[str, Any], *, now: str) -> Customer:
    """The customer that updateCustomer leaves: all replaced but e-mail, currency and parts of a given address.

    Raises Invalid.
    """
    if problem := _problem(body):
        raise Invalid(f"validation error: {problem}")
    return _written(customer, body, now)


def deleted(customer: Customer, *, now: str) -> Customer:
    """The customer as a soft delete leaves it: with the usage attribution that it had."""
    return {**customer, "deletedAt": now, "updatedAt": now}


def check_live(customer: Customer, namespace: str) -> None:
    """Raises PreconditionFailed where the customer is deleted."""
    if "deletedAt" in customer:
        raise PreconditionFailed(f"customer is deleted [namespace={namespace} customer.id={customer['id']}]")


def unknown(namespace: str, id_or_key: str) -> NotFound:
    return NotFound(f"customer with id or key {id_or_key} not found in {namespace} namespace")


def key_is_id(key: str) -> Conflict:
    return Conflict(f"key {key} overlaps with id of another customer")


def key_is_subject(key: str, owner: str) -> Conflict:
    return Conflict(f"key {key} overlaps with subject of another customer: {owner}")


def key_taken(key: str, namespace: str) -> Conflict:
    return Conflict(f'key "{key}" is already used by an another customer in the namespace {namespace}')


def subjects_taken(subject_keys: Sequence[str], namespace: str) -> Conflict:
    return Conflict(
        f"one or multiple subject keys of [{', '.join(subject_keys)}]"
        f" are already associated with an different customer in the namespace {namespace}"
    )


def check_deletable(customer: Customer, *, entitled: bool, subscribed: bool, unpaid: Sequence[str]) -> None:
    """What forbids the deletion of a customer. Raises Conflict or Invalid.

    entitled, subscribed: whether an entitlement or a subscription of the customer is active
    unpaid:               what Billing has against it
    """
    if entitled:
        raise Conflict(
            f"customer {customer['id']} still has active entitlements, please remove them before deleting the customer"
        )
    active = f"customer {customer['id']} still have active subscriptions,"
    problems = [f"{active} please cancel them before deleting the customer"] if subscribed else []
    if problems := [*problems, *unpaid]:
        raise Invalid("\n".join(problems))


def check_subjects_may_change(customer: Customer, body: Mapping[str, Any]) -> None:
    """The subjects of a subscribed customer are fixed, in their order too, unless all are left out. Raises Invalid."""
    if body.get("usageAttribution") is not None and subject_keys(body) != subject_keys(customer):
        raise Invalid("cannot change subject keys for customer with active subscriptions")


def subject_keys(body: Mapping[str, Any]) -> list[str]:
    """The subject keys of a body or of a customer, in their order."""
    return list((body.get("usageAttribution") or {}).get("subjectKeys", ()))


def check_filters(query: Mapping[str, Any]) -> None:
    """Raises Invalid where a filter of a list is empty."""
    empty = [words for name, words in _FILTERS if query.get(name) == ""]
    texts = (f"invalid {words} filter: validation error: filter is invalid: format mismatch" for words in empty)
    if empty:
        raise Invalid("validation error: " + "\n".join(f"validation error: {text}" for text in texts))


def _problem(body: Mapping[str, Any]) -> str | None:
    """What is wrong with a body, with the prefixes that OpenMeter piles up."""
    currency = body.get("currency")
    if currency is not None and currency not in _CODES:
        return f"validation error: validation error: invalid fiat currency code: {currency}"
    if not body.get("key") and not subject_keys(body):
        return "validation error: either key or usageAttribution.subjectKeys must be provided"
    return None


def _written(customer: Customer, body: Mapping[str, Any], now: str) -> Customer:
    dropped = (*_REPLACED, "usageAttribution", "billingAddress")
    written = {name: value for name, value in customer.items() if name not in dropped}
    written |= {"name": body["name"], "updatedAt": now}
    for name in (*_REPLACED, *_KEPT):
        if body.get(name) is not None and body[name] != {}:
            written[name] = body[name]
    if keys := subject_keys(body):
        written["usageAttribution"] = {"subjectKeys": sorted(set(keys))}
    if body.get("billingAddress") is not None:
        given = {
            name: value for name, value in body["billingAddress"].items() if name in _ADDRESS and value is not None
        }
        if address := {**customer.get("billingAddress", {}), **given}:
            written["billingAddress"] = address
    return written


_ADDRESS = ("country", "postalCode", "state", "city", "line1", "line2", "phoneNumber")
