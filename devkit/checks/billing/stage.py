"""What the checks of invoices stand on: a sandbox app, a billing profile of one's own and a customer pinned to it."""

from typing import Any

from devkit.checks import expect
from devkit.checks.scene import Scene

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"
SUPPLIER = {"name": "Acme Supplies", "addresses": [{"country": "US"}]}
JANUARY = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
UNKNOWN = "invoice not found: db: billing_invoice not found"
APPROVAL_NEEDED = "draft.manual_approval_needed"

Body = dict[str, Any]


def sandbox(scene: Scene) -> str:
    """The id of the sandbox app. Skips the check where there is none."""
    apps = expect.array("the apps", scene.setup("listApps", query={"page": 1, "pageSize": 1000})["items"])
    found = next((app["id"] for app in apps if app["type"] == "sandbox"), None)
    return str(found or scene.skip("the server has no sandbox app"))


def own_invoicing(scene: Scene) -> str:
    """The id of a new custom invoicing app; it is uninstalled at the end."""
    body = {"name": scene.name("invoicing"), "createBillingProfile": False}
    made = scene.setup("marketplaceAppInstall", "custom_invoicing", body=body)
    scene.remove_later("uninstallApp", made["app"]["id"])
    return str(made["app"]["id"])


def profile(scene: Scene, app: str, *, what: str = "profile", **workflow: Any) -> Body:
    """A billing profile as a request, not the default one, with one app for all. workflow: its groups."""
    apps = dict.fromkeys(("tax", "invoicing", "payment"), app)
    return {"name": scene.name(what), "default": False, "supplier": SUPPLIER, "workflow": workflow, "apps": apps}


def payer(scene: Scene, *, app: str | None = None, **workflow: Any) -> str:
    """The id of a new customer that is billed by a profile of its own. By default an invoice waits for approval."""
    attribution = {"subjectKeys": [scene.name("user")]}
    wanted = {"key": scene.slug("payer"), "name": "Acme Payer", "usageAttribution": attribution}
    customer = str(scene.setup("createCustomer", body=wanted, status=201)["id"])
    pin(scene, customer, app or sandbox(scene), **(workflow or {"invoicing": {"autoAdvance": False}}))
    return customer


def pin(scene: Scene, customer: str, app: str, **workflow: Any) -> None:
    """Has a customer billed through this app, whatever the server's default profile is, by a profile of its own."""
    made = scene.setup("createBillingProfile", body=profile(scene, app, **workflow), status=201)
    scene.remove_later("deleteBillingProfileCustomerOverride", customer)
    scene.setup("upsertBillingProfileCustomerOverride", customer, body={"billingProfileId": made["id"]})


def fee(name: str = "Fee", amount: str = "10", **changes: Any) -> Body:
    """A flat line of January 2025, to be billed at its end."""
    price = {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}
    return {"name": name, "period": JANUARY, "invoiceAt": JANUARY["to"], "rateCard": {"price": price}, **changes}


def usage(feature: str, price: Body, **changes: Any) -> Body:
    rate_card = {"price": price, "featureKey": feature}
    return {"name": "Usage", "period": JANUARY, "invoiceAt": JANUARY["to"], "rateCard": rate_card, **changes}


def pending(scene: Scene, customer: str, *lines: Body) -> Body:
    """The gathering invoice with these lines; it is removed at the end."""
    made = scene.setup(
        "createPendingInvoiceLine", customer, body={"currency": "USD", "lines": list(lines or (fee(),))}, status=201
    )
    removed_later(scene, made["invoice"])
    return dict(made)


def invoice(scene: Scene, customer: str, *lines: Body) -> Body:
    """A standard invoice of these lines (default: a fee of 10)."""
    pending(scene, customer, *lines)
    (made,) = scene.setup("invoicePendingLinesAction", body={"customerId": customer}, status=201)
    removed_later(scene, made)
    return dict(made)


def removed_later(scene: Scene, one: Body) -> None:
    """As long as it is a draft; what was issued stays."""
    scene.remove_later("deleteInvoice", one["id"])


def status(what: str, one: Any) -> Any:
    return expect.field(what, one, "statusDetails", "extendedStatus")


def refused_action(scene: Scene, operation: str, one: Body, trigger: str) -> None:
    """An action that the state of the invoice does not know."""
    state = status("the invoice", one)
    detail = f"cannot trigger_{trigger} invoice in status [{state}]: invoice action not available"
    answer = scene.refused(operation, one["id"], status=400, detail=detail)
    expect.equal("the code", answer.body.get("extensions", {}).get("code"), "invoice_action_not_available")
