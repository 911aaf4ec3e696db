"""Between a real OpenMeter and an account of its own at the stand-in of Stripe."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.ownership import Owner
from devkit.stripe_app.place import Place
from devkit.stripe_app.reconcile import reconcile
from devkit.stripe_app.standing import Standing
from tests.embedded.stripe_account import StripeAccount, stripe_account

MACHINE = "machine0"
SUPPLIER = {"name": "Acme", "addresses": [{"country": "US"}]}
ROLES = ("tax", "invoicing", "payment")


def owner(name: str = "default", machine: str = MACHINE) -> Owner:
    return Owner(uuid.uuid4().hex, machine, name)


@dataclass
class Scene:
    """admitted: what the gateway was told, call by call"""

    account: StripeAccount
    place: Place
    admitted: list[list[str]] = field(default_factory=list)

    def sync(self, app: str | None = None) -> Standing:
        return reconcile(self.place, app)

    def with_(self, **members: Any) -> Place:
        self.place = replace(self.place, **members)
        return self.place

    @property
    def openmeter(self) -> OpenMeter:
        return self.place.openmeter

    def endpoints(self) -> list[dict[str, Any]]:
        """The newest first."""
        found: list[dict[str, Any]] = self.account.get("webhook_endpoints?limit=100")["data"]
        return found

    def endpoint(self, id_: str) -> dict[str, Any]:
        return dict(self.account.get(f"webhook_endpoints/{id_}"))

    def make_endpoint(self, *, form: str = "", **metadata: str) -> str:
        told = "".join(f"&metadata[{name}]={value}" for name, value in metadata.items())
        base = "url=https://example.org/hook&enabled_events[]=invoice.paid"
        return str(self.account.post("webhook_endpoints", f"{form or base}{told}")["id"])

    def writes(self) -> list[tuple[str, str]]:
        return self.account.sent()

    def profile(self, app: str, **body: Any) -> dict[str, Any]:
        asked = {"name": "Stripe", "default": False, "supplier": SUPPLIER, "workflow": {"tax": {"enabled": False}}}
        made = {**asked, **body, "apps": dict.fromkeys(ROLES, app)}
        return dict(self.openmeter.call("createBillingProfile", body=made))

    def customer(self) -> str:
        key = f"c-{uuid.uuid4().hex}"
        body = {"name": "Acme", "key": key, "currency": "USD"}
        return str(self.openmeter.call("createCustomer", body=body)["id"])

    def fee(self, customer: str) -> None:
        """Something to be invoiced."""
        line = {
            "name": "Fee",
            "period": {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"},
            "invoiceAt": "2025-02-01T00:00:00Z",
            "rateCard": {"price": {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}},
        }
        body = {"currency": "USD", "lines": [line]}
        self.openmeter.call("createPendingInvoiceLine", path={"customerId": customer}, body=body)


@contextmanager
def app_place(url: str, stripe_address: str) -> Iterator[Scene]:
    with stripe_account(stripe_address) as account, OpenMeter(url) as openmeter:
        admitted: list[list[str]] = []

        def admit(apps: Sequence[str]) -> None:
            admitted.append(list(apps))

        access = StripeAccess(account.key, stripe_address)
        yield Scene(account, Place(openmeter, access, url, owner(), admit), admitted)


def alive_but(*dead: Owner) -> Callable[[Owner], bool]:
    return lambda one: one.instance not in {each.instance for each in dead}


def kinds(standing: Standing) -> list[str]:
    return [repair.kind for repair in standing.repairs]
