"""What plans and add-ons share: numbered versions of a key, their status by effective period, and lists of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.ordering import by

Version = dict[str, Any]

DRAFT, ACTIVE, ARCHIVED, SCHEDULED = "draft", "active", "archived", "scheduled"
_SORT_FIELDS = {"id": "id", "key": "key", "version": "version", "created_at": "createdAt", "updated_at": "updatedAt"}
_FIRST_LETTERS_OF_IDS = frozenset("01234567")


def status(version: Mapping[str, Any], now: datetime) -> str:
    """Its status at the moment; a period that begins now is active, one that ends now is over."""
    if "effectiveFrom" not in version:
        return DRAFT
    if instant(version["effectiveFrom"]) > now:
        return SCHEDULED
    ends = version.get("effectiveTo")
    return ARCHIVED if ends is not None and instant(ends) <= now else ACTIVE


def is_deleted(version: Mapping[str, Any]) -> bool:
    return "deletedAt" in version


def names_id(id_or_key: str) -> bool:
    """Whether OpenMeter takes the text for an id: 26 letters, the first below 8."""
    return len(id_or_key) == 26 and id_or_key[0] in _FIRST_LETTERS_OF_IDS


def next_number(versions: Sequence[Mapping[str, Any]], now: datetime, *, called: str) -> int:
    """The number of a new version beside these ones, deleted ones included. Raises Invalid beside a draft."""
    if any(not is_deleted(version) and status(version, now) == DRAFT for version in versions):
        raise Invalid(f"only a single draft version is allowed for {called}")
    return max((version["version"] for version in versions), default=0) + 1


def latest(versions: Iterable[Version]) -> Version | None:
    """The highest version, deleted or not."""
    return max(versions, key=lambda version: int(version["version"]), default=None)


def active(versions: Iterable[Version], now: datetime) -> Version | None:
    """The version in force."""
    found = [version for version in versions if not is_deleted(version) and status(version, now) == ACTIVE]
    return found[0] if found else None


def published(version: Version, *, now: str) -> Version:
    """The version in force from now on, without an end."""
    opened = {name: value for name, value in version.items() if name != "effectiveTo"}
    return opened | {"effectiveFrom": now, "updatedAt": now}


def archived(version: Version, *, now: str) -> Version:
    return {**version, "effectiveTo": now, "updatedAt": now}


def deleted(version: Version, *, now: str) -> Version:
    return {**version, "deletedAt": now, "updatedAt": now}


def listed(
    versions: Iterable[Version], query: Mapping[str, Any], now: datetime, *, match: Callable[[Iterable[bool]], bool]
) -> list[Version]:
    """The versions that a list shows, in its order.

    match: `any` where one of the filters by id, key, keyVersion and currency is enough (plans), `all` where each counts
    """
    filters = [_FILTERS[name](wanted) for name, wanted in query.items() if name in _FILTERS and wanted]
    statuses = query.get("status") or ()
    found = [
        version
        for version in versions
        if (not filters or match(accepts(version) for accepts in filters))
        and (not statuses or status(version, now) in statuses)
    ]
    field = _SORT_FIELDS[query.get("orderBy", "id")]
    return sorted(found, key=by(field), reverse=query.get("order", "DESC") == "DESC")


Filter = Callable[[Mapping[str, Any]], bool]


def _one_of(field: str) -> Callable[[Any], Filter]:
    return lambda wanted: lambda version: version[field] in wanted


def _key_versions(wanted: Mapping[str, Sequence[int]]) -> Filter:
    return lambda version: version["version"] in wanted.get(version["key"], ())


_FILTERS: dict[str, Callable[[Any], Filter]] = {
    "id": _one_of("id"),
    "key": _one_of("key"),
    "keyVersion": _key_versions,
    "currency": _one_of("currency"),
}
