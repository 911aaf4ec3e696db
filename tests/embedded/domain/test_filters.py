from typing import Any

import duckdb
import pytest

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.filters import all_of, string_condition, string_problem, time_condition, time_problem

TEXTS = ["", "gpt-4", "GPT-4", "gpt-4o", "o'neil\\100%_", "a\nb", "Ä", "ä", "null"]


def matching(filter_: dict[str, Any]) -> list[str]:
    condition = string_condition("t", filter_)
    sql = "SELECT t FROM (SELECT unnest(?::VARCHAR[]) AS t)" + (f" WHERE {condition.sql}" if condition else "")
    with duckdb.connect() as connection:
        return [t for (t,) in connection.execute(sql, [TEXTS, *(condition.values if condition else ())]).fetchall()]


@pytest.mark.parametrize(
    ("filter_", "texts"),
    [
        ({"$eq": "gpt-4"}, ["gpt-4"]),
        ({"$ne": "gpt-4"}, [t for t in TEXTS if t != "gpt-4"]),
        ({"$in": ["gpt-4", "ä"]}, ["gpt-4", "ä"]),
        ({"$in": []}, []),
        ({"$nin": ["gpt-4"]}, [t for t in TEXTS if t != "gpt-4"]),
        ({"$nin": []}, TEXTS),
        ({"$like": "gpt%"}, ["gpt-4", "gpt-4o"]),
        ({"$nlike": "%"}, []),
        ({"$like": "gpt-4_"}, ["gpt-4o"]),
        ({"$like": r"%100\%\_"}, ["o'neil\\100%_"]),
        ({"$like": r"o'neil\1%"}, ["o'neil\\100%_"]),
        ({"$like": "a%b"}, ["a\nb"]),
        ({"$ilike": "GPT-4%"}, ["gpt-4", "GPT-4", "gpt-4o"]),
        ({"$ilike": "Ä"}, ["Ä"]),
        ({"$nilike": "g%"}, [t for t in TEXTS if not t.lower().startswith("g")]),
        ({"$gt": "null"}, ["o'neil\\100%_", "Ä", "ä"]),
        ({"$gte": "null"}, ["o'neil\\100%_", "Ä", "ä", "null"]),
        ({"$lt": "GPT-4"}, [""]),
        ({"$lte": "GPT-4"}, ["", "GPT-4"]),
        ({"$and": [{"$gt": "a"}, {"$lt": "gpt-4o"}]}, ["gpt-4", "a\nb"]),
        ({"$or": [{"$eq": "ä"}, {}, {"$and": [{"$eq": ""}]}]}, ["", "ä"]),
        ({"$and": []}, TEXTS),
        ({"$or": [{"$and": []}]}, TEXTS),
        ({}, TEXTS),
        ({"$regex": "x", "$eq": None}, TEXTS),
    ],
)
def test_string_filters_choose(filter_: dict[str, Any], texts: list[str]) -> None:
    assert matching(filter_) == texts


@pytest.mark.parametrize(
    ("filter_", "depth", "problem"),
    [
        ({"$eq": "a", "$ne": "b"}, 1, "filter is invalid: multiple operators are set"),
        ({"$eq": "a", "$other": "b"}, 1, None),
        ({"$eq": ""}, 1, "filter is invalid: format mismatch"),
        ({"$in": ["a", ""]}, 1, "filter is invalid: format mismatch"),
        ({"$and": [{"$eq": "a"}, {"$like": ""}]}, 1, "filter is invalid: format mismatch"),
        ({"$and": [{"$or": []}]}, 1, "filter complexity exceeds maximum allowed depth"),
        ({"$and": [{"$or": []}]}, 2, None),
        ({"$or": [{"$eq": "a"}]}, 1, None),
    ],
)
def test_what_is_wrong_with_a_string_filter(filter_: dict[str, Any], depth: int, problem: str | None) -> None:
    assert string_problem(filter_, depth) == problem


def test_time_filters_cut_fractions_off_and_know_no_equality() -> None:
    filter_ = {"$and": [{"$gte": "2024-01-01T00:00:00.9Z"}, {"$lt": "2024-01-01T01:00:10+01:00"}]}
    condition = time_condition("t", filter_)
    assert condition is not None
    assert condition.sql == "(t >= ? AND t < ?)"
    assert condition.values == (1704067200, 1704067210)
    assert time_condition("t", {"$eq": "2024-01-01T00:00:00Z"}) is None
    assert time_problem({"$gt": "x", "$lt": "y"}) == "filter is invalid: multiple operators are set"


def test_conditions_join_with_their_values_in_order() -> None:
    parts = [string_condition("a", {"$eq": "1"}), string_condition("b", {"$gt": "2"})]
    joined = all_of([part for part in parts if part])
    assert (joined.sql, joined.values) == ("a = ? AND b > ?", ("1", "2"))
    assert all_of([]).sql == "true"


def test_a_pattern_that_ends_in_an_escape_fails_as_it_does_in_clickhouse() -> None:
    with pytest.raises(InternalFailure):
        string_condition("v", {"$like": "a\\"})
    assert string_condition("v", {"$like": "a\\\\"}) is not None
