"""The control route of the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.domain.timestamps import parse
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask

ROUTE = "/_devkit/clock"


def _now(answer: Answer) -> datetime:
    assert answer.status == 200, answer.body
    return parse(answer.json["now"])


def test_it_shows_the_present_and_how_far_that_is_from_the_system(app: Application) -> None:
    shown = ask(app, "GET", ROUTE)
    assert abs(_now(shown) - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(shown.json["aheadSeconds"]) < 1


def test_it_moves_by_a_duration_of_the_calendar(app: Application, store: Store) -> None:
    store.advance_clock(datetime(2099, 1, 31, tzinfo=UTC))
    moved = ask(app, "POST", ROUTE, {"by": "P1M"})
    assert _now(moved).date() == datetime(2099, 2, 28, tzinfo=UTC).date()
    assert moved.json["failedJobs"] == []
    assert store.now() >= _now(moved)


def test_it_moves_to_an_instant_and_the_api_lives_there(app: Application) -> None:
    target = datetime(2077, 1, 1, tzinfo=UTC)
    assert _now(ask(app, "POST", ROUTE, {"to": "2077-01-01T01:00:00+01:00"})) >= target
    made = ask(app, "POST", "/api/v1/customers", {"name": "Ann", "key": "ann"})
    assert parse(made.json["createdAt"]) >= target


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"by": "-P1D"}, "only moves forward"),
        ({"to": "2020-01-01T00:00:00Z"}, "only moves forward"),
        ({"to": "9000-01-01T00:00:00Z"}, "no further than"),
        ({"by": "P9999Y"}, "beyond the calendar"),
        ({"by": "P99999999D"}, "date value out of range"),
        ({"by": "a month"}, "failed to parse duration"),
        ({"to": "tomorrow"}, "tomorrow"),
        ({"to": "2077-01-01T00:00:00Z", "by": "P1D"}, "send"),
        ({"by": 5}, "send"),
        ([], "send"),
        (b"{", "no JSON"),
        (b"[" * 10_000, "no JSON"),
    ],
)
def test_what_it_cannot_do_is_said_and_moves_nothing(app: Application, body: Any, detail: str) -> None:
    refused = ask(app, "POST", ROUTE, body)
    assert refused.status == 400
    assert detail in refused.json["detail"]
    assert abs(_now(ask(app, "GET", ROUTE)) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_page_in_a_browser_cannot_move_it(app: Application) -> None:
    refused = ask(app, "POST", ROUTE, {"by": "P1M"}, headers={"content-type": "text/plain"})
    assert refused.status == 400
    assert "content type" in refused.json["detail"]


@pytest.mark.parametrize(("client", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 404)])
def test_only_this_machine_reaches_it(app: Application, client: str, status: int) -> None:
    assert ask(app, "GET", ROUTE, client=client).status == status


def test_a_body_that_is_too_long_is_refused(app: Application) -> None:
    assert ask(app, "POST", ROUTE, b" " * (1 << 17)).status == 413
