"""What apps know of a customer: nothing, with the sandbox that a server starts with."""

from typing import Any

from devkit.checks import expect
from devkit.checks.billing import stage
from devkit.checks.customers.bodies import NO_ID, customer, refused_deleted, refused_unknown
from devkit.checks.registry import check
from devkit.checks.scene import Scene

UNKNOWN_APP = f"not found error: app with id {NO_ID} not found in default namespace"


@check(
    "the sandbox keeps nothing of a customer, and other apps are not there",
    operations=("listCustomerAppData", "upsertCustomerAppData", "deleteCustomerAppData"),
)
def app_data_of_a_customer(scene: Scene) -> None:
    identity, app = _billed_by_the_sandbox(scene)
    empty = {"items": [], "page": 1, "pageSize": 5, "totalCount": 0}
    expect.equal("no data", scene.call("listCustomerAppData", identity, query={"pageSize": 5}).body, empty)
    for data in ({"type": "sandbox"}, {"type": "sandbox", "id": app}):
        scene.call("upsertCustomerAppData", identity, body=[data])
    expect.equal("the data after", scene.call("listCustomerAppData", identity, query={"pageSize": 5}).body, empty)
    scene.call("deleteCustomerAppData", identity, app, status=204)

    strange = [{"type": "sandbox", "id": NO_ID}]
    scene.refused("upsertCustomerAppData", identity, body=strange, status=404, detail=UNKNOWN_APP)
    no_array = "request body has an error: doesn't match schema: value must be an array"
    scene.refused("upsertCustomerAppData", identity, body={}, status=400, detail=no_array)
    scene.refused("deleteCustomerAppData", identity, NO_ID, status=404, detail=UNKNOWN_APP)
    odd = 'parameter "type" in query has an error: value is not one of the allowed values '
    odd += '["stripe","sandbox","custom_invoicing"]'
    scene.refused("listCustomerAppData", identity, query={"type": "paypal"}, status=400, detail=odd)
    refused_unknown(scene, "listCustomerAppData")
    scene.setup("deleteCustomer", identity, status=204)
    refused_deleted(scene, "deleteCustomerAppData", identity, app)


@check(
    "without Stripe nothing of Stripe is told or taken",
    operations=("getCustomerStripeAppData", "upsertCustomerStripeAppData", "createCustomerStripePortalSession"),
)
def nothing_of_stripe(scene: Scene) -> None:
    identity, _ = _billed_by_the_sandbox(scene)
    absent = f"precondition failed error: no stripe app found in billing profile for customer {identity}"
    requests: dict[str, dict[str, Any]] = {
        "getCustomerStripeAppData": {},
        "upsertCustomerStripeAppData": {"body": {"stripeCustomerId": "cus_123"}},
        "createCustomerStripePortalSession": {"body": {}},
    }
    for operation, request in requests.items():
        scene.refused(operation, identity, status=412, detail=absent, **request)
        refused_unknown(scene, operation, **request)


def _billed_by_the_sandbox(scene: Scene) -> tuple[str, str]:
    """A customer and the sandbox app, by id: the server's default may be another app."""
    identity, app = scene.setup("createCustomer", body=customer(scene, "acme"), status=201)["id"], stage.sandbox(scene)
    stage.pin(scene, identity, app)
    return identity, app
