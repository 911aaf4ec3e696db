"""The rules of subjects: what an upsert makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain import timestamps
from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid, Malformed, NotFound

Subject = dict[str, Any]

_PERIODS = ("currentPeriodStart", "currentPeriodEnd")
_OPTIONAL = ("displayName", "stripeCustomerId")


def check_items(items: Sequence[Mapping[str, Any]]) -> None:
    """What is checked of all items before the first is written. Raises Malformed or InternalFailure."""
    for item in items:
        for moment in (item[name] for name in _PERIODS if item.get(name) is not None):
            try:
                timestamps.parse(moment)
            except ValueError as error:  # the schema lets February 30 through; OpenMeter then fails
                raise InternalFailure(str(error)) from None
    stripe_ids = [item["stripeCustomerId"] for item in items if item.get("stripeCustomerId") is not None]
    if not all(stripe_id.startswith("cus_") for stripe_id in stripe_ids):
        raise Malformed("stripeCustomerId must start with cus_ when set")


def create(item: Mapping[str, Any], *, id_: str, now: str) -> Subject:
    """A new subject. Raises Invalid where it has no key."""
    if not item["key"]:
        raise Invalid("key is required")
    subject: Subject = {"id": id_, "key": item["key"], "metadata": {}, "createdAt": now, "updatedAt": now}
    return _patched(subject, item)


def update(subject: Subject, item: Mapping[str, Any], *, now: str) -> Subject:
    """The subject with the properties that the item has; null clears one, metadata are replaced as a whole."""
    return {**_patched(subject, item), "updatedAt": now}


def deleted(subject: Subject, *, now: str) -> Subject:
    """The subject as a soft delete leaves it."""
    return {**subject, "deletedAt": now, "updatedAt": now}


def exists_already(key: str) -> Conflict:
    return Conflict(f"subject with key already exists: {key}")


def unknown(namespace: str, id_or_key: str) -> NotFound:
    return NotFound(f"subject not found [namespace={namespace} subject.idOrKey={id_or_key}]")


def _patched(subject: Subject, item: Mapping[str, Any]) -> Subject:
    patched = dict(subject)
    for name in _OPTIONAL:
        if name in item:
            patched.pop(name, None)
            if item[name] is not None:
                patched[name] = item[name]
    if "metadata" in item:
        patched["metadata"] = item["metadata"] or {}
    return patched
