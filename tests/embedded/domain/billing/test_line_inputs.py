"""Lines as requests give them."""

from typing import Any

import pytest

from devkit.embedded.domain.billing import line_inputs
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed

JANUARY = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
FEE = {"type": "flat", "amount": "10.50", "paymentTerm": "in_advance"}
UNIT = {"type": "unit", "amount": "1"}


def given(price: Any = FEE, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Line",
        "period": JANUARY,
        "invoiceAt": "2025-02-01T00:00:00Z",
        "rateCard": {"price": price},
    } | changes


def card(price: Any, **more: Any) -> dict[str, Any]:
    return {"rateCard": {"price": price, **more}}


def read(body: dict[str, Any]) -> dict[str, Any]:
    return line_inputs.read(body, new_id=lambda: "made")


def test_a_line_keeps_what_the_body_decides() -> None:
    usage = card(UNIT, featureKey="tokens", taxConfig={"behavior": "inclusive"})

    assert read(given(description="Text", metadata={"a": "1"}) | usage) == {
        "name": "Line",
        "description": "Text",
        "metadata": {"a": "1"},
        "period": JANUARY,
        "invoiceAt": "2025-02-01T00:00:00Z",
        "price": UNIT,
        "featureKey": "tokens",
        "taxConfig": {"behavior": "inclusive"},
    }


def test_the_deprecated_form_means_the_same() -> None:
    old = {name: value for name, value in given().items() if name != "rateCard"} | {"price": FEE}

    assert read(old) == read(given())


def test_times_are_whole_seconds_of_utc() -> None:
    period = {"from": "2025-01-01T01:00:00.9+01:00", "to": "2025-01-31T19:00:00-05:00"}
    line = read(given(period=period, invoiceAt="2025-02-01T05:30:00.123456+05:30"))

    assert line["period"] == JANUARY
    assert line["invoiceAt"] == "2025-02-01T00:00:00Z"


def test_a_date_that_does_not_exist_is_no_refusal_of_openmeter() -> None:
    with pytest.raises(InternalFailure):
        read(given(invoiceAt="2025-02-30T00:00:00Z"))


def test_discounts_without_a_correlation_get_one() -> None:
    discounts = {"percentage": {"percentage": 10}, "usage": {"quantity": "5.0", "correlationId": "own"}}
    line = read(given() | card(UNIT, featureKey="tokens", discounts=discounts))

    assert line["discounts"] == {
        "percentage": {"percentage": 10, "correlationId": "made"},
        "usage": {"quantity": "5", "correlationId": "own"},
    }


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (given(None), "price is required"),
        (given(UNIT), "featureKey is required"),
        (given(FEE) | {"price": UNIT}, "price and rateCard.price must be equal"),
        (
            given(taxConfig={"behavior": "inclusive"}) | card(FEE, taxConfig={"behavior": "exclusive"}),
            "taxConfig must be equal to rateCard.taxConfig",
        ),
        (given(featureKey="a") | card(UNIT, featureKey="b"), "featureKey must be equal to rateCard.featureKey"),
        (
            given() | card(FEE, discounts={"usage": {"quantity": "1"}}),
            (
                "invalid rateCard.discounts: validation error: usage: "
                "validation error: usage discount is not supported for flat price"
            ),
        ),
        (
            given() | card(UNIT, featureKey="a", discounts={"usage": {"quantity": "-1"}}),
            (
                "invalid rateCard.discounts: validation error: usage: "
                "validation error: validation error: usage must be greater than 0"
            ),
        ),
    ],
)
def test_what_cannot_be_mapped_is_refused(body: dict[str, Any], problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)

    assert refused.value.detail == f"failed to map usage based line: {problem}"


def test_all_lines_that_cannot_be_mapped_are_told() -> None:
    with pytest.raises(Malformed) as refused:
        line_inputs.read_all([given(UNIT), given(), given(None)], new_id=lambda: "made")

    assert refused.value.detail == (
        "failed to map lines: failed to map usage based line: featureKey is required\n"
        "failed to map usage based line: price is required"
    )


def test_sound_lines_have_no_problems() -> None:
    assert line_inputs.problems_of("USD", [read(given())]) == ""


def test_problems_are_told_with_the_number_of_their_line() -> None:
    backwards = {"from": JANUARY["to"], "to": JANUARY["from"]}
    lines = [read(given()), read(given(FEE | {"amount": "-1"}, period=backwards))]

    assert line_inputs.problems_of("USD", lines) == (
        "line.1: service period: from must be before to\nprice: validation error: the Amount must not be negative"
    )


def test_the_zero_time_of_go_is_no_time() -> None:
    line = read(given(invoiceAt="0001-01-01T00:00:00Z"))

    assert line_inputs.problems_of("USD", [line]) == "line.0: invoice at is required"


def test_an_empty_description_is_one_and_empty_metadata_are_none() -> None:
    line = read(given(description="", metadata={}))

    assert line["description"] == ""
    assert "metadata" not in line


def test_an_unknown_currency_is_a_problem_of_the_body_and_of_each_line() -> None:
    assert line_inputs.problems_of("XXQ", [read(given())]) == (
        "currency: invalid fiat currency code: XXQ\nline.0: currency: invalid fiat currency code: XXQ"
    )


def test_a_fee_must_say_when_it_is_paid() -> None:
    usage = read(given() | card(UNIT, featureKey="tokens"))
    with pytest.raises(Invalid) as refused:
        line_inputs.check_payment_terms([usage, read(given({"type": "flat", "amount": "1"}))])

    text = "intents: validation error: [1]: validation error: validation error: invalid payment term "
    assert refused.value.detail == text
