"""The order of writing follows the references."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from devkit.core.errors import InputError, Place
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Reference
from devkit.seeding.order import ordered, whole_of
from devkit.seeding.resource import Resource


def resource(kind: str, key: str, *needs: tuple[str, str]) -> Resource:
    def references(_entry: Mapping[str, Any]) -> Iterable[Reference]:
        return [Reference(*need, ()) for need in needs]

    fake: Any = SimpleNamespace(NAME=kind, references=references)
    return Resource(fake, key, {}, Tree(None, Place("p.yaml", 3, 5)), "")


def test_what_others_need_comes_first() -> None:
    plan = resource("plan", "pro", ("feature", "tokens"))
    feature = resource("feature", "tokens", ("meter", "tokens"))
    meter = resource("meter", "tokens")
    assert ordered([plan, feature, meter]) == [meter, feature, plan]


def test_what_is_not_in_the_pack_is_left_to_the_server() -> None:
    alone = resource("feature", "tokens", ("meter", "elsewhere"))
    assert ordered([alone]) == [alone]


def test_a_circle_is_an_error_with_its_members() -> None:
    with pytest.raises(
        InputError, match=r"p\.yaml:3:5: these refer to each other in a circle: a x → a y → a x|a y → a x"
    ):
        ordered([resource("a", "x", ("a", "y")), resource("a", "y", ("a", "x"))])


def test_what_needs_a_plan_comes_after_its_addons_are_attached() -> None:
    subscription = resource("subscription", "acme", ("plan", "pro"))
    attached = resource("plan add-on", "pro/seats", ("plan", "pro"), ("add-on", "seats"))
    plan, addon = resource("plan", "pro"), resource("add-on", "seats")
    found = ordered([subscription, attached, plan, addon])
    assert found.index(plan) < found.index(attached) < found.index(subscription)
    assert found.index(addon) < found.index(attached)
    assert whole_of(attached) == ("plan", "pro")
    assert whole_of(subscription) is None


def test_who_bills_is_settled_before_anybody_subscribes() -> None:
    subscription, other = resource("subscription", "acme"), resource("subscription", "globex")
    override = resource("customer override", "acme", ("billing profile", "own"), ("customer", "acme"))
    profile, customer = resource("billing profile", "own"), resource("customer", "acme")
    found = ordered([subscription, other, override, profile, customer])
    assert found[:3] in ([profile, customer, override], [customer, profile, override])
    assert found[3:] == [subscription, other]
