from devkit.embedded.app import build_app
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.scenes import (
    add_fee,
    create_customer,
    create_profile,
    default_profile,
    install_custom_invoicing,
    sandbox_id,
)

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def test_listings_are_three_and_paged(app: Application) -> None:
    path = "/api/v1/marketplace/listings"
    page = ask(app, "GET", path).json
    assert {listing["type"] for listing in page["items"]} == {"sandbox", "stripe", "custom_invoicing"}
    assert len(ask(app, "GET", f"{path}?page=2&pageSize=2").json["items"]) == 1
    assert ask(app, "GET", f"{path}/stripe").json["installMethods"] == ["with_api_key"]
    assert ask(app, "GET", f"{path}/paypal").status == 400


def test_nothing_is_installed_with_oauth(app: Application) -> None:
    for path in ("stripe/install/oauth2", "sandbox/install/oauth2/authorize?code=1"):
        answer = ask(app, "GET", f"/api/v1/marketplace/listings/{path}")
        assert (answer.status, answer.body) == (501, b"Unimplemented")


def test_an_install_makes_an_app_but_no_profile(app: Application) -> None:
    body = {"name": "", "createBillingProfile": True}
    answer = ask(app, "POST", "/api/v1/marketplace/listings/custom_invoicing/install", body).json
    assert answer["defaultForCapabilityTypes"] == []
    assert (answer["app"]["name"], answer["app"]["description"]) == ("Custom Invoicing", "")
    assert ask(app, "GET", f"/api/v1/apps/{answer['app']['id']}").json == answer["app"]
    assert ask(app, "GET", "/api/v1/billing/profiles").json["totalCount"] == 1


def test_what_cannot_be_installed_is_refused(app: Application) -> None:
    path = "/api/v1/marketplace/listings"
    sandbox = ask(app, "POST", f"{path}/sandbox/install", {})
    assert (sandbox.status, sandbox.json["detail"]) == (409, "conflict error: sandbox app: Sandbox already exists")
    stripe = ask(app, "POST", f"{path}/stripe/install", {})
    assert (stripe.status, stripe.json["detail"].endswith("Supported methods: [with_api_key]")) == (400, True)


def test_an_uninstalled_app_is_in_no_list_but_can_still_be_read_and_changed(app: Application) -> None:
    id_ = install_custom_invoicing(app, enableDraftSyncHook=True)
    assert [ask(app, "DELETE", f"/api/v1/apps/{id_}").status for _ in range(2)] == [204, 204]
    listed = [found["id"] for found in ask(app, "GET", "/api/v1/apps").json["items"]]
    assert listed == [sandbox_id(app)]
    gone = ask(app, "GET", f"/api/v1/apps/{id_}").json
    assert (gone["enableDraftSyncHook"], "deletedAt" in gone) == (False, True)
    hooks = {"enableDraftSyncHook": True, "enableIssuingSyncHook": True}
    late = ask(app, "PUT", f"/api/v1/apps/{id_}", {"type": "custom_invoicing", "name": "Late", **hooks}).json
    assert (late["name"], late["enableDraftSyncHook"]) == ("Late", False)


def test_an_app_stays_while_a_profile_or_a_gathering_invoice_has_it(app: Application) -> None:
    id_ = install_custom_invoicing(app)
    profile = create_profile(app, id_)
    customer = create_customer(app, profile_id=profile)
    add_fee(app, customer, invoice_at="2090-01-01T00:00:00Z")
    used = ask(app, "DELETE", f"/api/v1/apps/{id_}")
    assert (used.status, used.json["detail"]) == (
        409,
        f"conflict error: app is used in 1 billing profiles: Own[{profile}]",
    )
    ask(app, "DELETE", f"/api/v1/billing/customers/{customer}")
    ask(app, "DELETE", f"/api/v1/billing/profiles/{profile}")
    gathering = ask(app, "DELETE", f"/api/v1/apps/{id_}").json["detail"]
    assert gathering.startswith("conflict error: app is used in 1 non-finalized invoices: GATHER-CUAC-USD-1[")


def test_an_unknown_app_is_not_found(app: Application) -> None:
    body = {"type": "sandbox", "name": "x"}
    answers = [ask(app, method, f"/api/v1/apps/{NOWHERE}", body) for method in ("GET", "PUT", "DELETE")]
    detail = f"not found error: app with id {NOWHERE} not found in default namespace"
    assert [(answer.status, answer.json["detail"]) for answer in answers] == [(404, detail)] * 3


def test_the_sandbox_takes_the_body_of_any_type_and_others_do_not(app: Application) -> None:
    body = {"type": "stripe", "name": "Renamed", "secretAPIKey": "sk_test_x"}
    answer = ask(app, "PUT", f"/api/v1/apps/{sandbox_id(app)}", body)
    assert (answer.status, answer.json["name"]) == (200, "Renamed")
    assert ask(app, "PUT", f"/api/v1/apps/{install_custom_invoicing(app)}", body).status == 500


def test_a_restart_brings_an_uninstalled_sandbox_back_as_a_new_one(app: Application, store: Store) -> None:
    first, old = sandbox_id(app), default_profile(app)["id"]
    kept = create_profile(app, install_custom_invoicing(app), default=True)
    ask(app, "DELETE", f"/api/v1/billing/profiles/{old}")
    assert ask(app, "DELETE", f"/api/v1/apps/{first}").status == 204
    listed = ask(build_app(store), "GET", "/api/v1/apps").json["items"]
    (sandbox,) = [found for found in listed if found["type"] == "sandbox"]
    assert sandbox["id"] != first
    assert default_profile(app)["id"] == kept
