"""The SQL and the Python reference agree on what stands at a path."""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devkit.embedded.domain.json_value import json_value, to_float
from devkit.embedded.domain.jsonpath import Elements, Member, Path, parse
from devkit.embedded.store.usage.json_sql import float_sql, text_sql

NAMES = ["a", "b c", "0", 'q"x', "back\\slash", "*", "", "it's", "é", "$", "a.b"]
TEXTS = ["", "null", "1", " 1", "1e-7", "1_0", "{", "[x", "12345678901234567890", "0.00001", "-", "+5", ".5", "5.",
         "NaN", "inf", "1e400", "é<&", 'a"b\\', "123e4567-e89b-12d3-a456-426614174000", "-1e-400"]  # fmt: skip


def go_number(number: float) -> str:
    """A double as Go's encoding/json prints it, which is how data is stored."""
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return f"{Decimal(repr(number)):f}".removesuffix(".0")
    mantissa, exponent = repr(number).split("e")
    return f"{mantissa}e{int(exponent):+d}"


numbers = st.one_of(
    st.integers(-(10**21), 10**21).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(1e14, 1e17),
    st.sampled_from([1e15, 1234567890123456.5, 1e20, 1e21, 1e-5, 1e-7, 0.0001, 2.0**63, 2.0**64, -(2.0**63), 0.1]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(TEXTS), st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
steps = st.one_of(
    st.sampled_from(NAMES).map(Member),
    st.integers(0, 4).map(lambda n: Elements(((n, n + 1),))),
    st.sampled_from(
        [Elements(((0, None),)), Elements(((0, 2),)), Elements(((3, 4), (0, 1))), Elements(((1, 100000),))]
    ),
)
paths = st.lists(steps, max_size=4).map(tuple)


def canonical(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{canonical(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return go_number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


class Engine:
    """A DuckDB that can be let go of, though Hypothesis keeps the arguments of a test for good."""

    def __init__(self) -> None:
        self._connections = [duckdb.connect()]

    def row(self, sql: str, *values: object) -> tuple[object, ...] | None:
        return self._connections[0].execute(sql, list(values)).fetchone()

    def close(self) -> None:
        self._connections.pop().close()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine()) as engine:
        yield engine


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values, path=paths)
@example(value={"a": [1.0, {"a": 2.0}]}, path=parse("$.a[*].a"))
@example(value=None, path=parse("$"))
@example(value={"*": {"": 5.0}}, path=(Member("*"), Member("")))
def test_sql_and_reference_agree(engine: Engine, value: object, path: Path) -> None:
    document = canonical(value)
    row = engine.row(
        f"SELECT {text_sql('data', path)}, {float_sql('data', path)} FROM (SELECT ?::VARCHAR AS data)", document
    )
    expected = json_value(document, path)
    assert row == (expected, to_float(expected))


@pytest.mark.parametrize("path", ["$", "$.a", "$.a[0]", "$.a[*].b"])
def test_data_may_be_empty(engine: Engine, path: str) -> None:
    row = engine.row(
        f"SELECT {text_sql('data', parse(path))}, {float_sql('data', parse(path))} FROM (SELECT '' AS data)"
    )
    assert row == ("", None)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_count_as_numbers_or_not_alike(engine: Engine, text: str) -> None:
    document = json.dumps({"v": text})
    row = engine.row(f"SELECT {float_sql('data', parse('$.v'))} FROM (SELECT ? AS data)", document)
    assert row == (to_float(text),)
