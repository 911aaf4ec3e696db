"""What an invoicing app says about an invoice: the external ids, numbers and payments of another system.

The state machine calls the app (workflows/invoicing_apps) and merges what it gets into its invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from devkit.embedded.domain.issues import Issue

#: What is asked of an app; the last part of the component of the issues that it finds.
Operation = Literal[
    "validate", "sync", "finalize", "delete", "initiate_payment", "post_advance_hook", "trigger_invoice"
]

#: What an app can do for an invoice; the middle part of that component.
Capability = Literal["invoiceCustomers", "collectPayments", "calculateTax"]

#: The triggers that an app may fire, without `trigger_`.
PaymentTrigger = Literal[
    "paid", "authorized", "failed", "payment_uncollectible", "payment_overdue", "action_required", "void"
]


@dataclass(frozen=True)
class Upserted:
    """The invoice stands in the other system. Empty texts and missing ids change nothing.

    line_external_ids:     by id of a line or of a detailed line
    discount_external_ids: by id of a discount of one of them
    """

    invoice_number: str = ""
    external_id: str = ""
    line_external_ids: Mapping[str, str] = field(default_factory=dict)
    discount_external_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finalized:
    """The invoice is final in the other system, and its payment begins. Empty texts change nothing.

    sent_to_customer_at: as the API writes instants
    """

    invoice_number: str = ""
    payment_external_id: str = ""
    sent_to_customer_at: str = ""


@dataclass(frozen=True)
class Triggered:
    """What an app wants the state machine to fire.

    operation: the operation that the issues belong to
    issues:    what the app found; they are merged into the invoice after the trigger was fired and the chain went on
    """

    trigger: PaymentTrigger
    operation: Operation = "post_advance_hook"
    issues: Sequence[Issue] = ()


class AppFailure(Exception):  # noqa: N818 - the app refuses the invoice; that is no error of the program
    """What an app found wrong with an invoice. The state machine keeps its issues with the invoice, as a failure."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("\n".join(issue.message for issue in issues))
        self.issues = tuple(issues)


def component(app_type: str, capability: Capability, operation: Operation) -> str:
    """The component under which an invoice keeps the issues of an app."""
    return f"app.{app_type}.{capability}.{operation}"
