"""The marketplace: what can be installed, and how."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.errors import Invalid

WITH_API_KEY = "with_api_key"
NO_CREDENTIALS = "no_credentials_required"

#: What every app can do: the ending of its key, its type, its name, and what it is.
_CAPABILITIES = (
    ("collect_payment", "collectPayments", "Payment", "Process payments"),
    ("calculate_tax", "calculateTax", "Calculate Tax", "Calculate tax for a payment"),
    ("invoice_customer", "invoiceCustomers", "Invoice Customer", "Invoice a customer"),
)


def _listing(type_: str, name: str, description: str, method: str) -> dict[str, Any]:
    return {
        "type": type_,
        "name": name,
        "description": description,
        "capabilities": [
            {"key": f"{type_}_{key}", "type": kind, "name": name, "description": description}
            for key, kind, name, description in _CAPABILITIES
        ],
        "installMethods": [method],
    }


#: All listings by the type of their apps.
LISTINGS: Mapping[str, Mapping[str, Any]] = {
    listing["type"]: listing
    for listing in (
        _listing("stripe", "Stripe", "Send invoices, calculate tax and collect payments.", WITH_API_KEY),
        _listing(
            "sandbox",
            "Sandbox",
            "Sandbox can be used to test OpenMeter without external connections.",
            NO_CREDENTIALS,
        ),
        _listing(
            "custom_invoicing",
            "Custom Invoicing",
            "Custom Invoicing can be used to interface with third party invoicing and payment systems",
            NO_CREDENTIALS,
        ),
    )
}


def check_method(type_: str, method: str) -> None:
    """Raises Invalid where apps of this type are not installed in this way."""
    methods = LISTINGS[type_]["installMethods"]
    if method not in methods:
        raise Invalid(f"app does not support this installation method. Supported methods: [{' '.join(methods)}]")
