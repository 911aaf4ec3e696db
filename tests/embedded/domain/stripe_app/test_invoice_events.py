"""Events about invoices: each says no more than that Stripe should be asked."""

import pytest

from devkit.embedded.domain.billing.invoice_states import STATES
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.stripe_app.installation import ENABLED_EVENTS
from devkit.embedded.domain.stripe_app.invoice_events import (
    ACKNOWLEDGED,
    EVENTS,
    SENT,
    comes_too_late,
    invoice_id,
    sent_at,
    triggered,
)


def test_every_event_that_stripe_is_asked_for_is_known_and_no_other() -> None:
    assert {*EVENTS, *ACKNOWLEDGED, SENT, "setup_intent.succeeded"} == set(ENABLED_EVENTS)


def test_the_rows_speak_of_statuses_that_there_are() -> None:
    short = {status.partition(".")[0] for status in STATES}
    for event in EVENTS.values():
        assert event.targets <= set(STATES)
        assert event.ignored <= short


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("invoice.paid", "paid"),
        ("invoice.payment_failed", "payment_processing.failed"),
        ("invoice.payment_failed", "paid"),
        ("invoice.payment_action_required", "uncollectible"),
        ("invoice.voided", "paid"),
        ("invoice.overdue", "uncollectible"),
        ("invoice.finalization_failed", "payment_processing.pending"),
    ],
)
def test_what_comes_too_late_changes_nothing(name: str, status: str) -> None:
    assert comes_too_late(EVENTS[name], {"status": status})


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_what_is_awaited_does_not_come_too_late(name: str) -> None:
    awaited = "issuing.syncing" if name == "invoice.finalization_failed" else "payment_processing.pending"
    assert not comes_too_late(EVENTS[name], {"status": awaited})


@pytest.mark.parametrize("name", sorted(set(EVENTS) - {"invoice.finalization_failed"}))
def test_what_stripe_says_now_counts(name: str) -> None:
    event = EVENTS[name]
    fired = triggered(event, {"status": event.at_stripe})
    assert fired is not None
    assert (fired.trigger, fired.operation, fired.issues) == (event.trigger, "trigger_invoice", ())
    assert triggered(event, {"status": "draft"}) is None
    assert triggered(event, {}) is None


def test_a_failed_finalization_brings_its_reason() -> None:
    event = EVENTS["invoice.finalization_failed"]
    assert triggered(event, {"last_finalization_error": None}) is None
    fired = triggered(event, {"last_finalization_error": {"code": "no_lines", "message": "Nothing to invoice"}})
    assert fired is not None
    assert (fired.trigger, fired.operation) == ("failed", "initiate_payment")
    assert [(issue.code, issue.message) for issue in fired.issues] == [("no_lines", "Nothing to invoice")]


@pytest.mark.parametrize("id_", [5, ["in_1"], True])
def test_an_id_that_is_no_text_is_refused(id_: object) -> None:
    with pytest.raises(Invalid, match=r"into Go struct field invoice\.id of type string"):
        invoice_id({"data": {"object": {"id": id_}}})


@pytest.mark.parametrize("about", [{}, {"id": None}, {"id": ""}])
def test_an_event_about_no_invoice_fails_as_at_openmeter(about: dict[str, object]) -> None:
    with pytest.raises(InternalFailure):
        invoice_id({"data": {"object": about}})


def test_the_moment_of_an_event_is_in_whole_seconds() -> None:
    assert sent_at({"created": 1738411200}) == "2025-02-01T12:00:00Z"
    for created in (10**18, -(10**18)):
        with pytest.raises(InternalFailure):
            sent_at({"created": created})
