"""The subscriptions that the list of a customer shows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.subscriptions.documents import Document
from devkit.embedded.domain.subscriptions.views import shown


def listed(subscriptions: Iterable[Mapping[str, Any]], query: Mapping[str, Any], now: datetime) -> list[Document]:
    """What the query asks for of these, in its order: the latest first, unless it says otherwise."""
    wanted = query.get("status")
    found = [shown(subscription, now) for subscription in subscriptions if "deletedAt" not in subscription]
    matching = [subscription for subscription in found if not wanted or subscription["status"] in wanted]
    field = query.get("orderBy", "activeFrom")
    return sorted(matching, key=lambda found: _moment(found, field), reverse=query.get("order", "DESC") == "DESC")


def _moment(subscription: Document, field: str) -> tuple[bool, str | datetime]:
    """What has no end is behind everything that has one."""
    return (True, "") if field not in subscription else (False, instant(subscription[field]))
