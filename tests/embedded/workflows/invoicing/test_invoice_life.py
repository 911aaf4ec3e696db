"""Whatever is done to invoices in whatever order: the sums are right, and what is issued stays as it is."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devkit.embedded.app import build_app
from devkit.embedded.domain.billing.invoice_states import STATES
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.scene import INVOICES, Scene, fee, status, usage

START = datetime(2025, 2, 1, tzinfo=UTC)
AMOUNTS = st.sampled_from(["1", "0.015", "10.5", "333.335"])
ACTIONS = st.sampled_from(["advance", "approve", "retry", "snapshot-quantities"])
METADATA = st.sampled_from([{}, {"openmeter.io/sandbox/target-payment-status": "failed"}])
MEMBERS = ("amount", "chargesTotal", "discountsTotal", "creditsTotal", "total")


class InvoiceLife(RuleBasedStateMachine):
    """One customer, whose drafts are collected for a day and approved by hand or two days later."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "data", START)
        self.scene = Scene.of(build_app(self.store), interval="P1D", draftPeriod="P2D")
        self.issued: dict[str, tuple[str, str]] = {}
        self.used = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(amount=AMOUNTS)
    def add_a_fee(self, amount: str) -> None:
        self.scene.add(fee(amount))

    @rule(amount=AMOUNTS)
    def add_a_metered_line(self, amount: str) -> None:
        self.scene.add(usage(amount))

    @rule()
    def use(self) -> None:
        self.used += 1
        self.scene.use(1, time=f"2025-01-{self.used % 30 + 1:02}T00:00:{self.used % 60:02}Z")

    @rule()
    def invoice(self) -> None:
        ask(self.scene.app, "POST", f"{INVOICES}/invoice", {"customerId": self.scene.customer})

    @rule(data=st.data(), automatic=st.booleans(), amount=AMOUNTS, metadata=METADATA)
    def update(self, data: st.DataObject, automatic: bool, amount: str, metadata: dict[str, str]) -> None:
        for invoice in self._one_of(data):
            fees = [line for line in invoice.get("lines", ()) if line["price"]["type"] == "flat"]
            kept = data.draw(st.lists(st.sampled_from(fees), unique_by=lambda line: line["id"])) if fees else []
            lines = [fee(amount, id=line["id"]) for line in kept]
            self.scene.update(
                invoice, *lines, fee(amount, "New"), invoicing={"autoAdvance": automatic}, metadata=metadata
            )

    @rule(data=st.data(), action=ACTIONS)
    def act(self, data: st.DataObject, action: str) -> None:
        for invoice in self._one_of(data):
            assert self.scene.act(invoice, action).status in (200, 400)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        for invoice in self._one_of(data):
            assert ask(self.scene.app, "DELETE", f"{INVOICES}/{invoice['id']}").status in (204, 400)

    @rule(by=st.sampled_from(["PT2M", "P1D", "P3D"]))
    def wait(self, by: str) -> None:
        answer = ask(self.scene.app, "POST", "/_devkit/clock", {"by": by})
        assert answer.json["failedJobs"] == []

    @invariant()
    def sums_are_right(self) -> None:
        for invoice in self._all():
            lines = [line for line in invoice.get("lines", ()) if "deletedAt" not in line]
            assert status(invoice) in {*STATES, "gathering"}
            assert _sums(lines) == _sums([invoice])
            for line in lines:
                assert _sums(line["children"]) == _sums([line])

    @invariant()
    def what_is_issued_stays(self) -> None:
        for invoice in self._all():
            if "issuedAt" in invoice and invoice["statusDetails"]["immutable"]:
                seen = (invoice["number"], invoice["totals"]["total"])
                assert self.issued.setdefault(invoice["id"], seen) == seen

    def _all(self) -> list[dict[str, Any]]:
        return list(ask(self.scene.app, "GET", f"{INVOICES}?expand=lines").json["items"])

    def _one_of(self, data: st.DataObject) -> list[dict[str, Any]]:
        """One of the invoices, if there is any."""
        invoices = self._all()
        return [data.draw(st.sampled_from(invoices))] if invoices else []


def _sums(priced: Iterable[dict[str, Any]]) -> list[Decimal]:
    return [sum((Decimal(each["totals"][name]) for each in priced), Decimal(0)) for name in MEMBERS]


InvoiceLife.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestInvoiceLife = InvoiceLife.TestCase
