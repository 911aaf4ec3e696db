"""The Stripe app. What needs an account of Stripe is only proven where there is one."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from devkit.checks import expect
from devkit.checks.billing import stage
from devkit.checks.billing.stage import NO_ID, Body
from devkit.checks.outcomes import CheckFailed
from devkit.checks.registry import check
from devkit.checks.scene import Scene
from devkit.core.stripe_signatures import HEADER, sign

if TYPE_CHECKING:
    import stripe

_UNKNOWN_APP = f"not found error: app with id {NO_ID} not found in default namespace"
_UNSIGNED = "webhook had no valid signature"
_ISSUED = ("payment_processing.pending", "paid")
_WAY_OUT = "devkit stripe status says whether the webhook is right, devkit tunnel status whether Stripe reaches it"
_NO_SIGNATURE = "validation error: failed to construct webhook event: webhook has no Stripe-Signature header"


def _event(kind: str = "invoice.payment_succeeded") -> Body:
    """An event about nothing, as Stripe renders it for OpenMeter."""
    own = {"id": "evt_smoke", "object": "event", "type": kind, "api_version": "2024-09-30.acacia"}
    return {**own, "livemode": False, "created": int(time.time()), "data": {"object": {}}}


@check(
    "without an app of Stripe there is nobody to take a key, an event or a checkout",
    operations=("updateStripeAPIKey", "appStripeWebhook", "createStripeCheckoutSession"),
)
def nobody_to_talk_to_stripe(scene: Scene) -> None:
    key = {"secretAPIKey": "sk_test_nothing"}
    scene.refused("updateStripeAPIKey", NO_ID, body=key, status=404, detail=_UNKNOWN_APP)
    missing = 'property "secretAPIKey" is missing'
    scene.refused("updateStripeAPIKey", NO_ID, body={}, status=400, part=True, detail=missing)
    elsewhere = f"not found error: app with id {NO_ID} not found in  namespace"
    scene.refused("appStripeWebhook", NO_ID, body=_event(), status=404, detail=elsewhere)
    typeless = {name: value for name, value in _event().items() if name != "type"}
    untyped = 'property "type" is missing'
    scene.refused("appStripeWebhook", NO_ID, body=typeless, status=400, part=True, detail=untyped)
    optionless = 'property "options" is missing'
    checkout = {"customer": {"id": NO_ID}}
    scene.refused("createStripeCheckoutSession", body=checkout, status=400, part=True, detail=optionless)


@check(
    "the Stripe app takes signed events only, and sends customers to Stripe's checkout and portal",
    operations=(
        "marketplaceAppAPIKeyInstall",
        "updateStripeAPIKey",
        "appStripeWebhook",
        "createStripeCheckoutSession",
        "upsertCustomerStripeAppData",
        "getCustomerStripeAppData",
        "createCustomerStripePortalSession",
    ),
)
def stripe_app_at_work(scene: Scene) -> None:
    """One check: OpenMeter has one app for an account of Stripe."""
    client = scene.stripe().client()
    app = _app(scene, client)
    expect.contains("the app", app, {"type": "stripe", "status": "ready", "livemode": False})
    _takes_keys(scene, app["id"])
    _takes_signed_events(scene, app["id"])
    payer = client.v1.customers.create({"name": scene.name("payer"), "email": "smoke@example.com"})
    try:
        _sends_to_stripe(scene, client, app["id"], payer.id)
    finally:
        client.v1.customers.delete(payer.id)


@check(
    "an invoice of the Stripe app is issued to Stripe, paid there, and the webhook makes it paid here",
    operations=("upsertCustomerStripeAppData", "invoicePendingLinesAction", "getInvoice", "appStripeWebhook"),
)
def invoice_is_paid_at_stripe(scene: Scene) -> None:
    """With the app that is there: who removes an app with paid invoices loses the lists that they are in."""
    client = scene.stripe_that_reaches().client()
    app = next((one for one in _apps(scene, client) if not one["name"].startswith("smoke-")), None)
    if app is None:
        scene.skip("needs a Stripe app that stays, since paid invoices do: devkit up installs it")
    payer = client.v1.customers.create({"name": scene.name("payer"), "email": "smoke@example.com"})
    try:
        card = client.v1.payment_methods.attach("pm_card_visa", {"customer": payer.id})
        client.v1.customers.update(payer.id, {"invoice_settings": {"default_payment_method": card.id}})
        _is_paid_by_webhook(scene, client, app["id"], payer.id)
    finally:
        for left in client.v1.invoices.list({"customer": payer.id, "status": "open"}).data:
            client.v1.invoices.void_invoice(str(left.id))
        client.v1.customers.delete(payer.id)


def _app(scene: Scene, client: "stripe.StripeClient") -> Body:
    """The app of the account. A new one is uninstalled at the end, and takes its webhook endpoint away with it."""
    body = {"apiKey": scene.stripe().key, "name": scene.name("stripe"), "createBillingProfile": False}
    before = _endpoints(client)
    made = scene.either("marketplaceAppAPIKeyInstall", "stripe", statuses=(200, 409), body=body)
    if made.status == 200:
        app = expect.field("what was installed", made.body, "app")
        scene.remove_later("uninstallApp", app["id"])
        return dict(app)
    found = _apps(scene, client)
    expect.equal("the number of apps of the account", len(found), 1)
    _remove_what_the_refusal_left(client, before, found[0]["id"])
    return found[0]


def _remove_what_the_refusal_left(client: "stripe.StripeClient", before: Mapping[str, str], app: str) -> None:
    """OpenMeter makes a webhook endpoint at Stripe before it refuses, which has room for sixteen, and leaves it there.

    The account may be shared: only what leads to the same server is its own.
    """
    now = _endpoints(client)
    servers = {_server(url) for url in now.values() if f"/{app}/" in url}
    for endpoint in now.keys() - before.keys():
        if f"/{app}/" not in now[endpoint] and _server(now[endpoint]) in servers:
            client.v1.webhook_endpoints.delete(endpoint)


def _endpoints(client: "stripe.StripeClient") -> dict[str, str]:
    """Where the webhook endpoints of the account lead, by their ids."""
    return {one.id: one.url for one in client.v1.webhook_endpoints.list({"limit": 100}).data}


def _server(url: str) -> str:
    return url.partition("/api/v1/apps/")[0]


def _apps(scene: Scene, client: "stripe.StripeClient") -> list[Body]:
    """Those of the account: one at the most, where OpenMeter is right."""
    account = client.v1.accounts.retrieve_current().id
    apps = scene.setup("listApps", query={"page": 1, "pageSize": 1000})["items"]
    return [dict(one) for one in apps if one.get("stripeAccountId") == account]


def _takes_keys(scene: Scene, app: str) -> None:
    scene.call("updateStripeAPIKey", app, body={"secretAPIKey": scene.stripe().key}, status=204)
    live = "validation error: new stripe api key is in live mode but the app is in test mode"
    scene.refused("updateStripeAPIKey", app, body={"secretAPIKey": "sk_live_no"}, status=400, detail=live)


def _takes_signed_events(scene: Scene, app: str) -> None:
    content, now = json.dumps(_event()).encode(), int(time.time())
    scene.refused("appStripeWebhook", app, body=_event(), status=400, detail=_NO_SIGNATURE)
    forged = {HEADER: sign("whsec_forged", content, now), "Content-Type": "application/json"}
    scene.refused("appStripeWebhook", app, content=content, headers=forged, status=400, part=True, detail=_UNSIGNED)
    secret = scene.stripe().endpoint_secret(app)
    if secret is not None:
        signed = forged | {HEADER: sign(secret, content, now)}
        taken = scene.call("appStripeWebhook", app, content=content, headers=signed, status=201).body
        expect.equal("who took the event", taken.get("appId"), app)


def _sends_to_stripe(scene: Scene, client: "stripe.StripeClient", app: str, payer: str) -> None:
    customer = stage.payer(scene, app=app)
    linked = scene.call("upsertCustomerStripeAppData", customer, body={"stripeCustomerId": payer}).body
    expect.equal("the customer's id at Stripe", linked.get("stripeCustomerId"), payer)
    shown = scene.call("getCustomerStripeAppData", customer).body
    expect.equal("its id read again", shown.get("stripeCustomerId"), payer)
    strange = {"stripeCustomerId": "cus_nobody"}
    scene.refused("upsertCustomerStripeAppData", customer, body=strange, status=412, part=True, detail="cus_nobody")

    options = {"successURL": "https://example.com/done", "currency": "USD"}
    asked = {"customer": {"id": customer}, "options": options}
    session = scene.call("createStripeCheckoutSession", body=asked, status=201).body
    expect.contains("the checkout", session, {"stripeCustomerId": payer, "customerId": customer, "mode": "setup"})
    known = client.v1.checkout.sessions.retrieve(session["sessionId"])
    expect.equal("the checkout's customer at Stripe", known.customer, payer)
    portal = scene.call("createCustomerStripePortalSession", customer, body={}, status=201).body
    expect.equal("the portal's customer", portal.get("stripeCustomerId"), payer)


def _is_paid_by_webhook(scene: Scene, client: "stripe.StripeClient", app: str, payer: str) -> None:
    # Without taxes: Stripe calculates none for an account that has not said where its office is.
    customer = stage.payer(scene, app=app, invoicing={"autoAdvance": True}, tax={"enabled": False})
    scene.call("upsertCustomerStripeAppData", customer, body={"stripeCustomerId": payer})
    stage.pending(scene, customer)
    (made,) = scene.call("invoicePendingLinesAction", body={"customerId": customer}, status=201).body
    stage.removed_later(scene, made)
    issued = _seen_as(scene, made["id"], "be issued to Stripe", _ISSUED)
    id_ = expect.field("the issued invoice", issued, "externalIds", "invoicing")
    known = client.v1.invoices.retrieve(id_)
    expect.equal("its total at Stripe, in cents", known.total, 1000)
    _refuses_a_forged_payment(scene, app, id_)
    if known.status == "open":  # else Stripe has tried by itself, as it may
        client.v1.invoices.pay(id_)
    try:
        _seen_as(scene, made["id"], "become paid here by Stripe's webhook", ("paid",))
    except CheckFailed as failed:
        raise CheckFailed(failed.sentence, evidence=_told_by_stripe(client, id_), hint=_WAY_OUT) from None
    paid = scene.call("getInvoice", made["id"]).body
    expect.contains("the paid invoice", paid, {"status": "paid", "number": known.number, "totals": {"total": "10"}})


def _refuses_a_forged_payment(scene: Scene, app: str, invoice: str) -> None:
    """Whoever finds the public address says that the invoice is paid."""
    content = json.dumps(_event("invoice.paid") | {"data": {"object": {"id": invoice}}}).encode()
    headers = {HEADER: sign("whsec_forged", content, int(time.time())), "Content-Type": "application/json"}
    scene.refused("appStripeWebhook", app, content=content, headers=headers, status=400, part=True, detail=_UNSIGNED)


def _seen_as(scene: Scene, invoice: str, what: str, states: tuple[str, ...]) -> Body:
    def state(one: Body) -> Any:
        return stage.status("the invoice", one)

    def look() -> Body:
        return dict(scene.setup("getInvoice", invoice))

    return scene.until(f"the invoice to {what}", look, lambda one: state(one) in states, tell=state)


def _told_by_stripe(client: "stripe.StripeClient", invoice: str) -> list[str]:
    """What there is at Stripe about an invoice whose webhook did not come."""
    events = client.v1.events.list({"type": "invoice.paid", "limit": 100}).data
    told = [
        f"Stripe: event {one.id} {one.type}, {one.pending_webhooks} webhooks pending"
        for one in events
        if one.data.object["id"] == invoice
    ]
    return [f"Stripe: invoice {invoice} {client.v1.invoices.retrieve(invoice).status}", *told]
