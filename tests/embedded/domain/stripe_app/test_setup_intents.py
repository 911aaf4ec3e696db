"""Setup intents: whose they are, and what they tell."""

from typing import Any

import pytest

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.stripe_app.setup_intents import WayToPay, ignored_because, way_to_pay

OURS = {"om_app_id": "01A", "om_namespace": "default"}


def event(metadata: Any = None, **members: Any) -> dict[str, Any]:
    intent = {"customer": "cus_1", "payment_method": "pm_1", "metadata": OURS if metadata is None else metadata}
    return {"id": "evt_1", "data": {"object": intent | members}}


@pytest.mark.parametrize("metadata", [{}, None, [], "text"])
def test_what_no_app_made_is_ignored(metadata: Any) -> None:
    assert ignored_because({"metadata": metadata}, "01A") == (
        "ignoring event as it was not initiated by the openmeter app"
    )


def test_what_another_app_made_is_ignored() -> None:
    assert ignored_because({"metadata": {"om_app_id": "01B"}}, "01A") is not None
    assert ignored_because({"metadata": OURS}, "01A") is None


@pytest.mark.parametrize(
    "members",
    [{}, {"customer": {"id": "cus_1"}, "payment_method": {"id": "pm_1", "card": {}}}],
    ids=["ids", "expanded"],
)
def test_it_tells_who_pays_how(members: dict[str, Any]) -> None:
    assert way_to_pay(event(**members), "01A", "default") == WayToPay("cus_1", "pm_1")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (event({"om_app_id": ""}), "appid metadata cannot be empty if provided for app: 01A"),
        (event({"om_app_id": "01A"}), "namespace metadata is required for app: 01A"),
        (event({**OURS, "om_namespace": ""}), "namespace metadata cannot be empty if provided for app: 01A"),
        (event({**OURS, "om_namespace": "x"}), "namespace mismatch: in request default, in payment intent metadata x"),
        (event(customer=5), "payment intent customer is required for app: 01A"),
        (event(customer=None), "payment intent customer is required for app: 01A"),
        (event(payment_method=None), "payment intent payment method is required for app 01A"),
    ],
)
def test_what_is_missing_is_named(told: dict[str, Any], problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        way_to_pay(told, "01A", "default")
    assert refused.value.detail == f"{problem} in event: evt_1"
