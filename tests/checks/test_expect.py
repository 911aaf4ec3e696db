"""Comparisons: they pass what is the same, and say in one sentence what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.checks import expect
from devkit.checks.outcomes import CheckFailed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def _same(left: Any, right: Any) -> bool:
    """Plain equality in which true is not 1."""
    return (
        repr(left) == repr(right)
        or (
            isinstance(left, dict)
            and isinstance(right, dict)
            and sorted(left) == sorted(right)
            and all(_same(left[key], right[key]) for key in left)
        )
        or (
            isinstance(left, list)
            and isinstance(right, list)
            and len(left) == len(right)
            and all(map(_same, left, right))
        )
    )


@given(JSON, JSON)
def test_equal_passes_exactly_what_is_the_same(left: Any, right: Any) -> None:
    if _same(left, right):
        expect.equal("it", left, right)
    else:
        with pytest.raises(CheckFailed):
            expect.equal("it", left, right)


@given(st.dictionaries(st.sampled_from("xyz"), JSON), st.dictionaries(st.sampled_from("uvw"), JSON))
def test_contains_ignores_other_fields(expected: dict[str, Any], more: dict[str, Any]) -> None:
    expect.contains("it", {**expected, **more}, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "sentence"),
    [
        (4, 3, "the row: expected 3, got 4"),
        (1, True, "the row: expected true, got 1"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "the row.a.b: expected 2, got 1"),
        ({}, {"a": 1}, "the row.a: expected 1, got no such field"),
        ({"a": 1}, {}, "the row.a: expected no such field, got 1"),
        ([1], [1, 2], "the row: expected 2 items, got 1 item: [1]"),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}], "the row[1].a: expected 3, got 2"),
        ("ab", ["a", "b"], 'the row: expected ["a", "b"], got "ab"'),
    ],
)
def test_the_sentence_names_the_place_and_both_values(actual: Any, expected: Any, sentence: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        expect.equal("the row", actual, expected)
    assert failed.value.sentence == sentence


def test_integers_and_floats_of_one_value_are_the_same() -> None:
    expect.equal("it", {"value": 3.0}, {"value": 3})


def test_absent_forbids_a_field() -> None:
    expect.contains("the meter", {"slug": "a"}, {"deletedAt": expect.ABSENT})
    with pytest.raises(CheckFailed, match=r"the meter\.deletedAt: expected no such field, got null"):
        expect.contains("the meter", {"deletedAt": None}, {"deletedAt": expect.ABSENT})


def test_a_missing_field_is_told_with_what_there_is() -> None:
    with pytest.raises(CheckFailed, match=r'the rows\[1\] has no field value: got \{"x": 1\}'):
        expect.fields("the rows", [{"value": 1}, {"x": 1}], "value")
    with pytest.raises(CheckFailed, match="the rows: expected an array, got null"):
        expect.fields("the rows", None, "value")


def test_same_items_counts_duplicates() -> None:
    expect.same_items("ids", ["b", "a", "a"], ["a", "b", "a"])
    with pytest.raises(CheckFailed):
        expect.same_items("ids", ["a", "b", "b"], ["a", "b", "a"])


def test_long_values_are_cut() -> None:
    assert len(expect.show("x" * 1000)) == expect.LONGEST_SHOWN
