"""Rate cards: what is kept of them and what is wrong with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.catalog import rate_cards
from devkit.embedded.domain.catalog.unreadable import Unreadable
from tests.embedded.domain.catalog.examples import flat, usage

PERIOD = "failed to cast UsagePeriod for Metered EntitlementTemplate"
METERED = {"type": "metered", "issueAfterReset": 5}


def read(card: dict[str, Any]) -> rate_cards.RateCard:
    return rate_cards.read_all([card])[0]


def found(card: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, code or message) of all issues."""
    return [(issue.field, issue.code or issue.message) for issue in rate_cards.issues(read(card))]


@pytest.mark.parametrize(
    ("card", "issues"),
    [
        (flat(), []),
        (usage(), []),
        (flat(featureKey="other"), [("key", "rate_card_key_feature_key_mismatch")]),
        (flat(price={"type": "flat", "amount": "-1"}), [("price", "the Amount must not be negative")]),
        (usage(featureKey=None), [("featureKey", "usage_based_price_with_no_feature")]),
        (usage(featureKey=None, price=None), []),
        (flat(entitlementTemplate={"type": "boolean"}), [("featureKey", "entitlement_template_with_no_feature")]),
        (
            usage(entitlementTemplate={"type": "metered"}),
            [("entitlementTemplate.issueAfterReset", "entitlement_template_issue_after_reset_required")],
        ),
        (
            usage(entitlementTemplate={"type": "metered", "issueAfterResetPriority": 1}),
            [
                (
                    "entitlementTemplate.issueAfterReset",
                    "entitlement_template_invalid_issue_after_reset_with_priority",
                ),
                ("entitlementTemplate.issueAfterReset", "entitlement_template_issue_after_reset_required"),
            ],
        ),
        (
            usage(entitlementTemplate={**METERED, "usagePeriod": "-P1D"}),
            [
                ("entitlementTemplate.usagePeriod", "entitlement_template_negative_usage_period"),
                ("entitlementTemplate.usagePeriod", "entitlement_template_usage_period_less_then_an_hour"),
            ],
        ),
        (flat(billingCadence="PT30M"), [("billingCadence", "billing_cadence_invalid_value")]),
        (flat(billingCadence="P0D"), [("billingCadence", "billing_cadence_invalid_value")] * 2),
        (flat(billingCadence=None), []),
        (
            flat(price=None, discounts={"percentage": {"percentage": 5}}),
            [("", "price is required for discounts")],
        ),
        (flat(price=None, discounts={}), []),
        (flat(discounts={"usage": {"quantity": "5"}}), [("", "usage_discount_with_flat_price")] * 2),
        (
            usage(price={"type": "flat", "amount": "1"}, discounts={"usage": {"quantity": "5"}}),
            [("", "usage_discount_with_flat_price")] * 2,
        ),
        (
            usage(discounts={"usage": {"quantity": "-5"}}),
            [("discounts.usage.quantity", "usage_discount_negative_quantity")],
        ),
        (usage(discounts={"usage": {"quantity": "0"}}), []),
    ],
)
def test_rules_of_one_card(card: dict[str, Any], issues: list[tuple[str, str]]) -> None:
    assert found(card) == issues


def test_a_second_card_of_the_same_key_is_critical() -> None:
    cards = rate_cards.read_all([flat(), flat(), flat("other"), flat()])
    issues = rate_cards.issues_of_all(cards)
    assert [(issue.field, issue.code, issue.severity) for issue in issues] == [
        ("ratecards[?(@.key=='fee')].key", "rate_card_duplicated_key", "critical")
    ] * 2


@pytest.mark.parametrize(
    ("card", "place"),
    [
        (flat(billingCadence="x"), "FlatFeeRateCard: failed to cast BillingCadence"),
        (
            usage(entitlementTemplate={**METERED, "usagePeriod": "x"}),
            "UsageBasedRateCard: failed to cast EntitlementTemplate: " + PERIOD,
        ),
    ],
    ids=["cadence", "usage period"],
)
def test_durations_that_are_none_are_told_with_their_place(card: dict[str, Any], place: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(card)
    reason = "failed to parse duration 'x': x: expected 'P' period mark at the start"
    assert refused.value.text == f"failed to cast ratecard: failed to cast {place}: {reason}"
    assert not refused.value.validation


@pytest.mark.parametrize("cadence", [None, "P0D"])
def test_a_usage_period_that_cannot_be_taken_from_the_cadence_is_a_validation_error(cadence: str | None) -> None:
    with pytest.raises(Unreadable) as refused:
        read(flat(billingCadence=cadence, featureKey="fee", entitlementTemplate=METERED))
    reason = "missing UsagePeriod for Metered EntitlementTemplate where cannot infer from BillingCadence"
    assert refused.value.validation == reason
    assert refused.value.text.endswith(f"failed to cast EntitlementTemplate: validation error: {reason}")


@pytest.mark.parametrize("period", [{}, {"usagePeriod": "P0D"}])
def test_a_usage_period_comes_from_the_cadence(period: dict[str, str]) -> None:
    template = read(usage(billingCadence="P2W", entitlementTemplate=METERED | period))["entitlementTemplate"]
    assert template == {"type": "metered", "isSoftLimit": False, "issueAfterReset": 5, "usagePeriod": "P2W"}


def test_what_is_empty_is_left_out_and_texts_are_kept() -> None:
    card = read(flat(metadata={}, discounts={}, description="", taxConfig={"customInvoicing": {"code": "x"}}))
    price = {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}
    assert card == flat(description="", taxConfig={}, price=price)


def test_empty_metadata_stays_with_cards_by_usage() -> None:
    assert read(usage(metadata={}))["metadata"] == {}
    assert "metadata" not in read(usage(metadata=None))


def test_the_config_of_a_static_template_is_any_text() -> None:
    config = '{"a" : 1,  not json'
    card = read(flat(featureKey="fee", entitlementTemplate={"type": "static", "config": config}))
    assert card["entitlementTemplate"] == {"type": "static", "config": config}
    assert rate_cards.issues(card) == []


def test_what_no_draft_keeps_is_told_of_the_first_part_only() -> None:
    bad_template = {"type": "metered", "issueAfterResetPriority": 2, "usagePeriod": "PT5M"}
    cards = rate_cards.read_all(
        [flat(), usage(entitlementTemplate=bad_template, discounts={"usage": {"quantity": "-1"}})]
    )
    assert [issue.code for issue in rate_cards.refused_by_store(cards)] == [
        "entitlement_template_invalid_issue_after_reset_with_priority",
        "entitlement_template_usage_period_less_then_an_hour",
    ]
    assert [issue.field for issue in rate_cards.refused_by_store(cards)] == [
        "entitlementTemplate.issueAfterReset",
        "entitlementTemplate.usagePeriod",
    ]


def test_the_id_of_the_feature_is_not_shown() -> None:
    card = read(usage()) | {"featureId": "01"}
    assert rate_cards.shown(card) == read(usage())


@given(st.permutations([flat("a"), usage("b"), flat("c", billingCadence="PT1S"), usage("d", featureKey=None)]))
def test_the_order_of_cards_does_not_change_what_is_wrong(cards: list[dict[str, Any]]) -> None:
    issues = rate_cards.issues_of_all(rate_cards.read_all(cards))
    assert sorted((issue.field, issue.code) for issue in issues) == [
        ("ratecards[?(@.key=='c')].billingCadence", "billing_cadence_invalid_value"),
        ("ratecards[?(@.key=='d')].featureKey", "usage_based_price_with_no_feature"),
    ]
