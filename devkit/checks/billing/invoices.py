"""Standard invoices: edited, approved, paid, retried, deleted."""

from typing import Any

from devkit.checks import expect
from devkit.checks.billing import stage
from devkit.checks.billing.stage import APPROVAL_NEEDED, NO_ID, SUPPLIER, Body, fee
from devkit.checks.registry import check
from devkit.checks.scene import Scene

_TRIES = 3  # invoices that the server's worker may be quicker with
_VOID = {"reason": "duplicate", "action": {"percentage": 100, "action": {"type": "discard"}}}


def _replacement(one: Body, *lines: Body, **changes: Any) -> Body:
    """The invoice with these lines; those that are there keep their ids."""
    ids = {line["name"]: line["id"] for line in one["lines"]}
    kept = [line | ({"id": ids[line["name"]]} if line["name"] in ids else {}) for line in lines]
    workflow = {"workflow": {"invoicing": {"autoAdvance": False}, "payment": {}}}
    customer = {"name": "Acme Payer"}
    return {"supplier": SUPPLIER, "customer": customer, "lines": kept, "workflow": workflow, **changes}


@check(
    "an invoice is edited, approved and paid, and nothing more happens to it then",
    operations=("updateInvoice", "approveInvoiceAction", "advanceInvoiceAction", "deleteInvoice"),
)
def invoice_is_edited_and_paid(scene: Scene) -> None:
    customer = stage.payer(scene)
    draft = stage.invoice(scene, customer, fee("Setup"), fee("Dropped", "3"))
    expect.equal("its status", stage.status("the draft", draft), APPROVAL_NEEDED)
    expect.equal("its total", draft["totals"]["total"], "13")
    edit = _replacement(draft, fee("Setup", "20"), fee("Added", "0.50"))
    edited = scene.call("updateInvoice", draft["id"], body=edit).body
    expect.equal("its total after the edit", edited["totals"]["total"], "20.5")
    nameless = edit | {"supplier": {"addresses": [{"country": "US"}]}}
    answer = scene.refused(
        "updateInvoice", draft["id"], body=nameless, status=400, part=True, detail="name is required"
    )
    expect.equal("where", expect.field("the refusal", answer.body, "extensions", "path"), "/supplier")

    paid = scene.call("approveInvoiceAction", draft["id"]).body
    expect.contains("the approved invoice", paid, {"status": "paid", "totals": {"total": "20.5"}})
    expect.true("its number is not final", not paid["number"].startswith("DRAFT"))
    stage.refused_action(scene, "approveInvoiceAction", paid, "approve")
    stage.refused_action(scene, "deleteInvoice", paid, "delete")
    still = "cannot advance invoice in status [paid]: invoice cannot advance"
    scene.refused("advanceInvoiceAction", draft["id"], status=400, detail=still)


@check("an invoice advances by itself once its draft period is over", operations=("advanceInvoiceAction",))
def invoice_advances(scene: Scene) -> None:
    customer = stage.payer(scene, invoicing={"autoAdvance": True, "draftPeriod": "PT1S"})
    # The server's own worker may be quicker, and then there is nothing to advance any more: another one is made.
    for _ in range(_TRIES):
        if _advanced(scene, customer):
            return


def _advanced(scene: Scene, customer: str) -> bool:
    """Has an invoice paid, once its draft period is over. Returns whether it took a request to do it."""
    draft = stage.invoice(scene, customer)
    expect.equal("its status", stage.status("the draft", draft), "draft.waiting_auto_approval")
    scene.pause(1)
    taken: list[int] = []

    def advanced() -> Any:
        taken.append(scene.either("advanceInvoiceAction", draft["id"], statuses=(200, 400)).status)
        return scene.setup("getInvoice", draft["id"])["status"]

    scene.until("an invoice whose draft period is over to be paid", advanced, lambda status: status == "paid")
    return 200 in taken


@check("a payment that failed is tried again", operations=("retryInvoiceAction",))
def payment_is_retried(scene: Scene) -> None:
    """With custom invoicing, where the integrator says how payments end."""
    customer = stage.payer(scene, app=stage.own_invoicing(scene), invoicing={"autoAdvance": True})
    waiting = stage.invoice(scene, customer)

    def payment(trigger: str) -> Body:
        scene.setup("appCustomInvoicingUpdatePaymentStatus", waiting["id"], body={"trigger": trigger})
        return dict(scene.setup("getInvoice", waiting["id"]))

    failed = payment("payment_failed")
    expect.equal("its status", stage.status("the invoice", failed), "payment_processing.failed")
    again = scene.call("retryInvoiceAction", waiting["id"]).body
    expect.equal("its status after another try", stage.status("it", again), "payment_processing.pending")
    paid = payment("paid")
    expect.equal("its status in the end", stage.status("it", paid), "paid")
    stage.refused_action(scene, "retryInvoiceAction", paid, "retry")
    scene.refused("retryInvoiceAction", NO_ID, status=404, detail=stage.UNKNOWN)


@check("a draft is deleted, and stays readable", operations=("deleteInvoice", "getInvoice", "listInvoices"))
def draft_is_deleted(scene: Scene) -> None:
    customer = stage.payer(scene)
    draft = stage.invoice(scene, customer)
    scene.call("deleteInvoice", draft["id"], status=204)
    gone = scene.call("getInvoice", draft["id"]).body
    expect.equal("its status", stage.status("it", gone), "deleted")
    expect.true("it has no deletedAt", gone.get("deletedAt"))
    stage.refused_action(scene, "deleteInvoice", gone, "delete")
    listed = scene.call("listInvoices", query={"customers": customer}).body
    expect.equal("what is listed", listed["items"], [])


@check(
    "what OpenMeter does not do yet it says: taxes, voiding",
    operations=("voidInvoiceAction", "recalculateInvoiceTaxAction"),
)
def voiding_and_taxes(scene: Scene) -> None:
    draft = stage.invoice(scene, stage.payer(scene))
    scene.call("recalculateInvoiceTaxAction", draft["id"], status=501)
    scene.call("voidInvoiceAction", draft["id"], body=_VOID, status=501)
    scene.refused("voidInvoiceAction", draft["id"], body={}, status=400, part=True, detail='"action" is missing')
    odd = 'parameter "invoiceId" in path has an error'
    scene.refused("recalculateInvoiceTaxAction", "nothing", status=400, part=True, detail=odd)
