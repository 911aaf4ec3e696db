"""The order of writing follows the references."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from devkit.core.errors import InputError, Place
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Reference
from devkit.seeding.order import ordered
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
