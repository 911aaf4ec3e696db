"""Forms as Stripe nests them."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.forms import decode

NAMES = st.text("abc_", min_size=1, max_size=4)
NESTED = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, min_size=1, max_size=12) | st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=20,
)


def encoded(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(name, value)]
    members = enumerate(value) if isinstance(value, list) else value.items()
    return [pair for key, one in members for pair in encoded(one, f"{name}[{key}]")]


@given(st.dictionaries(NAMES, NESTED, max_size=4))
def test_what_is_encoded_is_decoded(value: dict[str, Any]) -> None:
    pairs = [pair for name, one in value.items() for pair in encoded(one, name)]
    assert decode(urlencode(pairs)) == value


def test_lists_need_no_numbers() -> None:
    assert decode("a[]=1&a[]=2&b[c][]=3") == {"a": ["1", "2"], "b": {"c": ["3"]}}


def test_a_text_is_no_object() -> None:
    with pytest.raises(StripeError, match=r"Invalid object: a\[b\]"):
        decode("a=1&a[b]=2")
