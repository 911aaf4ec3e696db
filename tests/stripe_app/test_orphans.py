"""What dead instances left is collected, what an instance made is removed, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.core.errors import UnreachableError
from devkit.stripe_app.orphans import Orphan, collect
from devkit.stripe_app.ownership import Owner
from devkit.stripe_app.removal import remove
from tests.stripe_app.app_place import MACHINE, Scene, alive_but, owner


def customer(scene: Scene, of: Owner | None = None) -> str:
    told = "".join(f"&metadata[{name}]={value}" for name, value in of.metadata().items()) if of else ""
    return str(scene.account.post("customers", f"name=Acme{told}")["id"])


def endpoint(scene: Scene, of: Owner | None = None) -> str:
    return scene.make_endpoint(**(of.metadata() if of else {}))


def there(scene: Scene) -> set[str]:
    customers: list[dict[str, Any]] = scene.account.get("customers?limit=100")["data"]
    return {one["id"] for one in (*scene.endpoints(), *customers)}


def ids(found: list[Orphan]) -> set[str]:
    return {one.id for one in found}


@pytest.mark.parametrize("make", [endpoint, customer])
class TestCollecting:
    def test_what_dead_instances_of_this_machine_left_goes(
        self, scene: Scene, make: Callable[[Scene, Owner | None], str]
    ) -> None:
        dead, living, elsewhere = owner("dead"), owner("living"), owner("far", "machine1")
        kept = {make(scene, living), make(scene, elsewhere), make(scene, None)}
        left = make(scene, dead)
        (orphan,) = collect(scene.place.access, alive_but(dead), MACHINE)
        assert (orphan.id, orphan.owner, orphan.removed) == (left, dead, True)
        assert there(scene) == kept
        assert collect(scene.place.access, alive_but(dead), MACHINE) == []

    def test_a_dry_run_removes_nothing(self, scene: Scene, make: Callable[[Scene, Owner | None], str]) -> None:
        dead = owner("dead")
        left = make(scene, dead)
        (orphan,) = collect(scene.place.access, alive_but(dead), MACHINE, dry_run=True)
        assert (orphan.id, orphan.removed) == (left, False)
        assert there(scene) == {left}

    def test_those_of_other_machines_go_by_age(self, scene: Scene, make: Callable[[Scene, Owner | None], str]) -> None:
        elsewhere = owner("far", "machine1")
        kept = {make(scene, owner("living")), make(scene, None)}
        left = make(scene, elsewhere)
        assert collect(scene.place.access, alive_but(), MACHINE, timedelta(days=1)) == []
        assert ids(collect(scene.place.access, alive_but(), MACHINE, timedelta(seconds=-5))) == {left}
        assert there(scene) == kept

    def test_a_living_instance_of_this_machine_is_never_too_old(
        self, scene: Scene, make: Callable[[Scene, Owner | None], str]
    ) -> None:
        kept = make(scene, owner("living"))
        assert collect(scene.place.access, alive_but(), MACHINE, timedelta(seconds=-5)) == []
        assert there(scene) == {kept}


def test_long_lists_are_read_to_their_end(scene: Scene) -> None:
    dead = owner("dead")
    left = customer(scene, dead)
    kept = {customer(scene) for _ in range(101)}
    assert ids(collect(scene.place.access, alive_but(dead), MACHINE)) == {left}
    assert {one["id"] for one in scene.account.get("customers?limit=100")["data"]} <= kept


def test_removing_an_instance_takes_all_that_it_made_and_nothing_else(scene: Scene) -> None:
    standing = scene.sync()
    own = customer(scene, scene.place.owner)
    kept = {endpoint(scene), customer(scene), endpoint(scene, owner("other")), customer(scene, owner("other"))}
    said = remove(scene.place.access, scene.place.owner)
    assert there(scene) == kept
    assert {standing.endpoint in said[0], own in said[1]} == {True}
    assert remove(scene.place.access, scene.place.owner) == []


def test_an_endpoint_that_devkit_did_not_come_to_own_is_known_by_its_app(scene: Scene) -> None:
    app = "01J00000000000000000000000"
    unowned = scene.make_endpoint(om_app_id=app)
    others = scene.make_endpoint(om_app_id=app, **owner("other").metadata())
    assert len(remove(scene.place.access, scene.place.owner, [app])) == 1
    assert there(scene) == {others}
    assert unowned not in there(scene)


def test_removing_does_not_need_openmeter(scene: Scene) -> None:
    standing = scene.sync()
    with OpenMeter("http://127.0.0.1:9") as nobody:
        scene.with_(openmeter=nobody)
        assert remove(scene.place.access, scene.place.owner) == [f"the webhook endpoint {standing.endpoint} at Stripe"]


def test_without_stripe_nothing_is_said_to_be_removed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devkit.stripe_app.failures.CONNECTION_SECONDS", 0.05)
    with pytest.raises(UnreachableError):
        remove(StripeAccess(scene.account.key, "http://127.0.0.1:9"), scene.place.owner)
