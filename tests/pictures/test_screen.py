"""What a terminal shows in the end is read out of what was painted over it."""

import pytest

from tests.pictures.screen import screen

UP_AND_CLEAR = "\x1b[1A\x1b[2K"


def test_lines_follow_each_other() -> None:
    assert screen("one\r\ntwo\r\n") == "one\ntwo"


def test_what_was_painted_over_is_gone() -> None:
    painted = f"first  1\r\nsecond 1\r\x1b[2K{UP_AND_CLEAR}first  2\r\nsecond 2\r\nthe end\r\n"

    assert screen(painted) == "first  2\nsecond 2\nthe end"


def test_text_after_a_return_takes_the_place_of_the_line() -> None:
    assert screen("10 %\r20 %\r\n") == "20 %"


def test_colours_stay_also_in_the_first_line_that_is_painted_again() -> None:
    assert screen("old\r\x1b[2K\x1b[32mnew\x1b[0m\r\n") == "\x1b[32mnew\x1b[0m"


def test_a_hidden_cursor_leaves_nothing_behind() -> None:
    assert screen("\x1b[?25lbusy\r\x1b[2Kdone\x1b[?25h") == "done"


@pytest.mark.parametrize("unknown", ["\x1b[5;5H", "\x1b]0;title\x07", "text\x1b"])
def test_what_is_not_known_is_refused(unknown: str) -> None:
    with pytest.raises(ValueError, match="control sequence"):
        screen(unknown)
