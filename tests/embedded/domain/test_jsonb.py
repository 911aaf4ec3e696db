"""JSON comes back from jsonb in its own form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.jsonb import normalised

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        (' {"b":{"z":1,"aa":2},"a":1.50} ', '{"a": 1.50, "b": {"z": 1, "aa": 2}}'),
        ('{"a":1,"a":2}', '{"a": 2}'),
        ('{"bb":1,"c":2,"é":3}', '{"c": 2, "bb": 1, "é": 3}'),
        ("[1e2,-0,1.5e-3,0.10]", "[100, 0, 0.0015, 0.10]"),
        ('"\\u00e9\\n\\u0001\\/"', '"é\\n\\u0001/"'),
        ("null", "null"),
        ("[ ]", "[]"),
    ],
)
def test_the_form_of_jsonb(given_text: str, kept: str) -> None:
    assert normalised(given_text) == kept


@given(values)
def test_the_value_stays_and_the_form_is_final(value: object) -> None:
    kept = normalised(json.dumps(value))
    assert json.loads(kept) == value
    assert normalised(kept) == kept


@pytest.mark.parametrize("text", ["", "{seats: 5}", "NaN", "[1", "'x'", "1 2"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra data|no JSON"):
        normalised(text)


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\ud800"', "1e999999"])
def test_what_a_database_cannot_hold_is_a_failure(text: str) -> None:
    with pytest.raises(InternalFailure):
        normalised(text)
