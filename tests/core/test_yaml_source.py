"""YAML trees: values, places and the limits."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from devkit.core import yaml_source
from devkit.core.errors import InputError
from devkit.core.yaml_source import load, parse


def message(raw: bytes | str) -> str:
    with pytest.raises(InputError) as caught:
        parse(raw, "f.yaml")
    return caught.value.message


def test_plain_scalars_follow_yaml_1_2() -> None:
    text = (
        "[yes, no, on, 2026-01-01, 12:30, 0x10, 1_000, 017, true, null, ~, 1, -2, 1.5, 1e3, .5, '1', \"true\", 1e999]"
    )
    expected = ["yes", "no", "on", "2026-01-01", "12:30", "0x10", "1_000", 17]
    expected += [True, None, None, 1, -2, 1.5, 1000.0, 0.5, "1", "true", "1e999"]
    assert parse(text, "f").plain() == expected


def test_every_key_and_value_knows_its_line_and_column() -> None:
    tree = parse("a: 1\nb:\n  - x\n  - {c: é, d: 2}\n", "f.yaml")
    assert str(tree.keys["b"]) == "f.yaml:2:1"
    assert str(tree.at("b", 1, "d").place) == "f.yaml:4:15"
    assert str(tree.at("b", 1).keys["d"]) == "f.yaml:4:12"
    assert str(tree.at("b", 7, "nowhere").place) == "f.yaml:3:3", "as near as the file goes"


def test_aliases_and_merges_are_followed_and_own_keys_win() -> None:
    tree = parse("base: &base {k: 1, m: 2}\nderived: {<<: *base, m: 3}\nagain: *base\n", "f")
    assert tree.plain() == {"base": {"k": 1, "m": 2}, "derived": {"k": 1, "m": 3}, "again": {"k": 1, "m": 2}}


def test_an_empty_document_is_null() -> None:
    assert parse("", "f").plain() is None
    assert parse("# nothing\n", "f").plain() is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a: 1\na: 2", "f.yaml:2:1: the key 'a' stands here a second time; first in line 1"),
        ("a:\n\t- b", "f.yaml:2:1: a tab stands where YAML wants spaces"),
        ("a: *b", "f.yaml:1:4: an alias refers to nothing that stands above"),
        ("&a [*a]", "f.yaml:1:5: an alias refers to nothing that stands above"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: a tag is not supported"),
        ("a: 1\n---\nb: 1", "f.yaml:2:1: a second document starts here"),
        ("[" * 100_000, "f.yaml:1:42: nested deeper than 40 levels"),
        (b"ok: 1\na: \xff", "f.yaml:2:4: not UTF-8 (byte 0xff)"),
        ("a: \x00", "f.yaml:1:4: holds the control character '\\x00'"),
        ("? [a]\n: b", "f.yaml:1:3: a key must be plain text"),
        ("<<: 1", "f.yaml:1:5: << merges one mapping"),
        ("a: b: c", "f.yaml:1:5: not valid YAML"),
        ("a: [1, 2", "f.yaml:2:1: not valid YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(raw: bytes | str, expected: str) -> None:
    assert expected in message(raw)


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "values once its aliases are followed" in message("\n".join(lines))


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(yaml_source, "LARGEST_FILE", 1024 * 1024)
    path = tmp_path / "large.yaml"
    path.write_text("a: " + "x" * 1024 * 1024)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        load(path)


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shown\.yaml: cannot be read \(No such file"):
        load(tmp_path / "no.yaml", name="shown.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse(b"\xef\xbb\xbfa: 1", "f").plain() == {"a": 1}


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_an_input_error(raw: bytes) -> None:
    try:
        parse(raw, "f").plain()
    except InputError as error:
        assert error.message.startswith("f:")  # noqa: PT017 - most inputs are fine


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(codec="utf-8", categories=["L", "N", "P"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4),
    max_leaves=15,
)


@given(_JSON)
def test_what_yaml_writes_is_read_back(value: object) -> None:
    quoted = (
        yaml.dump(value, default_style='"', allow_unicode=True, Dumper=yaml.SafeDumper)
        if isinstance(value, str)
        else None
    )
    import json

    assert parse(quoted or json.dumps(value, ensure_ascii=False), "f").plain() == value
