"""`devkit stripe trigger`, but for the words of the command line: events, results and refusals."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.core.errors import DevkitError, UsageError
from devkit.core.progress import Event, RunFinished, RunStarted, StepDone, StepFailed, StepProgress
from devkit.usecases.recall import open_session
from devkit.usecases.stripe_trigger import as_data, known_triggers, trigger, trigger_on
from tests.stripe_app.billing_place import BillingPlace, billing_place_alone


@pytest.fixture
def place(stripe_address: str, tmp_path: Path) -> Iterator[BillingPlace]:
    with billing_place_alone(tmp_path / "data", stripe_address) as found:
        yield found


def test_each_state_is_an_event_and_the_result_ends_the_run(place: BillingPlace) -> None:
    events: list[Event] = []
    result = trigger_on(place.openmeter, place.connection, "invoice.paid", events.append)
    assert events[0] == RunStarted("stripe trigger", ("invoice.paid",))
    assert [event.message for event in events if isinstance(event, StepProgress)] == list(result.states)
    (done,) = [event for event in events if isinstance(event, StepDone)]
    assert (done.detail, done.changed) == ("OpenMeter: invoice paid", True)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result == as_data(result)
    assert json.loads(json.dumps(as_data(result)))["ids"]["invoice"] == result.ids["invoice"]


def test_a_trigger_that_fails_says_so_in_its_events(place: BillingPlace) -> None:
    place.disable_webhooks()
    events: list[Event] = []
    with pytest.raises(DevkitError) as failed:
        trigger_on(place.openmeter, place.connection, "invoice.voided", events.append, within=0.5)
    (told,) = [event for event in events if isinstance(event, StepFailed)]
    assert (told.message, told.hint, told.evidence) == (failed.value.message, failed.value.hint, failed.value.evidence)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].ok is False


def test_without_a_tunnel_there_is_nothing_to_trigger(tmp_path: Path) -> None:
    session = open_session(tmp_path, {}, {})
    with pytest.raises(UsageError, match="there is no trigger"):
        trigger(session, "invoice.lost", lambda _: None)
    with pytest.raises(DevkitError, match="instance default does not run") as refused:
        trigger(session, "invoice.paid", lambda _: None)
    assert "devkit up" in str(refused.value.hint)


def test_every_trigger_says_what_it_brings_about() -> None:
    found = known_triggers()
    assert {"checkout", "invoice.paid", "invoice.payment_failed", "invoice.voided"} <= {each["name"] for each in found}
    assert all(each["meaning"] for each in found)
