"""Gives invoices their numbers."""

from devkit.embedded.domain.billing import invoice_numbers as rules
from devkit.embedded.domain.billing.invoice_numbers import Sequence
from devkit.embedded.store.invoices import next_number
from devkit.embedded.store.store import Store


def new_number(store: Store, sequence: Sequence, *, customer_name: str, currency: str) -> str:
    """The next number of the sequence, for an invoice of this customer."""
    return rules.number(sequence, customer_name, currency, next_number(store, sequence.counter))
