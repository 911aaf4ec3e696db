"""What a look says of each state, and that it changes nothing."""

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.core.findings import Finding
from devkit.stripe_app.look import look
from tests.stripe_app.app_place import Scene


def wrong(scene: Scene, app: str | None = None) -> dict[str, Finding]:
    """What is not right, by check. A look writes nothing at Stripe."""
    scene.writes()
    found = look(scene.place, app)
    assert scene.writes() == []
    assert all(one.hint for one in found if one.level != "ok")
    assert scene.account.key not in repr(found)
    return {one.check: one for one in found if one.level != "ok"}


def test_all_is_right_after_a_sync(scene: Scene) -> None:
    standing = scene.sync()
    assert wrong(scene, standing.app) == {}
    shown = {one.check: one.detail for one in look(scene.place, standing.app)}
    assert shown["webhook version"] == "2024-09-30.acacia"
    assert standing.url in shown["webhook address"]
    assert shown["stripe webhook"] == standing.endpoint


def test_an_app_that_is_not_installed_is_a_failure(scene: Scene) -> None:
    found = wrong(scene)
    assert list(found) == ["stripe app"]
    assert scene.endpoints() == []


@pytest.mark.parametrize(
    ("damage", "check", "level"),
    [
        ("url=https%3A%2F%2Fold.example.org", "webhook address", "failure"),
        ("disabled=true", "webhook disabled", "failure"),
        ("enabled_events[]=invoice.paid", "webhook events", "failure"),
        ("metadata[devkit_instance]=another", "webhook owner", "warning"),
    ],
)
def test_each_thing_that_is_wrong_with_the_endpoint_has_its_row(
    scene: Scene, damage: str, check: str, level: str
) -> None:
    standing = scene.sync()
    scene.account.post(f"webhook_endpoints/{standing.endpoint}", damage)
    found = wrong(scene, standing.app)
    assert {name: one.level for name, one in found.items()} == {check: level}


def test_an_endpoint_of_another_version_is_a_failure(scene: Scene) -> None:
    standing = scene.sync()
    scene.account.delete(f"webhook_endpoints/{standing.endpoint}")
    assert list(wrong(scene, standing.app)) == ["stripe webhook"]
    form = f"url={standing.url}&enabled_events[]=invoice.paid&api_version=2026-10-28.endive"
    scene.make_endpoint(form=form, om_app_id=standing.app)
    assert "webhook version" in wrong(scene, standing.app)


def test_a_doubled_endpoint_is_a_failure(scene: Scene) -> None:
    standing = scene.sync()
    double = scene.make_endpoint(om_app_id=standing.app)
    found = wrong(scene, standing.app)
    assert double in found["stripe webhook"].detail


def test_another_key_of_the_account_and_one_that_was_refused(scene: Scene) -> None:
    standing = scene.sync()
    scene.with_(access=StripeAccess(scene.account.key.replace(".001", ".002"), scene.place.access.base))
    assert wrong(scene)["stripe app"].level == "warning"
    scene.account.fail("GET", "account", 401)
    body = {"secretAPIKey": scene.account.key}
    scene.openmeter.send("updateStripeAPIKey", path={"id": standing.app}, body=body)
    assert wrong(scene)["stripe app"].level == "failure"


def test_a_key_of_another_account_is_a_failure(scene: Scene) -> None:
    standing = scene.sync()
    scene.with_(access=StripeAccess(scene.account.key.replace(".001", "_x.001"), scene.place.access.base))
    assert "the installed Stripe app is of" in wrong(scene, standing.app)["stripe app"].detail


def test_what_does_not_answer_is_a_row_and_no_error(scene: Scene) -> None:
    scene.with_(access=StripeAccess("sk_test_nobody", scene.place.access.base))
    assert list(wrong(scene)) == ["stripe key"]
    scene.with_(access=StripeAccess(scene.account.key, scene.place.access.base))
    with OpenMeter("http://127.0.0.1:9") as nobody:
        scene.with_(openmeter=nobody)
        assert list(wrong(scene)) == ["stripe app"]
