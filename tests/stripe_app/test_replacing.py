"""An app in use whose endpoint no update mends: what users have stays theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.adapters.openmeter import ApiError
from devkit.core.errors import DevkitError
from devkit.stripe_app.reconcile import reconcile
from devkit.stripe_app.verify import verify
from tests.stripe_app.app_place import Scene, alive_but, app_place, kinds, owner
from tests.stripe_app.served_here import served_here


@pytest.fixture
def writable(stripe_address: str, tmp_path: Path) -> Iterator[Scene]:
    """Beside a server whose store can be written, as the agent has it on the embedded backend."""
    with served_here(tmp_path / "data") as (url, renew), app_place(url, stripe_address) as place:
        place.with_(renew=renew)
        yield place


def lose_endpoint(scene: Scene) -> str:
    """Installs the app, deletes its endpoint, and returns the app."""
    standing = scene.sync()
    scene.account.delete(f"webhook_endpoints/{standing.endpoint}")
    return standing.app


def profiles(scene: Scene) -> list[dict[str, object]]:
    query = {"page": 1, "pageSize": 1000, "order": "ASC", "orderBy": "createdAt"}
    return list(scene.openmeter.call("listBillingProfiles", query=query)["items"])


def apps_of(profile: dict[str, object]) -> set[str]:
    roles = profile["apps"]
    assert isinstance(roles, dict)
    return {role["id"] for role in roles.values()}


def test_billing_profiles_go_over_to_the_app_that_is_installed_again(alone: Scene) -> None:
    app = lose_endpoint(alone)
    details = {"description": "ours", "metadata": {"team": "billing"}, "default": True}
    old = alone.profile(app, name="Default one", **details)
    other = alone.profile(app, name="Other")
    pinned = alone.customer()
    path = {"customerId": pinned}
    alone.openmeter.call("upsertBillingProfileCustomerOverride", path=path, body={"billingProfileId": other["id"]})
    standing = alone.sync(app)
    assert kinds(standing) == ["installed", "reinstalled", "ownership-written"]
    found = {str(each["name"]): each for each in profiles(alone) if apps_of(each) == {standing.app}}
    assert set(found) == {"Default one", "Other"}
    new = found["Default one"]
    assert new["default"] is True
    assert new["description"] == "ours"
    assert new["metadata"] == {"team": "billing", "devkit_replaces": old["id"]}
    assert (new["supplier"], new["workflow"]) == (old["supplier"], old["workflow"])
    override = alone.openmeter.call("getBillingProfileCustomerOverride", path=path)
    assert override["baseBillingProfileId"] == found["Other"]["id"]
    assert not [each for each in profiles(alone) if "devkit_parked" in (each.get("metadata") or {})]  # type: ignore[operator]
    assert any(str(old["id"]) in note for note in standing.notes)
    assert verify(alone.place, standing.app) > 0
    assert alone.sync(standing.app).repairs == ()


@pytest.mark.parametrize("with_profile", [True, False])
def test_customers_stay_who_they_are_at_stripe(alone: Scene, with_profile: bool) -> None:
    app = lose_endpoint(alone)
    if with_profile:
        alone.profile(app)
    customer, at_stripe = alone.customer(), alone.account.customer()
    card = alone.account.card(at_stripe)
    data = {
        "type": "stripe",
        "id": app,
        "stripeCustomerId": at_stripe,
        "stripeDefaultPaymentMethodId": card,
    }
    path = {"customerIdOrKey": customer}
    alone.openmeter.call("upsertCustomerAppData", path=path, body=[data])
    standing = alone.sync(app)
    (kept,) = alone.openmeter.call("listCustomerAppData", path=path)["items"]
    assert (kept["app"]["id"], kept["stripeCustomerId"]) == (standing.app, at_stripe)
    assert kept["stripeDefaultPaymentMethodId"] == card
    assert not [each for each in profiles(alone) if "devkit_links" in (each.get("metadata") or {})]  # type: ignore[operator]


def test_a_customer_that_stripe_lost_is_told(alone: Scene) -> None:
    app = lose_endpoint(alone)
    customer, at_stripe = alone.customer(), alone.account.customer()
    data = {"type": "stripe", "id": app, "stripeCustomerId": at_stripe}
    alone.openmeter.call("upsertCustomerAppData", path={"customerIdOrKey": customer}, body=[data])
    alone.account.delete(f"customers/{at_stripe}")
    standing = alone.sync(app)
    assert any(customer in note and at_stripe in note for note in standing.notes)


@pytest.mark.parametrize("operation", ["uninstallApp", "marketplaceAppAPIKeyInstall", "upsertCustomerAppData"])
def test_a_reinstallation_that_was_cut_short_is_finished_by_the_next(
    alone: Scene, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = lose_endpoint(alone)
    alone.profile(app, name="Default one", default=True)
    customer, at_stripe = alone.customer(), alone.account.customer()
    data = {"type": "stripe", "id": app, "stripeCustomerId": at_stripe}
    path = {"customerIdOrKey": customer}
    alone.openmeter.call("upsertCustomerAppData", path=path, body=[data])
    call = alone.openmeter.call

    def interrupted(asked: str, **request: object) -> object:
        if asked == operation:
            raise KeyboardInterrupt
        return call(asked, **request)

    with monkeypatch.context() as patch:
        patch.setattr(alone.openmeter, "call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            alone.sync(app)
    standing = alone.sync(app)
    assert [each["name"] for each in profiles(alone) if apps_of(each) == {standing.app}] == ["Default one"]
    assert not [each for each in profiles(alone) if "devkit_parked" in (each.get("metadata") or {})]  # type: ignore[operator]
    (kept,) = call("listCustomerAppData", path=path)["items"]
    assert (kept["app"]["id"], kept["stripeCustomerId"]) == (standing.app, at_stripe)
    assert alone.sync(standing.app).repairs == ()


def test_an_app_with_invoices_is_not_uninstalled(alone: Scene) -> None:
    app = lose_endpoint(alone)
    alone.profile(app, default=True)
    customer = alone.customer()
    alone.fee(customer)
    before = profiles(alone)
    with pytest.raises(DevkitError, match="would lose 1 invoices") as raised:
        alone.sync(app)
    assert "gathering" in raised.value.evidence[0]
    assert profiles(alone) == before
    assert alone.openmeter.call("getApp", path={"id": app})["status"] == "ready"


def test_where_openmeters_store_can_be_written_an_app_in_use_keeps_all_of_it(alone: Scene) -> None:
    app = lose_endpoint(alone)
    alone.profile(app, default=True)
    alone.fee(alone.customer())
    before = profiles(alone)
    renewed: list[tuple[str, str, str]] = []
    alone.with_(renew=lambda *told: renewed.append(told))
    standing = alone.sync(app)
    assert kinds(standing) == ["secret-renewed"]
    assert standing.app == app
    assert profiles(alone) == before
    secret = alone.account.control("secret", id=standing.endpoint)["secret"]
    assert renewed == [(app, standing.endpoint, secret)]
    assert alone.sync(app).repairs == ()


def test_the_embedded_server_takes_the_other_secret_and_the_invoice_stays(writable: Scene) -> None:
    app = lose_endpoint(writable)
    writable.profile(app, default=True)
    writable.fee(writable.customer())
    standing = writable.sync(app)
    assert verify(writable.place, app) > 0
    # It is the app's own now: OpenMeter deletes it when the app goes.
    assert [one["id"] for one in writable.endpoints()] == [standing.endpoint]
    invoices = writable.openmeter.call("listInvoices", query={"page": 1, "pageSize": 10})["items"]
    assert [invoice["status"] for invoice in invoices] == ["gathering"]


def test_an_endpoint_of_another_version_gives_way_to_one_with_another_secret(writable: Scene) -> None:
    app = lose_endpoint(writable)
    writable.profile(app)
    form = f"url={writable.place.webhook_url(app)}&enabled_events[]=invoice.paid&api_version=2026-10-28.endive"
    writable.make_endpoint(form=form, om_app_id=app, om_namespace="default")
    standing = writable.sync(app)
    assert kinds(standing) == ["secret-renewed"]
    assert [(one["id"], one["api_version"]) for one in writable.endpoints()] == [
        (standing.endpoint, "2024-09-30.acacia")
    ]
    assert verify(writable.place, app) > 0


def test_another_endpoint_finds_room_where_a_dead_instance_left_one(writable: Scene) -> None:
    app = lose_endpoint(writable)
    writable.profile(app)
    dead = owner("dead")
    left = writable.make_endpoint(**dead.metadata())
    for _ in range(15):
        writable.make_endpoint()
    writable.with_(alive=alive_but(dead))
    assert kinds(writable.sync(app)) == ["orphan-removed", "secret-renewed"]
    assert left not in [one["id"] for one in writable.endpoints()]


def test_an_endpoint_whose_secret_openmeter_does_not_take_is_removed(alone: Scene) -> None:
    app = lose_endpoint(alone)
    alone.profile(app)

    def refused(*_: str) -> None:
        raise DevkitError("the store cannot be written")

    alone.with_(renew=refused)
    with pytest.raises(DevkitError, match="cannot be written"):
        reconcile(alone.place, app)
    assert alone.endpoints() == []


def test_openmeter_itself_refuses_to_uninstall_an_app_in_use(alone: Scene) -> None:
    """The rule on which all of this rests."""
    app = alone.sync().app
    alone.profile(app)
    with pytest.raises(ApiError, match="app is used in 1 billing profiles"):
        alone.openmeter.call("uninstallApp", path={"id": app})
