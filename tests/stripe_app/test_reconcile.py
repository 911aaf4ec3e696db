"""Each repair of the app and its endpoint, at a real OpenMeter and the stand-in of Stripe."""

from dataclasses import replace

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.core.errors import DevkitError
from devkit.stripe_app.account import Account
from devkit.stripe_app.endpoints import EVENTS
from devkit.stripe_app.installing import install
from devkit.stripe_app.reconcile import reconcile
from devkit.stripe_app.work import Work
from tests.stripe_app.app_place import Scene, alive_but, kinds, owner


def test_where_there_is_none_the_app_is_installed_and_its_endpoint_owned(scene: Scene) -> None:
    standing = scene.sync()
    assert kinds(standing) == ["installed", "ownership-written"]
    (endpoint,) = scene.endpoints()
    assert (endpoint["id"], endpoint["url"]) == (standing.endpoint, scene.place.webhook_url(standing.app))
    assert endpoint["metadata"] == {
        "om_namespace": "default",
        "om_app_id": standing.app,
        **scene.place.owner.metadata(),
    }
    assert scene.admitted == [[standing.app]]


def test_the_standing_has_no_secret_in_it(scene: Scene) -> None:
    standing = scene.sync()
    secret = scene.account.control("secret", app=standing.app)["secret"]
    assert scene.account.key not in repr(standing)
    assert secret not in repr(standing)


def test_a_second_time_changes_nothing_and_asks_little(scene: Scene) -> None:
    first = scene.sync()
    scene.writes()
    before = len(scene.account.control("state")["requests"])
    again = scene.sync(first.app)
    assert (again.repairs, again.notes) == ((), ())
    assert again == replace(first, repairs=(), notes=())
    assert scene.writes() == []
    assert scene.admitted[-1:] == [[first.app]]
    assert len(scene.admitted) == 2
    assert len(scene.account.control("state")["requests"]) - before == 2


def test_it_says_what_it_does_when_it_does_it(scene: Scene) -> None:
    told: list[str] = []
    standing = reconcile(scene.place, None, told.append)
    assert told == [repair.text for repair in standing.repairs]


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("url=https%3A%2F%2Fold.example.org%2Fapi", "address-updated"),
        ("disabled=true", "enabled"),
        ("enabled_events[]=invoice.paid", "events-updated"),
        ("enabled_events[]=*", "events-updated"),
        ("metadata[devkit_instance]=another", "ownership-written"),
    ],
)
def test_what_can_be_changed_is_changed_in_place(scene: Scene, damage: str, kind: str) -> None:
    before = scene.sync()
    right = scene.endpoint(before.endpoint)
    secret = scene.account.control("secret", id=before.endpoint)
    scene.account.post(f"webhook_endpoints/{before.endpoint}", damage)
    after = scene.sync(before.app)
    assert kinds(after) == [kind]
    assert (after.app, after.endpoint) == (before.app, before.endpoint)
    assert {**scene.endpoint(after.endpoint), "enabled_events": None} == {**right, "enabled_events": None}
    assert set(scene.endpoint(after.endpoint)["enabled_events"]) == EVENTS
    assert scene.account.control("secret", id=after.endpoint) == secret
    assert scene.sync(after.app).repairs == ()


def test_all_that_is_wrong_is_mended_by_one_request(scene: Scene) -> None:
    before = scene.sync()
    damage = "disabled=true&url=https%3A%2F%2Fold.example.org&enabled_events[]=invoice.paid"
    scene.account.post(f"webhook_endpoints/{before.endpoint}", damage)
    scene.writes()
    assert kinds(scene.sync()) == ["address-updated", "enabled", "events-updated"]
    assert scene.writes() == [("POST", f"webhook_endpoints/{before.endpoint}")]


def test_a_new_public_address_moves_the_endpoint(scene: Scene) -> None:
    before = scene.sync()
    scene.with_(public_url="https://other.example.org")
    after = scene.sync(before.app)
    assert kinds(after) == ["address-updated"]
    assert scene.endpoint(before.endpoint)["url"] == after.url
    assert after.url == f"https://other.example.org/api/v1/apps/{before.app}/stripe/webhook"


def test_a_deleted_endpoint_has_the_app_installed_again(scene: Scene) -> None:
    before = scene.sync()
    scene.account.delete(f"webhook_endpoints/{before.endpoint}")
    after = scene.sync(before.app)
    assert kinds(after) == ["installed", "reinstalled", "ownership-written"]
    assert after.app != before.app
    assert scene.admitted[-1] == [after.app]
    assert [one["metadata"]["om_app_id"] for one in scene.endpoints()] == [after.app]
    assert scene.sync(before.app).repairs == ()


@pytest.mark.parametrize("version", ["&api_version=2026-10-28.endive", "&api_version=2020-08-27", ""])
def test_an_endpoint_of_another_api_version_has_the_app_installed_again(scene: Scene, version: str) -> None:
    before = scene.sync()
    url = scene.place.webhook_url(before.app)
    scene.account.delete(f"webhook_endpoints/{before.endpoint}")
    form = f"url={url}&enabled_events[]=invoice.paid{version}"
    scene.make_endpoint(form=form, om_app_id=before.app, om_namespace="default")
    after = scene.sync(before.app)
    # Without a version the stand-in sends events of one that OpenMeter reads; Stripe sends those of the account's.
    assert "reinstalled" in kinds(after)
    assert [one["id"] for one in scene.endpoints()] == [after.endpoint]
    assert scene.endpoint(after.endpoint)["api_version"] == "2024-09-30.acacia"


def test_another_key_of_the_account_is_given_to_the_app(scene: Scene) -> None:
    before = scene.sync()
    rotated = scene.account.key.replace(".001", ".002")
    scene.with_(access=StripeAccess(rotated, scene.place.access.base))
    after = scene.sync(before.app)
    assert kinds(after) == ["key-updated"]
    shown = scene.openmeter.call("getApp", path={"id": after.app})
    assert (shown["status"], shown["maskedAPIKey"][-3:]) == ("ready", "002")
    assert scene.sync(after.app).repairs == ()


def test_an_app_whose_key_stripe_refused_is_given_it_again(scene: Scene) -> None:
    before = scene.sync()
    path = {"id": before.app}
    scene.account.fail("GET", "account", 401)
    assert scene.openmeter.send("updateStripeAPIKey", path=path, body={"secretAPIKey": scene.account.key}).is_error
    assert scene.openmeter.call("getApp", path=path)["status"] == "unauthorized"
    assert kinds(scene.sync(before.app)) == ["key-updated"]
    assert scene.openmeter.call("getApp", path=path)["status"] == "ready"


def test_a_key_of_another_account_is_refused_with_a_way_out(scene: Scene) -> None:
    before = scene.sync()
    other = scene.account.key.replace(".001", "_other.001")
    scene.with_(access=StripeAccess(other, scene.place.access.base))
    with pytest.raises(DevkitError, match="the installed Stripe app is of") as raised:
        scene.sync(before.app)
    assert before.account in (raised.value.hint or "")
    assert other not in raised.value.message


def test_a_key_that_stripe_does_not_know_is_refused(scene: Scene) -> None:
    unknown = "sk_test_nobody_knows_this_key"
    scene.with_(access=StripeAccess(unknown, scene.place.access.base))
    with pytest.raises(DevkitError, match="does not accept the key") as raised:
        scene.sync()
    assert "sk_test_" not in raised.value.message


def test_of_two_endpoints_the_one_stays_that_openmeter_has_the_secret_of(scene: Scene) -> None:
    before = scene.sync()
    url = scene.place.webhook_url(before.app)
    # It claims to be devkit's, too, so that only an event shows which is right.
    scene.account.post(f"webhook_endpoints/{before.endpoint}", "metadata[devkit_instance]=")
    form = f"url={url}&api_version=2024-09-30.acacia&enabled_events[]=setup_intent.requires_action"
    claims = scene.place.owner.metadata()
    double = scene.make_endpoint(form=form, om_app_id=before.app, om_namespace="default", **claims)
    after = scene.sync(before.app)
    assert after.endpoint == before.endpoint
    assert "double-removed" in kinds(after)
    assert double not in [one["id"] for one in scene.endpoints()]
    assert scene.sync(after.app).repairs == ()


def test_while_nothing_shows_which_endpoint_is_right_none_is_thrown_away(scene: Scene) -> None:
    before = scene.sync()
    double = scene.make_endpoint(om_app_id=before.app)
    scene.with_(public_url="http://127.0.0.1:9")
    after = scene.sync(before.app)
    assert "double-disabled" in kinds(after)
    assert "2 webhook endpoints" in after.notes[0]
    assert scene.endpoint(double)["status"] == "disabled"
    assert scene.endpoint(before.endpoint)["status"] == "enabled"
    assert scene.sync(before.app).repairs == ()


class TestWithAllPlacesTaken:
    @pytest.fixture
    def full(self, scene: Scene) -> Scene:
        for _ in range(14):
            scene.make_endpoint(om_app_id="01J00000000000000000000000")
        return scene

    def test_what_dead_instances_of_this_machine_left_makes_room(self, full: Scene) -> None:
        dead, living = owner("dead"), owner("living")
        left = full.make_endpoint(**dead.metadata())
        kept = full.make_endpoint(**living.metadata())
        full.with_(alive=alive_but(dead))
        standing = full.sync()
        assert kinds(standing) == ["orphan-removed", "installed", "ownership-written"]
        ids = [one["id"] for one in full.endpoints()]
        assert left not in ids
        assert {kept, standing.endpoint} < set(ids)

    def test_without_any_the_error_says_whose_they_are_and_the_way_out(self, full: Scene) -> None:
        elsewhere = owner("theirs", machine="another")
        full.make_endpoint(**elsewhere.metadata())
        full.make_endpoint()
        with pytest.raises(DevkitError, match="16 webhook endpoints") as raised:
            full.sync()
        assert "devkit stripe gc" in (raised.value.hint or "")
        assert len(raised.value.evidence) == 16
        assert any("theirs on machine another" in line for line in raised.value.evidence)
        assert len(full.endpoints()) == 16


def test_an_install_that_fails_removes_the_endpoint_that_it_made_and_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenMeter makes the endpoint first, and only then sees that the account has an app already."""
    first = scene.sync()
    here, elsewhere = "01J00000000000000000000000", "01J00000000000000000000001"
    events = "enabled_events[]=invoice.paid"
    others = [scene.make_endpoint(form=f"url={scene.place.webhook_url(here)}&{events}", om_app_id=here)]
    call = scene.openmeter.call

    def while_another_instance_installs(operation: str, **request: object) -> object:
        if operation == "marketplaceAppAPIKeyInstall":
            others.append(scene.make_endpoint(form=f"url=https://other.example.org&{events}", om_app_id=elsewhere))
            others.append(scene.make_endpoint(form=f"url={scene.place.public_url}/mine&{events}"))
        return call(operation, **request)

    monkeypatch.setattr(scene.openmeter, "call", while_another_instance_installs)
    work = Work(scene.place, Account(scene.place.access), lambda _: None)
    assert install(work, first.account).id == first.app
    assert [repair.kind for repair in work.repairs] == ["orphan-removed"]
    assert {one["id"] for one in scene.endpoints()} == {first.endpoint, *others}


def test_when_openmeters_data_is_gone_the_old_endpoint_goes_too(alone: Scene, url_with_stripe: str) -> None:
    old, neighbour = alone.sync(), alone.make_endpoint(**owner("neighbour").metadata())
    with OpenMeter(url_with_stripe) as empty:
        alone.with_(openmeter=empty, public_url=url_with_stripe)
        new = alone.sync(old.app)
        assert kinds(new) == ["installed", "ownership-written", "orphan-removed"]
        assert {one["id"] for one in alone.endpoints()} == {new.endpoint, neighbour}
        assert alone.sync(new.app).repairs == ()


def test_no_repair_touches_what_is_neither_the_apps_nor_devkits(scene: Scene) -> None:
    strangers = [scene.make_endpoint(), scene.make_endpoint(om_app_id="01J00000000000000000000000")]
    strangers.append(scene.make_endpoint(**owner("neighbour").metadata()))
    before = [scene.endpoint(one) for one in strangers]
    first = scene.sync()
    scene.account.post(f"webhook_endpoints/{first.endpoint}", "disabled=true&enabled_events[]=invoice.paid")
    scene.sync(first.app)
    scene.make_endpoint(om_app_id=first.app)
    scene.sync(first.app)
    for one in scene.endpoints():
        if one["metadata"].get("om_app_id") == first.app:
            scene.account.delete(f"webhook_endpoints/{one['id']}")
    assert "reinstalled" in kinds(scene.sync(first.app))
    assert [scene.endpoint(one) for one in strangers] == before
