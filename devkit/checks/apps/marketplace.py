"""The listings of the marketplace, and how apps are installed and uninstalled."""

from devkit.checks import expect
from devkit.checks.billing.stage import NO_ID, profile
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene

_TYPES = ["custom_invoicing", "sandbox", "stripe"]
_UNKNOWN_TYPE = 'parameter "type" in path has an error: value is not one of the allowed values'


def _request(scene: Scene, what: str) -> dict[str, object]:
    return {"name": scene.name(what), "createBillingProfile": False}


@check(
    "the marketplace lists three apps with what they can do",
    operations=("listMarketplaceListings", "getMarketplaceListing"),
)
def listings(scene: Scene) -> None:
    page = scene.call("listMarketplaceListings").body
    expect.same_items("the types", expect.fields("the listings", page["items"], "type"), _TYPES)
    stripe = scene.call("getMarketplaceListing", "stripe").body
    expect.contains("the listing of Stripe", stripe, {"type": "stripe"})
    capabilities = expect.fields("its capabilities", stripe["capabilities"], "type")
    expect.same_items("its capabilities", capabilities, ["collectPayments", "calculateTax", "invoiceCustomers"])
    scene.refused("getMarketplaceListing", "paypal", status=400, part=True, detail=_UNKNOWN_TYPE)
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listMarketplaceListings", query={"page": 0}, status=400, detail=low)


@check(
    "an app is installed, changed, listed and uninstalled, and stays readable",
    operations=("marketplaceAppInstall", "getApp", "updateApp", "listApps", "uninstallApp"),
)
def life_of_an_app(scene: Scene) -> None:
    made = scene.call("marketplaceAppInstall", "custom_invoicing", body=_request(scene, "invoicing")).body
    app = expect.field("what was installed", made, "app")
    identity = app["id"]
    scene.remove_later("uninstallApp", identity)
    wanted = {"type": "custom_invoicing", "status": "ready", "name": scene.name("invoicing")}
    expect.contains("the app", app, {**wanted, "enableDraftSyncHook": False, "enableIssuingSyncHook": False})
    change = {
        "type": "custom_invoicing",
        "name": scene.name("renamed"),
        "enableDraftSyncHook": True,
        "enableIssuingSyncHook": False,
        "metadata": {"erp": "sap"},
    }
    scene.call("updateApp", identity, body=change)
    expect.contains("the changed app", scene.call("getApp", identity).body, {**change, "deletedAt": ABSENT})
    apps = scene.call("listApps", query={"page": 1, "pageSize": 1000}).body["items"]
    expect.true("the app is not listed", identity in expect.fields("the apps", apps, "id"))

    body = profile(scene, identity)
    used = scene.setup("createBillingProfile", body=body, status=201)["id"]
    blocked = f"conflict error: app is used in 1 billing profiles: {body['name']}[{used}]"
    scene.refused("uninstallApp", identity, status=409, detail=blocked)
    scene.setup("deleteBillingProfile", used, status=204)
    scene.call("uninstallApp", identity, status=204)
    expect.true("the uninstalled app has no deletedAt", scene.call("getApp", identity).body.get("deletedAt"))
    unknown = f"not found error: app with id {NO_ID} not found in default namespace"
    scene.refused("getApp", NO_ID, status=404, detail=unknown)
    odd = scene.refused("updateApp", identity, body={"type": "paypal"}, status=400, part=True, detail="")
    expect.true("the refusal says nothing", odd.body.get("detail"))
    scene.refused("marketplaceAppInstall", "paypal", body={}, status=400, part=True, detail=_UNKNOWN_TYPE)
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listApps", query={"page": 0}, status=400, detail=low)


@check(
    "apps that are installed another way say so",
    operations=(
        "marketplaceAppAPIKeyInstall",
        "marketplaceOAuth2InstallGetURL",
        "marketplaceOAuth2InstallAuthorize",
    ),
)
def other_ways_to_install(scene: Scene) -> None:
    keyless = {"apiKey": "", "name": scene.name("stripe")}
    required = "validation error: validation error: api key is required"
    scene.refused("marketplaceAppAPIKeyInstall", "stripe", body=keyless, status=400, detail=required)
    for operation in ("marketplaceOAuth2InstallGetURL", "marketplaceOAuth2InstallAuthorize"):
        said = scene.call(operation, "stripe", status=501)
        expect.equal(f"what {operation} says", said.text, "Unimplemented")
        scene.refused(operation, "paypal", status=400, part=True, detail=_UNKNOWN_TYPE)
