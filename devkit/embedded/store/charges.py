"""Charges: documents of kind `charge` (domain/billing/charges.py). Deleted ones are found too."""

from devkit.embedded.domain.billing.charges import Charge
from devkit.embedded.store.store import Store

KIND = "charge"


def get_charge(store: Store, id_: str) -> Charge:
    """The charge with this id. Raises LookupError: a line refers to a charge only where there is one."""
    found = store.records.get(KIND, id_)
    if found is None:
        raise LookupError(f"there is no charge {id_}")
    return found


def put_charge(store: Store, charge: Charge) -> None:
    """Writes a charge, new or changed."""
    store.records.put(KIND, charge, refs={"customer": [charge["customerId"]]})
