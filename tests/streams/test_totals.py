"""The totals that are kept while generating equal those of adding up the events one by one."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.streams.generator import Generator
from devkit.streams.planning import Wish, plan_stream
from devkit.streams.semantics import number_of, property_of, text_of
from devkit.streams.totals import Row
from tests.streams.examples import METERS, NOW, events_of, oracle, second, stream

DAY = 86_400


def assert_equal(rows: Mapping[Row, tuple[float, ...]], expected: Mapping[Row, Any]) -> None:
    assert rows.keys() == expected.keys()
    for row, values in rows.items():
        wanted = expected[row]
        if isinstance(wanted, set):
            assert set(values) == wanted
        else:
            assert list(values) == pytest.approx([wanted])


@given(events=st.integers(1, 400), seed=st.integers(0, 5), batch=st.integers(1, 400), days=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_totals_equal_the_oracle(events: int, seed: int, batch: int, days: int) -> None:
    plan = plan_stream(stream(), NOW, Wish(events=events, seed=seed, over=days * DAY))
    generator = Generator(plan, METERS)
    list(generator.batches(batch))
    compared = [event for event in events_of(plan) if second(event) >= plan.compared_from]
    for meter, totals in zip(METERS, generator.totals.meters, strict=True):
        assert_equal(totals.rows(by_subject=True, by_group=True), oracle(meter, compared))


def test_coarser_totals_are_merged_from_finer_ones() -> None:
    plan = plan_stream(stream(), NOW)
    generator = Generator(plan, METERS)
    generator.count_only()
    compared = [{**event, "subject": "all"} for event in events_of(plan) if second(event) >= plan.compared_from]
    for meter, totals in zip(METERS, generator.totals.meters, strict=True):
        ungrouped = {key: value for key, value in meter.items() if key != "groupBy"}
        expected: dict[Row, Any] = {(None, groups): value for (_, groups), value in oracle(ungrouped, compared).items()}
        assert_equal(totals.rows(by_subject=False, by_group=False), expected)


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("100", "100", 100),
        (" 1", " 1", None),
        ("1e3", "1e3", 1000),
        ("NaN", "NaN", None),
        ("1e400", "1e400", None),
        ("0x10", "0x10", None),
        ("1_0", "1_0", None),
        (".5", ".5", 0.5),
        (True, "true", None),
        (False, "false", None),
        (2.0, "2", 2),
        (2.5, "2.5", 2.5),
        (1e-05, "1e-05", 1e-05),
        (12, "12", 12),
        ("", "", None),
    ],
)
def test_values_read_as_the_server_reads_them(value: object, text: str, number: float | None) -> None:
    assert text_of(value) == text
    assert number_of(value) == number


@pytest.mark.parametrize(
    ("path", "name"),
    [("$.a", "a"), ("$['a b']", "a b"), ('$["a"]', "a"), ('$."a"', "a"), ("$[a]", "a"), ("$.a.b", None), ("$", None)],
)
def test_paths_lead_to_top_level_properties(path: str, name: str | None) -> None:
    assert property_of(path) == name
