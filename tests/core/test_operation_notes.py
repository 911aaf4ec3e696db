"""Notes are read with a place for everything that is wrong in them."""

from pathlib import Path

import pytest

from devkit.core.errors import InputError
from devkit.core.operation_notes import OperationNote, load_notes


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "notes.yaml"
    file.write_text(text)
    return file


def test_notes_are_read(tmp_path: Path) -> None:
    notes = load_notes(
        written(
            tmp_path, "general: [One]\noperations:\n  a: {summary: Does it, gotchas: [Beware]}\n  b: {summary: B}\n"
        )
    )

    assert notes.general == ("One",)
    assert notes.operations == {"a": OperationNote("Does it", ("Beware",)), "b": OperationNote("B", ())}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[]", "1:1", "a mapping with general and operations belongs here"),
        ("operations: []", "1:13", "operations must be a mapping"),
        ("general: []\n", "1:1", "operations must be a mapping"),
        ("other: 1\noperations: {}\n", "1:8", "other is not known here"),
        ("operations:\n  a: text\n", "2:6", "a mapping with summary and gotchas belongs here"),
        ("operations:\n  a:\n    gotchas: []\n", "3:5", "summary of a must be one line"),
        (f"operations:\n  a:\n    summary: {'x' * 91}\n", "3:14", "at most 90 characters"),
        ("operations:\n  a:\n    summary: A\n    gotcha: []\n", "4:13", "gotcha is not known here"),
        ("operations:\n  a:\n    summary: A\n    gotchas: text\n", "4:14", "gotchas must be a list"),
        ("operations:\n  a:\n    summary: A\n    gotchas:\n      - x: y\n", "5:9", "one line of text belongs here"),
        ("operations:\n  a: {summary: A}\n  a: {summary: B}\n", "3:3", "the key 'a' stands here a second time"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str, message: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)

    with pytest.raises(InputError) as caught:
        load_notes(file)

    assert message in caught.value.message
    assert str(caught.value.place) == f"{file}:{place}"
