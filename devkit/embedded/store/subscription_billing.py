"""What subscriptions billed so far, and when each has to be looked at again.

Documents of kind `subscription-billing`, by the id of the subscription: {id, createdAt, records}, where the records of
domain/billing/subscription_lines.py stand by their keys; and of kind `subscription-schedule`: {id, createdAt, dueAt}.
"""

from datetime import datetime

from devkit.embedded.domain.billing.subscription_lines import Record
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.store.store import Store

KIND = "subscription-billing"
SCHEDULE_KIND = "subscription-schedule"


def billing_records(store: Store, subscription_id: str) -> dict[str, Record]:
    """What the subscription billed so far, by key."""
    found = store.records.get(KIND, subscription_id)
    return {} if found is None else found["records"]


def put_billing_records(store: Store, subscription_id: str, records: dict[str, Record]) -> None:
    document = {"id": subscription_id, "createdAt": text_of(store.now()), "records": records}
    store.records.put(KIND, document)


def schedule(store: Store, subscription_id: str, due_at: datetime | None) -> None:
    """When the subscription has to be looked at again; None: never."""
    now = text_of(store.now())
    document = {"id": subscription_id, "createdAt": now}
    if due_at is None:
        document["deletedAt"] = now
    else:
        document["dueAt"] = text_of(due_at)
    store.records.put(SCHEDULE_KIND, document)


def due_subscriptions(store: Store, now: datetime) -> list[tuple[datetime, str]]:
    """When the subscriptions had to be looked at by now, and their ids, by time."""
    waiting = ((instant(document["dueAt"]), document["id"]) for document in store.records.all(SCHEDULE_KIND))
    return sorted((due, id_) for due, id_ in waiting if due <= now)
