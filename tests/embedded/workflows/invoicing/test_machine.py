"""The machine with an app that can refuse at every step."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.domain.billing.app_results import AppFailure, Finalized, Triggered, Upserted
from devkit.embedded.domain.billing.invoice_states import APPROVE, STATES
from devkit.embedded.domain.errors import Malformed, Plain
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.invoices import find_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows import invoicing, invoicing_apps
from devkit.embedded.workflows.invoicing.work import WORK
from tests.embedded.tags.billing.scene import Scene, fee

REFUSED = Issue("the app is not happy", code="unhappy")


class Moody:
    """An invoicing app that does as it is told."""

    type = "sandbox"

    def __init__(self) -> None:
        self.unhappy: set[str] = set()
        self.waiting: set[str] = set()
        self.wish: Triggered | None = None

    def validate(self, invoice: Mapping[str, Any]) -> None:
        self._step("validate")

    def upsert(self, invoice: Mapping[str, Any]) -> Upserted:
        self._step("sync")
        return Upserted(external_id="there", line_external_ids={line["id"]: "line" for line in invoice["lines"]})

    def finalize(self, invoice: Mapping[str, Any]) -> Finalized:
        self._step("finalize")
        return Finalized(invoice_number="FINAL-1", payment_external_id=invoice["issuedAt"])

    def delete(self, invoice: Mapping[str, Any]) -> None:
        self._step("delete")

    def post_advance(self, invoice: Mapping[str, Any]) -> Triggered | None:
        self._step("post_advance_hook")
        wish, self.wish = self.wish, None
        return wish

    def can_draft_sync_advance(self, invoice: Mapping[str, Any]) -> bool:
        return "draft" not in self.waiting

    def can_issuing_sync_advance(self, invoice: Mapping[str, Any]) -> bool:
        return "issuing" not in self.waiting

    def _step(self, operation: str) -> None:
        if operation in self.unhappy:
            raise AppFailure([REFUSED])


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> Moody:
    app = Moody()
    by_type: Mapping[str, Callable[[Store, Any], Moody]] = {"sandbox": lambda store, document: app}
    monkeypatch.setattr(invoicing_apps, "_BY_TYPE", by_type)
    return app


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene.of(build_app(store))


def made(store: Store, scene: Scene) -> dict[str, Any]:
    """The invoice in store that a fee became."""
    return dict(find_invoice(store, scene.invoice(fee())["id"]) or {})


def messages(invoice: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(issue["component"].rpartition(".")[2], issue["message"]) for issue in invoice["validationIssues"]]


@pytest.mark.parametrize(("operation", "reached"), [("validate", "draft.invalid"), ("sync", "draft.sync_failed")])
def test_a_draft_that_its_app_refuses_says_why_and_can_be_tried_again(
    store: Store, scene: Scene, moody: Moody, operation: str, reached: str
) -> None:
    moody.unhappy = {operation}
    draft = made(store, scene)
    assert (draft["status"], messages(draft)) == (reached, [(operation, REFUSED.message)])
    moody.unhappy = set()
    again = invoicing.retry_invoice(store, draft["id"])
    assert (again["status"], messages(again)) == ("draft.manual_approval_needed", [])


def test_an_app_that_fails_at_the_end_leaves_the_invoice_in_issuing(store: Store, scene: Scene, moody: Moody) -> None:
    draft = made(store, scene)
    moody.unhappy = {"finalize"}
    failed = invoicing.act_on_invoice(store, draft["id"], APPROVE)
    assert (failed["status"], messages(failed)) == ("issuing.failed", [("finalize", REFUSED.message)])
    moody.unhappy = set()
    assert invoicing.retry_invoice(store, draft["id"])["status"] == "payment_processing.pending"


def test_what_the_app_learns_is_written_into_the_invoice(store: Store, scene: Scene, moody: Moody) -> None:
    final = invoicing.act_on_invoice(store, made(store, scene)["id"], APPROVE)
    assert moody.wish is None
    assert final["number"] == "FINAL-1"
    assert final["externalIds"] == {"invoicing": "there", "payment": final["issuedAt"]}
    assert [line["externalIds"] for line in final["lines"]] == [{"invoicing": "line"}]


def test_a_deletion_that_the_app_refuses_is_told_and_can_be_asked_for_again(
    store: Store, scene: Scene, moody: Moody
) -> None:
    draft = made(store, scene)
    moody.unhappy = {"delete"}
    with pytest.raises(Plain, match=REFUSED.message):
        invoicing.delete_invoice(store, draft["id"])
    moody.unhappy = set()
    assert invoicing.delete_invoice(store, draft["id"])["status"] == "deleted"


def test_an_app_that_waits_for_another_system_goes_on_when_it_is_told(store: Store, scene: Scene, moody: Moody) -> None:
    moody.waiting = {"draft"}
    draft = made(store, scene)
    assert draft["status"] == "draft.syncing"
    with pytest.raises(Malformed, match=r"invoice is not in issuing\.syncing state"):
        invoicing.sync_invoice(store, draft["id"], status="issuing.syncing", change=dict)
    moody.waiting = set()
    told = invoicing.sync_invoice(
        store, draft["id"], status="draft.syncing", change=lambda invoice: invoice | {"metadata": {"a": "1"}}
    )
    assert (told["status"], told["metadata"]) == ("draft.manual_approval_needed", {"a": "1"})


def test_a_sync_is_refused_where_issues_are_left(store: Store, scene: Scene, moody: Moody) -> None:
    moody.waiting = {"draft"}
    draft = made(store, scene)
    moody.waiting, moody.unhappy = set(), {"post_advance_hook"}
    with pytest.raises(Plain) as refused:
        invoicing.sync_invoice(store, draft["id"], status="draft.syncing", change=dict)
    assert refused.value.extensions["component"] == "app.sandbox.invoiceCustomers.post_advance_hook"


def test_an_app_may_trigger_a_payment_by_itself(store: Store, scene: Scene, moody: Moody) -> None:
    draft = made(store, scene)
    moody.wish = Triggered("action_required", "initiate_payment", [REFUSED])
    stuck = invoicing.act_on_invoice(store, draft["id"], APPROVE)
    assert stuck["status"] == "payment_processing.action_required"
    assert messages(stuck) == [("initiate_payment", REFUSED.message)]


@pytest.mark.parametrize(
    ("trigger", "reached"), [("paid", "paid"), ("authorized", "payment_processing.authorized"), ("void", "voided")]
)
def test_a_trigger_from_outside_moves_the_payment(
    store: Store, scene: Scene, moody: Moody, trigger: Any, reached: str
) -> None:
    pending = invoicing.act_on_invoice(store, made(store, scene)["id"], APPROVE)
    assert pending["status"] == "payment_processing.pending"
    assert moody.unhappy == set()
    found = invoicing.trigger_invoice(
        store, pending["id"], Triggered(trigger, "trigger_invoice"), app_type="custom_invoicing"
    )
    assert (found["status"], messages(found)) == (reached, [])


def test_a_trigger_that_leads_nowhere_becomes_an_issue(store: Store, scene: Scene) -> None:
    draft = made(store, scene)
    found = invoicing.trigger_invoice(store, draft["id"], Triggered("paid", "trigger_invoice"), app_type="stripe")
    assert found["status"] == "draft.manual_approval_needed"
    [issue] = found["validationIssues"]
    assert issue["component"] == "app.stripe.collectPayments.trigger_invoice"
    assert issue["message"].startswith("stateless: No valid leaving transitions are permitted from state 'draft.")


def test_what_an_app_reports_later_hides_no_action_but_forbids_it(store: Store, scene: Scene) -> None:
    draft = made(store, scene)
    invoicing.trigger_invoice(store, draft["id"], Triggered("paid", "trigger_invoice"), app_type="stripe")
    assert "approve" in scene.get(draft)["statusDetails"]["availableActions"]
    assert scene.act(draft, "approve").json["extensions"]["code"] == "invoice_action_not_available"


def test_only_states_of_the_table_have_work() -> None:
    assert WORK.keys() <= STATES.keys()
