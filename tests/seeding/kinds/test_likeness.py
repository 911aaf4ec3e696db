"""What means the same, and where two values part."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.seeding.kinds.likeness import apart, covers
from devkit.seeding.kinds.rate_card import same


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("10.00", "10"),
        (10, "10.0"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
        ("MONTH", "P1M"),
        ("PT0S", "P0D"),
        ("P0Y1M", "P1M"),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([{"key": "a"}, {"key": "b"}], [{"key": "b"}, {"key": "a"}]),
        ({}, None),
        ("NaN", "NaN"),
    ],
)
def test_the_same_in_other_words_is_no_difference(wanted: Any, there: Any) -> None:
    assert covers(wanted, there)


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ({"a": {"b": "1"}}, {"a": {"b": "2"}}, [(".a.b", "2", "1")]),
        ([{"key": "a", "n": 1}], [{"key": "a", "n": 2}], [("[a].n", 2, 1)]),
        ([{"key": "a"}], [], [("[a]", None, {"key": "a"})]),
        ([], [{"key": "a"}], [("[a]", {"key": "a"}, None)]),
        ([1, 2], [1], [("", [1], [1, 2])]),
        ([1, 2], [1, 3], [("[1]", 3, 2)]),
        ({"a": 1}, {"a": 1, "discounts": {"x": 1}}, [(".discounts", {"x": 1}, None)]),
        ({"a": 1}, None, [("", None, {"a": 1})]),
        (True, "true", [("", "true", True)]),
        ("P1M", "P12M", [("", "P12M", "P1M")]),
    ],
)
def test_differences_are_told_as_deep_down_as_can_be(wanted: Any, there: Any, expected: list[Any]) -> None:
    assert list(apart("", wanted, there)) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("key", "metadata", "a")), inner),
    max_leaves=8,
)


@given(JSON)
def test_whatever_it_is_it_covers_itself(value: Any) -> None:
    assert covers(value, value)


def flat(**fields: Any) -> dict[str, Any]:
    return {"type": "flat_fee", "key": "a", "name": "A", **fields}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (flat(), flat(billingCadence=None, price=None)),
        (
            flat(price={"type": "flat", "amount": "1"}),
            flat(price={"type": "flat", "amount": "1", "paymentTerm": "in_advance"}),
        ),
        (
            flat(price={"type": "dynamic", "multiplier": "1.0"}),
            flat(price={"type": "dynamic"}),
        ),
        (
            flat(billingCadence="P1M", entitlementTemplate={"type": "metered", "issueAfterReset": 1}),
            flat(
                billingCadence="P1M",
                entitlementTemplate={
                    "type": "metered",
                    "issueAfterReset": 1,
                    "isSoftLimit": False,
                    "usagePeriod": "P1M",
                },
            ),
        ),
        (
            flat(price={"type": "tiered", "tiers": [{"unitPrice": {"amount": "1"}}]}),
            flat(
                price={"type": "tiered", "tiers": [{"unitPrice": {"type": "unit", "amount": "1"}, "flatPrice": None}]}
            ),
        ),
        (flat(taxConfig={"stripe": {"code": "x"}}), flat(taxConfig={"stripe": {"code": "x"}, "taxCodeId": "y"})),
    ],
)
def test_what_openmeter_assumes_is_no_difference_of_rate_cards(ours: Any, theirs: Any) -> None:
    assert same([ours], [theirs])


@pytest.mark.parametrize(
    "changed",
    [
        flat(price={"type": "flat", "amount": "1", "paymentTerm": "in_arrears"}),
        flat(price={"type": "flat", "amount": "2", "paymentTerm": "in_advance"}),
        flat(price={"type": "flat", "amount": "1", "paymentTerm": "in_advance"}, billingCadence="P1M"),
        flat(price={"type": "flat", "amount": "1", "paymentTerm": "in_advance"}, metadata={"a": "b"}),
        flat(price={"type": "flat", "amount": "1", "paymentTerm": "in_advance"}, featureKey="a"),
    ],
)
def test_what_differs_in_rate_cards_is_seen(changed: Any) -> None:
    assert not same([flat(price={"type": "flat", "amount": "1"})], [changed])
