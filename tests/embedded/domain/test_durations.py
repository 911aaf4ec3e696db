"""Durations: how they read, print, add up and go together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.durations import HOUR, Duration, DurationError, aligned, parse

PARTS = st.integers(0, 400).map(Decimal)
DURATIONS = st.builds(Duration, PARTS, PARTS, PARTS, PARTS, PARTS, PARTS, PARTS)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("P1M", "P1M"),
        ("P12M", "P12M"),
        ("P1M0D", "P1M"),
        ("P1.5M", "P1.5M"),
        ("P0,5M", "P0.5M"),
        ("PT720H", "PT720H"),
        ("P1DT12H", "P1DT12H"),
        ("-P1M", "-P1M"),
        ("+P1W", "P1W"),
        ("P-1M", "-P1M"),
        ("P1M-5D", "P1M-5D"),
        ("PT0S", "P0D"),
        ("P0Y0D", "P0D"),
        ("P010D", "P10D"),
    ],
)
def test_durations_print_as_they_came_without_parts_that_are_zero(text: str, printed: str) -> None:
    assert str(parse(text)) == printed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "cannot parse a blank string as a period"),
        ("-", "cannot parse a blank string as a period"),
        ("monthly", "monthly: expected 'P' period mark at the start"),
        ("P", "P: expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator"),
        ("PT", "PT: expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator"),
        ("P1", "P1: missing designator at the end"),
        ("P0", "P0: missing designator at the end"),
        ("P1M ", "P1M : expected a number but found ' '"),
        ("PM", "PM: expected a number but found 'M'"),
        ("P1X", "P1X: expected a designator Y, M, W, D, H, or S not 'X'"),
        ("P1H", "P1H: 'H' designator cannot occur here"),
        ("PT1D", "PT1D: 'D' designator cannot occur here"),
        ("P1M1M", "P1M1M: 'M' designator cannot occur more than once"),
        ("P1DT1HT1M", "P1DT1HT1M: 'T' designator cannot occur more than once"),
        ("P1.5M2D", "P1.5M2D: 'M' & 'D' only the last field can have a fraction"),
        ("P--1M", "P--1M: number invalid or out of range"),
        ("P1.2.3M", "P1.2.3M: number invalid or out of range"),
        ("P99999999999999999999M", "P99999999999999999999M: number invalid or out of range"),
    ],
)
def test_a_text_that_is_no_duration_is_told_why(text: str, problem: str) -> None:
    with pytest.raises(DurationError) as refused:
        parse(text)
    assert str(refused.value) == f"failed to parse duration '{text}': {problem}"


@given(DURATIONS)
def test_what_is_printed_reads_as_the_same_duration(duration: Duration) -> None:
    assert parse(str(duration)) == duration


@given(DURATIONS)
def test_a_negative_duration_has_the_opposite_sign(duration: Duration) -> None:
    negated = -duration
    assert negated.sign == -duration.sign
    assert -negated == duration


@given(DURATIONS, DURATIONS)
def test_adding_keeps_the_length_on_every_calendar(one: Duration, other: Duration) -> None:
    for days, hours in ((28, 23), (31, 25)):
        lengths = [part.seconds_with(days_in_month=days, hours_in_day=hours) for part in (one, other, one + other)]
        assert lengths[0] + lengths[1] == lengths[2]


@given(DURATIONS)
def test_simpler_forms_have_the_same_length(duration: Duration) -> None:
    for form in (duration.normalised(), duration.simplified()):
        assert form.seconds_with(days_in_month=30, hours_in_day=24) == duration.seconds_with(
            days_in_month=30, hours_in_day=24
        )


@pytest.mark.parametrize(
    ("text", "sign"),
    [("PT1H", 0), ("PT60M", 0), ("PT59M", -1), ("PT30M", -1), ("PT90M", 1), ("P1D", 1), ("-P1D", -1), ("P0D", -1)],
)
def test_durations_compare_with_an_hour(text: str, sign: int) -> None:
    assert (parse(text) - HOUR).sign == sign


ALIGNED = {
    "P1M": ["P1M", "P3M", "P1Y", "P12M", "P1D", "PT1H", "P0.5M"],
    "P1W": ["P1D", "P2W", "P4W", "P7D", "P52W"],
    "P1Y": ["P1D", "P1M"],
    "P1D": ["PT1H"],
    "P2W": ["P14D"],
    "P4W": ["P28D"],
    "P6M": ["P18M"],
}
UNALIGNED = {
    "P1M": ["P1W", "P4W", "P30D", "P1M1D", "P1.5M", "PT2H", "PT90M", "PT24H"],
    "P1Y": ["P1W", "P365D", "P5M"],
    "P3M": ["P90D", "P2M"],
    "P4W": ["P6W"],
    "P6M": ["P26W"],
    "P1W": ["PT6H", "PT168H"],
    "P1D": ["PT24H"],
}


@pytest.mark.parametrize(("one", "other"), [(one, other) for one, others in ALIGNED.items() for other in others])
def test_cadences_that_divide_each_other_on_every_calendar_are_aligned(one: str, other: str) -> None:
    assert aligned(parse(one), parse(other))
    assert aligned(parse(other), parse(one))


@pytest.mark.parametrize(("one", "other"), [(one, other) for one, others in UNALIGNED.items() for other in others])
def test_other_cadences_are_not_aligned(one: str, other: str) -> None:
    assert not aligned(parse(one), parse(other))
    assert not aligned(parse(other), parse(one))


NUMBERS = st.integers(0, 10**19 - 1).map(str) | st.decimals(0, 10**9, places=9).map(lambda number: f"{number:f}")
TEXTS = st.builds(
    lambda sign, number, part: f"{sign}P{number}{part}", st.sampled_from(["", "-"]), NUMBERS, st.sampled_from("YMWD")
)
TIMES = NUMBERS.map(lambda number: f"PT{number}S")


@given(TEXTS | TIMES, TEXTS | TIMES)
def test_durations_of_any_size_are_compared(one: str, other: str) -> None:
    assert aligned(parse(one), parse(other)) is aligned(parse(other), parse(one))
    assert (parse(one) - HOUR).sign in (-1, 0, 1)


@given(TEXTS | TIMES)
def test_durations_of_any_size_are_kept(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)
    assert aligned(parse(text), parse(text))
