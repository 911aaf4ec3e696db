"""The rules of customers: what a body makes of one, and which lists show it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain.currencies import CURRENCIES
from devkit.embedded.domain.errors import Conflict, Invalid, NotFound, PreconditionFailed
from devkit.embedded.domain.ordering import by

Customer = dict[str, Any]

_CODES = frozenset(currency["code"] for currency in CURRENCIES)
_REPLACED = ("key", "description", "metadata")
_KEPT = ("primaryEmail", "currency")
#: Query parameter, what it is called in a refusal, and where its text stands.
_FILTERS = (("key", "key"), ("name", "name"), ("primaryEmail", "primary email"))
_SUBJECT = ("subject", "usage attribution subject key")
_PLAN = ("planKey", "plan key")


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


def subject_keys(body: Mapping[str, Any]) -> list[str]:
    """The subject keys of a body or of a customer, in their order."""
    return list((body.get("usageAttribution") or {}).get("subjectKeys", ()))


def check_filters(query: Mapping[str, Any]) -> None:
    """Raises Invalid where a filter of a list is empty."""
    empty = [words for name, words in (*_FILTERS, _SUBJECT, _PLAN) if query.get(name) == ""]
    texts = (f"invalid {words} filter: validation error: filter is invalid: format mismatch" for words in empty)
    if empty:
        raise Invalid("validation error: " + "\n".join(f"validation error: {text}" for text in texts))


def listed(customers: Iterable[Customer], query: Mapping[str, Any], plan_keys: Mapping[str, str]) -> list[Customer]:
    """The customers that a list shows, in its order.

    plan_keys: the plan of each customer, by id, that has an active subscription
    """
    found = [
        customer
        for customer in customers
        if all(_contains(customer.get(name), query.get(name)) for name, _ in _FILTERS)
        and _has_subject(customer, query.get("subject"))
        and query.get("planKey") in (None, plan_keys.get(customer["id"]))
    ]
    return sorted(found, key=by(query.get("orderBy", "name")), reverse=query.get("order") == "DESC")


def _contains(text: str | None, part: str | None) -> bool:
    return part is None or (text is not None and part.lower() in text.lower())


def _has_subject(customer: Customer, part: str | None) -> bool:
    """The subjects of a deleted customer count as deleted."""
    if part is None:
        return True
    return "deletedAt" not in customer and any(_contains(key, part) for key in subject_keys(customer))


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
