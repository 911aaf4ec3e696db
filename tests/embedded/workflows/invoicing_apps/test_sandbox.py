from typing import Any

import pytest

from devkit.embedded.domain.billing.app_results import Triggered
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing_apps.sandbox import TARGET_PAYMENT_STATUS, SandboxInvoicing

INVOICE = {"customer": {"name": "Acme Inc"}, "currency": "USD"}


@pytest.fixture
def sandbox(store: Store) -> SandboxInvoicing:
    return SandboxInvoicing(store, {"id": "sandbox", "type": "sandbox"})


def test_it_numbers_the_invoices_of_all_customers_in_one_row(sandbox: SandboxInvoicing) -> None:
    names = ("Acme Inc", "Zebra")
    finals = [sandbox.finalize(INVOICE | {"customer": {"name": name}}) for name in names]
    assert [final.invoice_number for final in finals] == ["OM-SANDBOX-ACIN-1", "OM-SANDBOX-ZEBR-2"]
    assert all(final.sent_to_customer_at for final in finals)


@pytest.mark.parametrize(
    ("metadata", "trigger"),
    [
        ({}, "paid"),
        ({TARGET_PAYMENT_STATUS: ""}, "paid"),
        ({TARGET_PAYMENT_STATUS: "nonsense"}, "paid"),
        ({TARGET_PAYMENT_STATUS: "failed"}, "failed"),
        ({TARGET_PAYMENT_STATUS: "uncollectible"}, "payment_uncollectible"),
        ({TARGET_PAYMENT_STATUS: "action_required"}, "action_required"),
    ],
)
def test_payments_end_as_the_metadata_wish(sandbox: SandboxInvoicing, metadata: dict[str, str], trigger: str) -> None:
    fired = sandbox.post_advance(INVOICE | {"status": "payment_processing.pending", "metadata": metadata})
    assert isinstance(fired, Triggered)
    assert fired.trigger == trigger
    assert [issue.code for issue in fired.issues] == (["simulated_payment_failure"] if trigger == "failed" else [])


@pytest.mark.parametrize("status", ["draft.manual_approval_needed", "payment_processing.failed", "paid"])
def test_elsewhere_it_does_nothing(sandbox: SandboxInvoicing, status: str) -> None:
    invoice: dict[str, Any] = INVOICE | {"status": status, "metadata": {TARGET_PAYMENT_STATUS: "failed"}}
    assert sandbox.post_advance(invoice) is None
