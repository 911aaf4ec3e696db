"""A run as plain lines: one for each step that ends, messages at once, counts now and then."""

import io
import itertools

from devkit.cli.plain import PlainLines
from devkit.core.progress import Event, RunStarted, StepDone, StepFailed, StepProgress, StepSkipped, StepStarted


def told(*events: Event, seconds_between: float = 0) -> list[str]:
    """The lines of a run with the steps `one` and `longer`."""
    stream, now = io.StringIO(), itertools.count(100.0, seconds_between)
    lines = PlainLines(stream, clock=lambda: next(now))
    for event in (RunStarted("test", ("one", "longer")), *events):
        lines.hear(event)
    return stream.getvalue().splitlines()


def test_steps_that_changed_something_are_told_from_those_that_did_not():
    made, there = StepDone("one", "made", changed=True, seconds=1.26), StepDone("longer", "there", False, 0.001)
    assert told(made, there) == ["done  one     made  (1.3 s)", "ok    longer  there"]


def test_a_step_that_was_left_out_says_why():
    assert told(StepSkipped("one", "not asked for")) == ["skip  one     not asked for"]


def test_a_failed_step_leaves_the_error_to_the_error():
    assert told(StepFailed("one", "the cause", "hint", ("evidence",), 2.0)) == ["FAIL  one     failed  (2.0 s)"]


def test_messages_come_at_once():
    assert told(StepStarted("one"), StepProgress("one", "waiting")) == ["      one: waiting"]


def test_counts_come_now_and_then():
    counts = [StepProgress("one", "sending", done, 3000, "events") for done in (1000, 2000, 3000)]
    assert told(StepStarted("one"), *counts, seconds_between=0) == []
    assert told(StepStarted("one"), *counts, seconds_between=3)[0] == "      one: sending  2,000 of 3,000 events"


def test_events_of_steps_that_were_not_announced_are_left_out():
    assert told(StepDone("unknown", "x", changed=True, seconds=1)) == []
