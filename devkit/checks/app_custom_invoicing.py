"""Custom invoicing: the integrator tells how far its own invoices are."""

from devkit.checks import expect
from devkit.checks.billing import stage
from devkit.checks.billing.stage import NO_ID, Body
from devkit.checks.registry import check
from devkit.checks.scene import Scene

_DRAFT, _ISSUING = "appCustomInvoicingDraftSynchronized", "appCustomInvoicingIssuingSynchronized"
_PAYMENT = "appCustomInvoicingUpdatePaymentStatus"


def _waiting(scene: Scene, *, draft: bool, issuing: bool) -> Body:
    """An invoice of an app that waits for its integrator there."""
    app = stage.own_invoicing(scene)
    hooks = {"enableDraftSyncHook": draft, "enableIssuingSyncHook": issuing}
    scene.setup("updateApp", app, body={"type": "custom_invoicing", "name": scene.name("invoicing"), **hooks})
    return stage.invoice(scene, stage.payer(scene, app=app, invoicing={"autoAdvance": True}))


@check(
    "an invoice waits for its integrator as a draft and when it is issued, then for its payment",
    operations=(_DRAFT, _ISSUING, _PAYMENT),
)
def invoice_goes_through_both_hooks(scene: Scene) -> None:
    waiting = _waiting(scene, draft=True, issuing=True)
    identity = waiting["id"]
    expect.equal("its status", stage.status("the new invoice", waiting), "draft.syncing")
    early = "invoice is not in issuing.syncing state"
    scene.refused(_ISSUING, identity, body={}, status=400, detail=early)
    number = scene.name("invoice")
    external = {"invoicing": {"externalId": scene.name("external"), "invoiceNumber": number}}

    def now(operation: str, body: Body) -> Body:
        scene.call(operation, identity, body=body)
        return dict(scene.setup("getInvoice", identity))

    drafted = now(_DRAFT, external)
    expect.equal("its status after the draft", stage.status("it", drafted), "issuing.syncing")
    expect.equal("its number", drafted["number"], number)
    late = "invoice is not in draft.syncing state"
    scene.refused(_DRAFT, identity, body={"invoicing": {}}, status=400, detail=late)
    issued = now(_ISSUING, {"payment": {"externalId": scene.name("payment")}})
    expect.equal("its status after issuing", stage.status("it", issued), "payment_processing.pending")
    ids = {"invoicing": scene.name("external"), "payment": scene.name("payment")}
    expect.equal("its ids elsewhere", issued.get("externalIds"), ids)
    paid = now(_PAYMENT, {"trigger": "paid"})
    expect.equal("its status after the payment", stage.status("it", paid), "paid")
    scene.refused(_PAYMENT, NO_ID, body={"trigger": "paid"}, status=404, detail=stage.UNKNOWN)


@check("a payment elsewhere fails and is made good", operations=(_PAYMENT,))
def payment_elsewhere_fails(scene: Scene) -> None:
    waiting = _waiting(scene, draft=False, issuing=False)
    expect.equal("its status", stage.status("the new invoice", waiting), "payment_processing.pending")
    for trigger, status in (("payment_failed", "payment_processing.failed"), ("paid", "paid")):
        scene.call(_PAYMENT, waiting["id"], body={"trigger": trigger})
        found = stage.status("it", scene.setup("getInvoice", waiting["id"]))
        expect.equal(f"its status after {trigger}", found, status)
    odd = {"trigger": "stolen"}
    scene.refused(_PAYMENT, waiting["id"], body=odd, status=400, part=True, detail="allowed values")
