"""The end of a log, and what comes after, across rotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.tail import follow, last_lines


@given(lines=st.lists(st.text(alphabet="ab é", max_size=12), max_size=30), count=st.integers(0, 40))
def test_the_last_lines_are_the_end_of_all_lines(tmp_path_factory, lines, count):
    path = tmp_path_factory.mktemp("log") / "x.log"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert last_lines(path, count) == (lines[-count:] if count else [])


def test_lines_longer_than_a_block_are_whole(tmp_path):
    path = tmp_path / "x.log"
    long = "x" * 200_000
    path.write_text(f"first\n{long}\nlast\n")
    assert last_lines(path, 2) == [long, "last"]


def test_a_log_that_is_not_there_has_no_lines(tmp_path):
    assert last_lines(tmp_path / "none", 5) == []


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("old\n")
    return path


def test_following_tells_what_is_added_and_only_that(log):
    added = follow(log)
    with log.open("a") as file:
        file.write("one\ntw")
    first = next(added)
    with log.open("a") as file:
        file.write("o\n")
    assert [first, next(added)] == ["one", "two"]


def test_following_goes_on_in_the_new_file_after_a_rotation(log):
    added = follow(log)
    with log.open("a") as file:
        file.write("one\n")
    assert next(added) == "one"
    log.rename(log.with_suffix(".log.1"))
    log.write_text("two\n")
    assert next(added) == "two"
