"""Whose usage an event is: a customer has the subjects that its key and its `usageAttribution.subjectKeys` name."""

from devkit.embedded.store.records import Document, Records

KIND = "customer"
SUBJECT_KEY = "subject_key"


def live_customer(records: Records, id_: str) -> Document | None:
    """The customer with this id unless it was deleted."""
    customer = records.get(KIND, id_)
    return None if customer is None or "deletedAt" in customer else customer


def subjects_of(customer: Document) -> list[str]:
    """Its key first, then its subject keys."""
    key = [customer["key"]] if customer.get("key") is not None else []
    return [*key, *(customer.get("usageAttribution") or {}).get("subjectKeys", ())]


def customer_of_subject(records: Records, subject: str) -> str | None:
    """The id of the customer with this key, else of one that lists the subject; None where there is none."""
    by_key = records.by_key(KIND, subject)
    if by_key is not None:
        return str(by_key["id"])
    listing = records.by_ref(KIND, SUBJECT_KEY, subject)
    return str(listing[0]["id"]) if listing else None
