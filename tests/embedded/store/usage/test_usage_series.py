"""Running totals against plain sums."""

from math import fsum

from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.embedded.store.usage.usage_series import UsageSeries

rows = st.lists(st.tuples(st.integers(-5, 60), st.floats(-1e9, 1e9)), max_size=40)
bounds = st.tuples(st.integers(-6, 61), st.integers(-6, 61)).map(sorted)


def series(found: list[tuple[int, float]], *, batches: int = 3) -> UsageSeries:
    """Rows added in some batches, numbered as they come."""
    made = UsageSeries()
    numbered = [(time, seq, value) for seq, (time, value) in enumerate(found)]
    size = max(1, len(numbered) // batches)
    for first in range(0, len(numbered), size):
        made.add(sorted(numbered[first : first + size]))
    return made


@given(rows, bounds)
def test_a_stretch_is_what_its_rows_make(found: list[tuple[int, float]], between: list[int]) -> None:
    start, end = between
    inside = [value for time, value in found if start <= time < end]
    made = series(found)
    assert made.sum(start, end) == fsum(inside)
    assert made.count(start, end) == len(inside)
    assert made.values(start, end) == set(inside)


@given(rows, bounds)
def test_the_latest_is_the_first_one_of_the_last_second(found: list[tuple[int, float]], between: list[int]) -> None:
    start, end = between
    inside = [(time, -seq, value) for seq, (time, value) in enumerate(found) if start <= time < end]
    newest = max(inside, default=None)
    latest = series(found).latest(start, end)
    assert (latest and (latest[0], -latest[1], latest[2])) == newest


@settings(max_examples=15)
@given(st.lists(st.integers(0, 10_000), min_size=600, max_size=900), bounds)
def test_long_stretches_come_from_running_totals(thousandths: list[int], between: list[int]) -> None:
    found = [(number % 60, thousandth / 1000) for number, thousandth in enumerate(thousandths)]
    start, end = between
    inside = [value for time, value in found if start <= time < end]
    assert abs(series(found).sum(start, end) - fsum(inside)) <= 1e-12 * fsum(inside)


def test_large_values_hide_no_small_ones() -> None:
    found = [(0, 1e300), *((number, 1.0) for number in range(1, 1001))]
    assert series(found).sum(1, 2000) == 1000.0
    assert series([(0, 1.7e308), (1, 1.7e308)]).sum(0, 2) == float("inf")
