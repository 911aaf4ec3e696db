"""Usage that is billed while its period runs costs what it would cost at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.embedded.domain.events import Event
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.charges import KIND as CHARGE
from devkit.embedded.store.customers import put_customer
from devkit.embedded.store.features import put_feature
from devkit.embedded.store.invoices import gathering_invoices
from devkit.embedded.store.meters import put_meter
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing import advance_invoice
from devkit.embedded.workflows.invoicing_pending_lines import invoice_pending_lines
from devkit.embedded.workflows.pending_lines import create_pending_lines
from devkit.embedded.workflows.provisioning import provision

START = datetime(2025, 1, 1, tzinfo=UTC)
END = datetime(2025, 2, 1, tzinfo=UTC)
COLLECTED = END + timedelta(hours=2)
UNIT = {"type": "unit", "amount": "0.333"}
PACKAGE = {"type": "package", "amount": "3", "quantityPerPackage": "10"}
GRADUATED = {
    "type": "tiered",
    "mode": "graduated",
    "tiers": [
        {
            "upToAmount": "10",
            "flatPrice": {"type": "flat", "amount": "2"},
            "unitPrice": {"type": "unit", "amount": "1"},
        },
        {"upToAmount": "30", "flatPrice": None, "unitPrice": {"type": "unit", "amount": "0.5"}},
        {"flatPrice": {"type": "flat", "amount": "7"}, "unitPrice": None},
    ],
}
BOUNDED = {"type": "unit", "amount": "1", "minimumAmount": "20", "maximumAmount": "40"}


class Scene:
    """A customer whose tokens are counted in January 2025, from its first second on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._events = 0
        provision(store)
        moments = {"createdAt": text_of(START), "updatedAt": text_of(START)}
        meter = {"id": "m", "slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
        put_meter(store, meter | moments)
        put_feature(store, {"id": "f", "key": "tokens", "name": "Tokens", "meterSlug": "tokens", **moments}, "m")
        put_customer(store, {"id": "c", "key": "user", "name": "Acme", **moments})

    def use(self, tokens: int, at: datetime) -> None:
        self._events += 1
        data = f'{{"n":{tokens}}}'
        event = Event(str(self._events), "test", "tokens", "user", int(at.timestamp()), data)
        self.store.events.append([event])

    def add(self, price: dict[str, Any]) -> None:
        period = {"from": text_of(START), "to": text_of(END)}
        card = {"price": price, "featureKey": "tokens"}
        line = {"name": "Usage", "period": period, "invoiceAt": text_of(END), "rateCard": card}
        create_pending_lines(self.store, "c", {"currency": "USD", "lines": [line]})

    def invoice(self) -> dict[str, Any]:
        self.store.events.flush()
        (invoice,) = invoice_pending_lines(self.store, "c", "default", as_of=self.store.now(), progressive=True)
        return invoice


@contextmanager
def scene(folder: Any) -> Iterator[Scene]:
    store = Store(folder, start=START + timedelta(seconds=1))
    yield Scene(store)
    store.close()


def total(invoice: dict[str, Any]) -> Decimal:
    return Decimal(invoice["totals"]["total"])


@pytest.mark.parametrize("price", [UNIT, PACKAGE, GRADUATED, BOUNDED], ids=["unit", "package", "graduated", "bounded"])
@settings(max_examples=8, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 25)), min_size=1, max_size=3))
def test_the_parts_of_a_line_cost_what_the_whole_costs(
    tmp_path_factory: pytest.TempPathFactory, price: dict[str, Any], steps: list[tuple[int, int]]
) -> None:
    with scene(tmp_path_factory.mktemp("parts")) as parts, scene(tmp_path_factory.mktemp("whole")) as whole:
        billed = Decimal(0)
        for each in (parts, whole):
            each.add(price)
        for days, tokens in steps:
            for each in (parts, whole):
                each.use(tokens, each.store.now())
                each.store.advance_clock(each.store.now() + timedelta(days=days))
            invoice = parts.invoice()
            assert invoice["status"] == "draft.waiting_for_collection"
            billed += total(_paid(parts, invoice))
        for each in (parts, whole):
            each.store.advance_clock(COLLECTED)
        billed += total(parts.invoice())

        assert billed == total(whole.invoice())
        assert gathering_invoices(parts.store, "c") == []
        assert not any(run["open"] for charge in parts.store.records.all(CHARGE) for run in charge["runs"])


def _paid(of: Scene, invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice, after it was collected a minute later."""
    of.store.advance_clock(of.store.now() + timedelta(minutes=1, seconds=1))
    advanced = advance_invoice(of.store, invoice["id"])
    assert advanced["status"] == "paid"
    return advanced
