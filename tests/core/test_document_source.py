"""YAML and JSON documents that know where their values stand."""

from pathlib import Path

import pytest

from devkit.core.document_source import decode_document, read_document
from devkit.core.errors import InputError, UsageError


def test_plain_scalars_follow_yaml_1_2() -> None:
    source = decode_document(
        b"a: no\nb: 2024-01-01\nc: 12\nd: 1.5\ne: ~\nf: true\ng: 12:30\nh: 1e3\ni: .5\n", file="f.yaml"
    )

    assert source.value == {
        "a": "no",
        "b": "2024-01-01",
        "c": 12,
        "d": 1.5,
        "e": None,
        "f": True,
        "g": "12:30",
        "h": 1000.0,
        "i": 0.5,
    }


@pytest.mark.parametrize(
    "raw", [b"a:\n  - b: 1\n    c: 2\n", b'{"a":\n  [{"b": 1,\n    "c": 2}]}', b'{"a":\n\t[{"b": 1,\n\t  "c": 2}]}']
)
def test_a_place_is_where_the_value_stands(raw: bytes) -> None:
    place = decode_document(raw, file="f").place("a", 0, "c")

    assert place.line == 3


def test_the_place_of_what_is_not_there_is_its_nearest_holder() -> None:
    source = decode_document(b"a:\n  b: 1\n", file="f.yaml")

    assert str(source.place("a", "missing", "deeper")) == "f.yaml:2:3"


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (b"a: 1\nb: [1,", "f:3:1", "not valid YAML"),
        (b"a: 1\nb: 2\na: 3\n", "f:3:1", "the key 'a' stands here a second time; first in line 1"),
        (b'{"a": 1,\n "b": }', "f:2:7", "no valid JSON"),
        (b"a: b\nc: \xff\n", "f:2:4", "not UTF-8 (byte 0xff)"),
        (b"a: !!python/object:os.system {}", "f:1:4", "is not supported"),
        (b"a: 1\n---\nb: 2\n", "f:2:1", "a second document starts here"),
        (b"[" * 100_000, "f", "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "f", "no valid JSON"),
        (b"a: \x00", "f:1:4", "holds the control character"),
    ],
)
def test_malformed_input_is_refused_with_its_place(raw: bytes, place: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_document(raw, file="f")

    assert str(caught.value.place) == place
    assert message in caught.value.message


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_document(tmp_path / "nothing.yaml")
    with pytest.raises(UsageError, match="cannot read"):
        read_document(tmp_path)


def test_an_empty_file_is_nothing() -> None:
    assert decode_document(b"", file="f").value is None
