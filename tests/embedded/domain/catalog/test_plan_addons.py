"""The add-ons of plans: which go together."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.catalog import addons, overlays, plan_addons, plans, rate_cards
from devkit.embedded.domain.errors import Invalid, IssuesFound
from tests.embedded.domain.catalog.examples import Body, addon, flat, phase, plan, usage

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ACTIVE = {"effectiveFrom": "2025-01-01T00:00:00Z"}
ARCHIVED = {**ACTIVE, "effectiveTo": "2025-02-01T00:00:00Z"}
SEAT = "addon.ratecards[?(@.key=='seat')]"
BOOLEAN, STATIC = {"type": "boolean"}, {"type": "static", "config": "{}"}


def metered(period: str) -> Body:
    return {"type": "metered", "issueAfterReset": 1, "usagePeriod": period}


def granting(template: Body) -> Body:
    return flat("seat", featureKey="seat", entitlementTemplate=template)


def cards(*given: Body) -> list[rate_cards.RateCard]:
    return rate_cards.read_all(given)


def found(
    plan_body: Body, addon_body: Body, *, plan_status: Any = None, addon_status: Any = None, **assignment: Any
) -> list[tuple[str, str]]:
    made = {"fromPlanPhase": "main", **assignment}
    of_plan, of_addon = plans.read_new(plan_body) | (plan_status or {}), addons.read_new(addon_body)
    issues = plan_addons.issues_of(made, of_plan, of_addon | (addon_status or ACTIVE), NOW)
    return [(issue.field, issue.code) for issue in issues]


@pytest.mark.parametrize(
    ("base", "overlay", "issues"),
    [
        (flat("seat"), flat("seat"), []),
        (flat("seat"), usage("other"), []),
        (flat("seat", price=None), usage("seat"), []),
        (
            usage("seat"),
            flat("seat"),
            [("price", "rate_card_price_type_mismatch"), ("price", "rate_card_only_flat_price_allowed")],
        ),
        (usage("seat"), usage("seat"), [("price", "rate_card_only_flat_price_allowed")]),
        (
            flat("seat"),
            usage("seat"),
            [("price", "rate_card_price_type_mismatch"), ("price", "rate_card_price_payment_term_mismatch")],
        ),
        (
            flat("seat"),
            flat("seat", price={"type": "flat", "amount": "1", "paymentTerm": "in_arrears"}),
            [("price", "rate_card_price_payment_term_mismatch")],
        ),
        (flat("seat"), flat("seat", billingCadence="P1Y"), [("billingCadence", "rate_card_billing_cadence_mismatch")]),
        (flat("seat"), flat("seat", billingCadence=None), []),
        (granting(BOOLEAN), granting(BOOLEAN), []),
        (
            granting(STATIC),
            granting(STATIC),
            [("entitlementTemplate.type", "rate_card_static_entitlement_template_not_allowed")],
        ),
        (
            granting(STATIC),
            granting(BOOLEAN),
            [("entitlementTemplate.type", "rate_card_entitlement_template_type_mismatch")],
        ),
        (
            granting(metered("P1M")),
            granting(metered("P1D")),
            [("entitlementTemplate.usagePeriod", "rate_card_metered_entitlement_template_usage_period_mismatch")],
        ),
        (
            flat("seat", discounts={"percentage": {"percentage": 1}}),
            flat("seat", discounts={"percentage": {"percentage": 2}}),
            [("discounts.percentage", "rate_card_percentage_discount_not_allowed")],
        ),
        (flat("seat", discounts={"percentage": {"percentage": 1}}), flat("seat"), []),
    ],
)
def test_cards_of_the_same_key(base: Body, overlay: Body, issues: list[tuple[str, str]]) -> None:
    got = overlays.issues(cards(base), cards(overlay))
    assert [(issue.field, issue.code) for issue in got] == [
        (f"ratecards[?(@.key=='seat')].{tail}", code) for tail, code in issues
    ]


def test_a_feature_that_was_replaced_is_another_one() -> None:
    base, overlay = cards(usage("seat", price=None)), cards(usage("seat", price=None))
    issues = overlays.issues([base[0] | {"featureId": "1"}], [overlay[0] | {"featureId": "2"}])
    assert [issue.code for issue in issues] == ["rate_card_feature_id_mismatch"]


@given(
    st.lists(st.sampled_from([flat("a"), flat("b"), usage("c", price=None)]), unique_by=lambda card: str(card["key"]))
)
def test_every_plan_goes_with_an_add_on_of_its_own_cards(given_cards: list[Body]) -> None:
    assert overlays.issues(cards(*given_cards), cards(*given_cards)) == []


def test_only_phases_from_the_first_one_on_count() -> None:
    body = plan(phase(usage("seat"), key="one", duration="P1M"), phase(flat("seat"), key="two"))
    codes = [code for _, code in found(body, addon(flat("seat")), fromPlanPhase="one")]
    assert codes == ["rate_card_price_type_mismatch", "rate_card_only_flat_price_allowed"]
    assert found(body, addon(flat("seat")), fromPlanPhase="two") == []


@pytest.mark.parametrize(
    ("options", "issues"),
    [
        ({"fromPlanPhase": "none"}, [("fromPlanPhase", "plan_addon_unknown_plan_phase_key")]),
        ({"plan_status": ARCHIVED}, [("plan.status", "plan_addon_incompatible_status")]),
        ({"plan_status": ACTIVE}, []),
        ({"addon_status": ARCHIVED}, [("addon.status", "plan_addon_incompatible_status")]),
        (
            {"addon_status": {**ACTIVE, "effectiveTo": "2026-01-01T00:00:00Z"}},
            [("addon.status", "plan_addon_incompatible_status")],
        ),
        ({"maxQuantity": 1}, [("maxQuantity", "plan_addon_max_quantity_must_not_be_set")]),
    ],
)
def test_rules_of_an_assignment(options: dict[str, Any], issues: list[tuple[str, str]]) -> None:
    assert found(plan(), addon(), **options) == issues


@pytest.mark.parametrize(("quantity", "fits"), [(1, True), (0, False), (-1, False)])
def test_several_instances_have_a_positive_limit_or_none(quantity: int, fits: bool) -> None:
    body = addon(instanceType="multiple")
    assert found(plan(), body) == []
    assert (found(plan(), body, maxQuantity=quantity) == []) is fits


def test_what_recurs_in_the_add_on_recurs_with_the_plan_even_unpriced() -> None:
    body = addon(usage("a", billingCadence="P1W", price=None), usage("b", billingCadence="P4W", price=None))
    assert found(plan(), body) == [("billingCadence", "rate_card_billing_cadence_unaligned")]
    assert found(plan(), addon(flat("a", billingCadence=None))) == []


def test_one_currency() -> None:
    body = plan(phase(flat("seat")))
    in_euros = addon(flat("seat"), flat("own"), usage("free", price=None), currency="EUR")
    expected = [
        ("addon.currency", "plan_multiple_fiat_currencies"),
        (f"{SEAT}.currency.currency", "plan_addon_currency_mismatch"),
        ("addon.ratecards[?(@.key=='own')].currency.currency", "plan_multiple_fiat_currencies"),
    ]
    assert found(body, in_euros) == expected
    stored = [made | {"id": "1"} for made in (plans.read_new(body), addons.read_new(in_euros))]
    with pytest.raises(IssuesFound) as refused:
        plan_addons.create({"fromPlanPhase": "main"}, *stored, id_="1", now="t")
    assert [(issue.field, issue.code) for issue in refused.value.issues] == expected
    with pytest.raises(IssuesFound) as refused:
        plan_addons.create({"fromPlanPhase": "none"}, *stored, id_="1", now="t")
    assert len(refused.value.issues) == 1


def test_an_update_without_a_quantity_lifts_the_limit_and_keeps_metadata() -> None:
    before = {"id": "1", "fromPlanPhase": "a", "maxQuantity": 5, "metadata": {"x": "y"}}
    after = plan_addons.replace(before, {"fromPlanPhase": "b"}, now="t")
    assert after == {"id": "1", "fromPlanPhase": "b", "metadata": {"x": "y"}, "updatedAt": "t"}
    assert "metadata" not in plan_addons.replace(before, {"fromPlanPhase": "b", "metadata": {}}, now="t")


def test_plans_in_force_and_deleted_ones_take_no_add_on() -> None:
    with pytest.raises(Invalid, match=r"^invalid active status, allowed statuses: .draft scheduled.$"):
        plan_addons.check_plan(ACTIVE, NOW)
    deleted = {"id": "1", "deletedAt": "2025-01-02T03:04:05Z", **ACTIVE}
    with pytest.raises(Invalid) as refused:
        plan_addons.check_new_plan(deleted, "default", NOW)
    assert refused.value.detail == (
        "invalid plan [namespace=default plan.id=1]: validation error: plan is deleted"
        " [deletedAt=2025-01-02 03:04:05 +0000 UTC]\ninvalid active status, allowed statuses: [draft scheduled]"
    )


def test_drafts_go_to_no_plan() -> None:
    with pytest.raises(Invalid, match=r"invalid draft status, allowed statuses: .active."):
        plan_addons.check_new_addon({"id": "1"}, "default", NOW)
    plan_addons.check_new_addon({"id": "1", **ACTIVE}, "default", NOW)
