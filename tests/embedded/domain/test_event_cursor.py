import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.event_cursor import Cursor, decode, of_row
from devkit.embedded.domain.ulid import encode

instants = st.integers(0, 4_000_000_000)
numbers = st.integers(0, 1 << 62)


@given(instants, instants, numbers)
def test_a_cursor_comes_back(time: int, stored_at: int, seq: int) -> None:
    cursor = decode(of_row(time, stored_at, seq))
    assert cursor.time == time
    assert cursor.bound() == (stored_at, seq)
    assert cursor.problems() == []


@given(instants, numbers, st.one_of(st.text(max_size=30), st.text(alphabet="0123456789ABCDXYZaUI", max_size=30)))
def test_rows_are_told_apart_as_their_ids_compare_as_text(stored_at: int, seq: int, row: str) -> None:
    smaller = encode(stored_at * 1000, seq) < row
    assert ((stored_at, seq) < Cursor(0, row).bound()) == smaller


def text_of(content: str) -> str:
    return base64.b64encode(content.encode()).decode()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "text is empty"),
        ("???", "decode cursor: illegal base64 data at input byte 0"),
        ("aGV=bG8=", "decode cursor: illegal base64 data at input byte 4"),
        ("aGVsbG8", "decode cursor: illegal base64 data at input byte 4"),
        ("a===", "decode cursor: illegal base64 data at input byte 1"),
        ("aGV", "decode cursor: illegal base64 data at input byte 0"),
        (text_of("hello"), "cursor is invalid: no delimiter found"),
        (
            text_of("yesterday,x"),
            (
                'parse cursor timestamp: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": '
                'cannot parse "yesterday" as "2006"'
            ),
        ),
    ],
)
def test_what_is_no_cursor_is_refused_in_openmeters_words(text: str, complaint: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decode(text)
    assert refusal.value.detail == complaint


def test_an_empty_id_is_a_problem_of_its_own() -> None:
    assert decode(text_of("2024-01-01T00:00:00Z,")).problems() == ["cursor id is empty"]
