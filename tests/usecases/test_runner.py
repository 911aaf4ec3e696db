"""The runner: steps in their order, events for all that happens, one failure, Ctrl-C between steps."""

import os
import signal
import threading

import pytest

from devkit.core.errors import DevkitError, InterruptedByUser
from devkit.core.progress import (
    Event,
    RunFinished,
    RunStarted,
    StepDone,
    StepFailed,
    StepProgress,
    StepSkipped,
    StepStarted,
)
from devkit.usecases.runner import Outcome, Step, Tell, run


def adding(word: str, *, changed: bool = True) -> Step[list[str]]:
    return Step(word, lambda session, _tell: Outcome([*session, word], f"did {word}", changed))


def failing(error: BaseException) -> Step[list[str]]:
    def action(session: list[str], tell: Tell) -> Outcome[list[str]]:
        raise error

    return Step("failing", action)


@pytest.fixture
def heard():
    return []


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_steps_run_in_order_and_pass_the_session_on(heard):
    done = run("test", (adding("a"), adding("b")), [], heard.append)
    assert done.session == ["a", "b"]
    assert done.changed
    assert kinds(heard) == [RunStarted, StepStarted, StepDone, StepStarted, StepDone, RunFinished]
    assert heard[0] == RunStarted("test", ("a", "b"))
    assert (heard[-1].ok, heard[-1].changed) == (True, True)


def test_nothing_changed_where_no_step_changed_anything(heard):
    assert not run("test", (adding("a", changed=False),), [], heard.append).changed
    assert heard[-1].changed is False


def test_a_step_is_left_out_with_its_reason(heard):
    step = Step("optional", failing(DevkitError("no")).action, skip_when=lambda session: f"there are {session[0]}")
    assert run("test", (adding("a"), step), [], heard.append).session == ["a"]
    assert StepSkipped("optional", "there are a") in heard


def test_progress_is_told_under_the_name_of_the_step(heard):
    def action(session, tell):
        tell("halfway", done=1, total=2, unit="events")
        return Outcome(session, "done")

    run("test", (Step("counting", action),), [], heard.append)
    assert StepProgress("counting", "halfway", 1, 2, "events") in heard


def test_a_failure_ends_the_run_and_tells_cause_evidence_and_way_out(heard):
    error = DevkitError("it broke", hint="mend it", evidence=["line"])
    with pytest.raises(DevkitError) as caught:
        run(
            "test",
            (adding("a"), failing(error), adding("b")),
            [],
            heard.append,
            result=lambda session: {"so far": session},
        )
    assert caught.value is error
    failed = next(event for event in heard if isinstance(event, StepFailed))
    assert (failed.step, failed.message, failed.hint, failed.evidence) == ("failing", "it broke", "mend it", ("line",))
    assert heard[-1].ok is False
    assert heard[-1].result == {"so far": ["a"]}
    assert not any(getattr(event, "step", "") == "b" for event in heard)


def test_a_bug_in_a_step_is_told_without_its_text_and_raised(heard):
    with pytest.raises(ZeroDivisionError):
        run("test", (failing(ZeroDivisionError("secret")),), [], heard.append)
    failed = next(event for event in heard if isinstance(event, StepFailed))
    assert failed.message == "a bug in devkit (ZeroDivisionError)"


def pressing_ctrl_c(times: int) -> Step[list[str]]:
    def action(session: list[str], _tell: Tell) -> Outcome[list[str]]:
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
        return Outcome([*session, "pressed"], "done", changed=True)

    return Step("pressed", action)


def test_ctrl_c_lets_the_step_finish_and_does_no_other(heard):
    with pytest.raises(InterruptedByUser, match="after: pressed"):
        run("test", (pressing_ctrl_c(1), adding("b")), [], heard.append, result=lambda session: {"done": session})
    assert kinds(heard) == [RunStarted, StepStarted, StepProgress, StepDone, RunFinished]
    assert "Ctrl-C again" in heard[2].message
    assert heard[-1].result == {"done": ["pressed"]}


def test_ctrl_c_twice_stops_at_once(heard):
    with pytest.raises(KeyboardInterrupt):
        run("test", (pressing_ctrl_c(2), adding("b")), [], heard.append)
    assert next(event for event in heard if isinstance(event, StepFailed)).message == "interrupted"


def test_ctrl_c_means_again_what_it_meant_once_the_run_is_over(heard):
    before = signal.getsignal(signal.SIGINT)
    run("test", (adding("a"),), [], heard.append)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_in_another_thread_leaves_signals_alone(heard):
    sessions = []
    thread = threading.Thread(target=lambda: sessions.append(run("test", (adding("a"),), [], heard.append).session))
    thread.start()
    thread.join()
    assert sessions == [["a"]]
