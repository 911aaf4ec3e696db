"""A customer brings the subjects of its usage attribution along."""

from devkit.embedded.domain import subjects as rules
from devkit.embedded.domain.customers import Customer, subject_keys
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.store import Store
from devkit.embedded.store.subjects import find_subject, put_subject


def provision_subjects(store: Store, customer: Customer, namespace: str) -> None:
    """Makes the subjects of the customer that are not there. Raises Invalid where a key is the id of a subject."""
    problems = []
    for key in subject_keys(customer):
        found = find_subject(store, key)
        if found is None or "deletedAt" in found:
            metadata = {"createdBy": "subject.provisioner", "customerId": customer["id"]}
            now = format_instant(store.now())
            put_subject(store, rules.create({"key": key, "metadata": metadata}, id_=store.new_id(), now=now))
        elif found["key"] != key:
            problems.append(
                "use subject key instead of id for usage attribution"
                f" [namespace={namespace} customer.id={customer['id']} customer.usage_attribution_key: {key}]"
            )
    if problems:
        raise Invalid("\nvalidation error: ".join(problems))
