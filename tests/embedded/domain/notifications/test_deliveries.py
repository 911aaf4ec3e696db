"""Deliveries: their states, and when the next attempt is due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.notifications import deliveries
from devkit.embedded.domain.notifications.deliveries import BACK_OFF, DISPATCH_DELAY, Delivery

START = datetime(2026, 1, 1, tzinfo=UTC)


def made(status: int | None, at: datetime) -> dict[str, Any]:
    return deliveries.attempt(at, status=status, body="said", milliseconds=3, url="http://receiver.test/hook")


def tried(delivery: Delivery, status: int | None, at: datetime) -> Delivery:
    return deliveries.attempted(delivery, made(status, at), {"svix.message.id": "msg_1"}, at)


def test_a_new_delivery_is_pending_and_due_a_moment_later() -> None:
    delivery = deliveries.create("channel", START)
    assert (delivery["state"], delivery["attempts"]) == ("PENDING", [])
    assert not deliveries.is_due(delivery, START)
    assert deliveries.is_due(delivery, START + DISPATCH_DELAY)


@pytest.mark.parametrize(("status", "state"), [(200, "SUCCESS"), (204, "SUCCESS"), (301, "SENDING"), (None, "SENDING")])
def test_only_an_answer_of_the_two_hundreds_is_a_success(status: int | None, state: str) -> None:
    assert tried(deliveries.create("channel", START), status, START)["state"] == state


def test_attempts_go_on_at_growing_distances_until_the_last_has_failed() -> None:
    delivery, at = deliveries.create("channel", START), START
    for number, distance in enumerate(BACK_OFF, start=1):
        delivery = tried(delivery, 500, at)
        assert delivery["state"] == "SENDING"
        assert instant(delivery["nextAttempt"]) == at + distance
        assert len(delivery["attempts"]) == number
        at = instant(delivery["due"])
    delivery = tried(delivery, 500, at)
    assert (delivery["state"], delivery["reason"]) == ("FAILED", "")
    assert "nextAttempt" not in delivery
    assert not deliveries.is_due(delivery, at + timedelta(days=365))


def test_after_two_days_a_delivery_is_given_up() -> None:
    delivery = tried(deliveries.create("channel", START), None, START + timedelta(hours=49))
    assert (delivery["state"], delivery["reason"]) == ("FAILED", deliveries.EXHAUSTED)


def test_a_resend_begins_anew_and_keeps_what_was_attempted() -> None:
    before = tried(deliveries.create("channel", START), 500, START)
    later = START + timedelta(days=30)
    again = deliveries.resent(before, later)
    assert (again["state"], again["reason"]) == ("RESENDING", deliveries.RESENT)
    assert "nextAttempt" not in again
    assert again["annotations"]["event.resend.timestamp"] == "2026-01-31T00:00:00Z"
    done = tried(again, 204, later)
    assert [attempt["state"] for attempt in done["attempts"]] == ["SUCCESS", "FAILED"]
    assert (done["state"], done["reason"]) == ("SUCCESS", "")
    assert done["annotations"]["svix.message.id"] == "msg_1"
    assert tried(again, 500, later)["nextAttempt"] == "2026-01-31T00:00:05Z"


def test_what_waits_for_its_first_attempt_is_not_sent_twice() -> None:
    pending = deliveries.create("channel", START)
    assert deliveries.resent(pending, START) == pending


def test_the_answer_shows_the_channel_and_nothing_of_the_plan() -> None:
    shown = deliveries.shown(tried(deliveries.create("channel", START), None, START), "WEBHOOK")
    assert set(shown) == {"channel", "state", "reason", "updatedAt", "attempts", "nextAttempt", "annotations"}
    assert shown["channel"] == {"id": "channel", "type": "WEBHOOK"}
    assert shown["attempts"][0]["response"] == {
        "statusCode": 0,
        "body": "said",
        "durationMs": 3,
        "url": "http://receiver.test/hook",
    }
