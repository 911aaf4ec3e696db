"""Invoices that an integrator carries over: they wait for the answers that the app asks for, and go on with them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.embedded.domain.billing.custom_invoicing import TRIGGERS
from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask
from tests.embedded.tags.billing.scenes import (
    add_fee,
    create_customer,
    create_profile,
    install_custom_invoicing,
    invoice_now,
)

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def _invoice(app: Application, *, workflow: Any = None, **hooks: bool) -> dict[str, Any]:
    """An invoice of a customer whose profile has a custom invoicing app."""
    profile = create_profile(app, install_custom_invoicing(app, **hooks), workflow=workflow or {})
    return invoice_now(app, create_customer(app, profile_id=profile))


def _tell(app: Application, invoice_id: str, what: str, body: Any) -> Answer:
    return ask(app, "POST", f"/api/v1/apps/custom-invoicing/{invoice_id}/{what}", body)


def _status(invoice: dict[str, Any]) -> str:
    return str(invoice["statusDetails"]["extendedStatus"])


def test_without_hooks_an_invoice_waits_for_its_payment_alone(app: Application) -> None:
    invoice = _invoice(app)
    assert (_status(invoice), invoice["number"]) == ("payment_processing.pending", "INV-CUAC-1")
    paid = _tell(app, invoice["id"], "payment/status", {"trigger": "paid"})
    assert (paid.status, _status(paid.json), "lines" in paid.json) == (200, "paid", False)


def test_with_both_hooks_it_waits_for_both_answers(app: Application) -> None:
    invoice = _invoice(app, enableDraftSyncHook=True, enableIssuingSyncHook=True)
    assert _status(invoice) == "draft.syncing"
    assert ask(app, "POST", f"/api/v1/billing/invoices/{invoice['id']}/advance").status == 400
    line = invoice["lines"][0]
    told = {"externalId": "ext", "lineExternalIds": [{"lineId": line["id"], "externalId": "l-1"}]}
    drafted = _tell(app, invoice["id"], "draft/synchronized", {"invoicing": told}).json
    assert (_status(drafted), drafted["lines"][0]["externalIds"]) == ("issuing.syncing", {"invoicing": "l-1"})
    issued = _tell(app, invoice["id"], "issuing/synchronized", {"payment": {"externalId": "pay"}}).json
    assert (_status(issued), issued["externalIds"]) == (
        "payment_processing.pending",
        {"invoicing": "ext", "payment": "pay"},
    )
    assert issued["number"] == invoice["number"]  # nobody gave it another, so it keeps that of the draft


def _replace(app: Application, invoice: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The invoice after an update that changes nothing but what is told."""
    lines = [
        {name: line[name] for name in ("id", "name", "period", "invoiceAt", "rateCard")} for line in invoice["lines"]
    ]
    workflow = {"workflow": {"invoicing": {"autoAdvance": False}, "payment": {}}}
    parties = {"supplier": invoice["supplier"], "customer": {"name": invoice["customer"]["name"]}}
    body = {**parties, "lines": lines, "workflow": workflow, **changes}
    answer = ask(app, "PUT", f"/api/v1/billing/invoices/{invoice['id']}", body)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def test_the_metadata_of_the_invoice_remember_the_answer(app: Application) -> None:
    invoice = _invoice(app, workflow={"invoicing": {"autoAdvance": False}}, enableDraftSyncHook=True)
    synced = _tell(app, invoice["id"], "draft/synchronized", {"invoicing": {}}).json
    assert _status(synced) == "draft.manual_approval_needed"
    echoed = _replace(app, synced, metadata=synced["metadata"])
    assert _status(echoed) == "draft.manual_approval_needed"
    assert _status(_replace(app, echoed)) == "draft.syncing"


def test_a_draft_whose_app_is_uninstalled_waits_for_nobody(app: Application) -> None:
    invoice = _invoice(app, enableDraftSyncHook=True)
    customer, profile = invoice["customer"]["id"], invoice["workflow"]["sourceBillingProfileId"]
    paths = [
        f"billing/customers/{customer}",
        f"billing/profiles/{profile}",
        f"apps/{invoice['workflow']['apps']['invoicing']['id']}",
    ]
    assert [ask(app, "DELETE", f"/api/v1/{path}").status for path in paths] == [204] * 3
    gone_on = ask(app, "POST", f"/api/v1/billing/invoices/{invoice['id']}/advance")
    assert (gone_on.status, _status(gone_on.json)) == (200, "payment_processing.pending")


def test_a_number_that_came_with_the_draft_is_kept(app: Application) -> None:
    invoice = _invoice(app, enableDraftSyncHook=True)
    done = _tell(app, invoice["id"], "draft/synchronized", {"invoicing": {"invoiceNumber": "R-1"}}).json
    assert (_status(done), done["number"]) == ("payment_processing.pending", "R-1")


def test_an_answer_in_another_state_is_refused(app: Application) -> None:
    invoice = _invoice(app, enableDraftSyncHook=True)
    early = _tell(app, invoice["id"], "issuing/synchronized", {})
    assert (early.status, early.json["detail"]) == (400, "invoice is not in issuing.syncing state")
    _tell(app, invoice["id"], "draft/synchronized", {"invoicing": {}})
    late = _tell(app, invoice["id"], "draft/synchronized", {"invoicing": {}})
    assert (late.status, late.json["detail"]) == (400, "invoice is not in draft.syncing state")


def test_an_answer_that_is_wrong_changes_nothing(app: Application) -> None:
    invoice = _invoice(app, enableDraftSyncHook=True)
    wrong = {"invoiceNumber": "R-1", "lineExternalIds": [{"lineId": NOWHERE, "externalId": "x"}]}
    assert _tell(app, invoice["id"], "draft/synchronized", {"invoicing": wrong}).status == 400
    assert _tell(app, invoice["id"], "draft/synchronized", {}).status == 400
    assert ask(app, "GET", f"/api/v1/billing/invoices/{invoice['id']}").json == invoice


@pytest.mark.parametrize(
    ("triggers", "status"),
    [
        (["payment_failed", "paid"], "paid"),
        (["payment_overdue", "payment_uncollectible"], "uncollectible"),
        (["payment_uncollectible", "paid"], "paid"),
        (["action_required", "void"], "voided"),
    ],
)
def test_payments_move_the_invoice(app: Application, triggers: list[str], status: str) -> None:
    invoice = _invoice(app)
    answers = [_tell(app, invoice["id"], "payment/status", {"trigger": trigger}) for trigger in triggers]
    assert [answer.status for answer in answers] == [200] * len(triggers)
    assert _status(answers[-1].json) == status


def test_a_payment_that_leads_nowhere_is_refused_and_leaves_no_trace(app: Application) -> None:
    invoice = _invoice(app, workflow={"invoicing": {"autoAdvance": False}})
    refused = _tell(app, invoice["id"], "payment/status", {"trigger": "paid"})
    assert refused.status == 400
    assert refused.json["detail"] == (
        "stateless: No valid leaving transitions are permitted from state 'draft.manual_approval_needed'"
        " for trigger 'trigger_paid', consider ignoring the trigger"
    )
    assert refused.json["extensions"]["component"] == "app.custom_invoicing.collectPayments.trigger_invoice"
    assert ask(app, "GET", f"/api/v1/billing/invoices/{invoice['id']}").json == invoice


def test_invoices_of_other_apps_and_gathering_ones_are_not_its_business(app: Application) -> None:
    customer = create_customer(app)
    paid = invoice_now(app, customer)["id"]
    answer = _tell(app, paid, "payment/status", {"trigger": "paid"})
    assert answer.json["detail"] == f"validation error: invoice {paid} is not managed by the custom invoicing app"
    gathering = add_fee(app, customer, invoice_at="2090-01-01T00:00:00Z")
    answers = [
        _tell(app, gathering, "payment/status", {"trigger": "paid"}),
        _tell(app, gathering, "draft/synchronized", {"invoicing": {}}),
        _tell(app, gathering, "issuing/synchronized", {}),
    ]
    assert [answer.status for answer in answers] == [400] * 3
    assert _tell(app, NOWHERE, "issuing/synchronized", {}).status == 404


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(triggers=st.lists(st.sampled_from(sorted(TRIGGERS)), min_size=1, max_size=6))
def test_payments_in_any_order_change_the_status_and_nothing_else(app: Application, triggers: list[str]) -> None:
    customers = ask(app, "GET", "/api/v1/customers").json["totalCount"]
    profile = create_profile(app, install_custom_invoicing(app))
    invoice = invoice_now(app, create_customer(app, f"acme-{customers}", profile))
    path = f"/api/v1/billing/invoices/{invoice['id']}"
    for trigger in triggers:
        before = ask(app, "GET", path).json
        answer = _tell(app, invoice["id"], "payment/status", {"trigger": trigger})
        after = ask(app, "GET", path).json
        if answer.status == 400:
            assert after == before
            continue
        assert answer.status == 200
        assert _status(answer.json) == _status(after) != _status(before)
        moved = {"status", "statusDetails", "updatedAt", "voidedAt"}
        assert {name: after.get(name) for name in invoice if name not in moved} == {
            name: invoice[name] for name in invoice if name not in moved
        }
