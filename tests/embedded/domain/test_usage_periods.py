"""Usage periods: cut at the start of measurement and at resets, which may move the anchor."""

from typing import Any

import pytest

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.usage_periods import UsagePeriods, of_entitlement

MONTHLY = {"anchor": "2025-01-01T00:00:00Z", "interval": "MONTH", "intervalISO": "P1M"}


def periods(*resets: tuple[str, str], measured: str = "2025-01-10T00:00:00Z", **usage_period: Any) -> UsagePeriods:
    found = [{"at": f"2025-{at}T00:00:00Z", "anchor": f"2025-{anchor}T00:00:00Z"} for at, anchor in resets]
    return of_entitlement({"usagePeriod": MONTHLY | usage_period, "measureUsageFrom": measured, "resets": found})


def at(found: UsagePeriods, moment: str) -> tuple[str, str]:
    start, end = found.period_at(instant(f"2025-{moment}T00:00:00Z"))
    return text_of(start)[5:10], text_of(end)[5:10]


def starts(found: UsagePeriods, first: str, last: str) -> list[str]:
    moments = found.resets(instant(f"2025-{first}T00:00:00Z"), instant(f"2025-{last}T00:00:00Z"))
    return [text_of(moment)[5:10] for moment in moments]


def test_the_first_period_begins_with_measurement_even_for_earlier_times() -> None:
    assert at(periods(), "01-20") == at(periods(), "01-02") == ("01-10", "02-01")
    assert at(periods(), "02-01") == ("02-01", "03-01")


def test_a_reset_cuts_the_period_and_moves_the_anchor_or_keeps_it() -> None:
    moved = periods(("01-20", "01-20"))
    assert [at(moved, "01-15"), at(moved, "01-20"), at(moved, "02-25")] == [
        ("01-10", "01-20"),
        ("01-20", "02-20"),
        ("02-20", "03-20"),
    ]
    kept = periods(("01-20", "01-01"))
    assert [at(kept, "01-20"), at(kept, "02-25")] == [("01-20", "02-01"), ("02-01", "03-01")]


def test_resets_are_all_starts_of_periods_and_the_very_first_one() -> None:
    assert starts(periods(), "01-10", "03-01") == ["01-10", "02-01", "03-01"]
    assert starts(periods(), "02-01", "02-20") == ["01-10", "02-01"]
    assert starts(periods(), "02-02", "02-20") == ["01-10"]
    assert starts(periods(("01-20", "01-20"), ("02-25", "01-20")), "01-10", "04-01") == [
        "01-10",
        "01-20",
        "02-20",
        "02-25",
        "03-20",
    ]


def test_without_measurement_the_anchor_is_the_first_start() -> None:
    static = of_entitlement({"usagePeriod": MONTHLY})
    assert at(static, "03-05") == ("03-01", "04-01")


def test_there_is_an_end_to_the_periods_that_are_gone_through() -> None:
    hourly = periods(measured="1950-01-01T00:00:00Z", interval="PT1H", intervalISO="PT1H")
    with pytest.raises(Invalid):
        hourly.resets(instant("1950-01-01T00:00:00Z"), instant("2025-01-01T00:00:00Z"))
