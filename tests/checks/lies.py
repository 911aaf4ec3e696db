"""Lies about the answers of a sound server: each is a defect that a server could have."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.checks.lying_proxy import Asked, Forward, Lie, Said

Change = Callable[[Any], Any]
QUERIES = ("queryMeter", "queryMeterPost", "queryPortalMeter")
LISTS = ("listEvents", "listEventsV2")
ENTITLING = (
    "createEntitlement",
    "overrideEntitlement",
    "createCustomerEntitlementV2",
    "overrideCustomerEntitlementV2",
)
VALUES = ("getEntitlementValue", "getCustomerEntitlementValue", "getCustomerEntitlementValueV2")
PROBLEM = {"content-type": "application/problem+json"}


def altered(operations: tuple[str, ...], change: Change) -> Lie:
    """Changes the JSON of successful answers."""

    def lie(asked: Asked, forward: Forward) -> Said:
        said = forward(asked)
        if asked.operation not in operations or said.status >= 300 or said.document is None:
            return said
        return said.saying(change(said.document))

    return lie


def rows(change: Change) -> Lie:
    """Changes each row of a meter query."""
    return altered(QUERIES, lambda answer: answer | {"data": [change(row) for row in answer["data"]]})


def listed(change: Change) -> Lie:
    """Changes the array of events of both lists."""

    def of_page(answer: Any) -> Any:
        return change(answer) if isinstance(answer, list) else answer | {"items": change(answer["items"])}

    return altered(LISTS, of_page)


def text(operation: str, change: Callable[[str], str]) -> Lie:
    """Changes the text of successful answers that are not JSON."""

    def lie(asked: Asked, forward: Forward) -> Said:
        said = forward(asked)
        if asked.operation != operation or said.status >= 300 or said.document is not None:
            return said
        return replace(said, body=change(said.body.decode()).encode())

    return lie


def refusals(operations: tuple[str, ...], change: Callable[[Said], Said]) -> Lie:
    """Changes what is said to a bad request."""

    def lie(asked: Asked, forward: Forward) -> Said:
        said = forward(asked)
        return change(said) if asked.operation in operations and said.status >= 400 else said

    return lie


def problems(operations: tuple[str, ...], change: Change) -> Lie:
    return refusals(operations, lambda said: said.saying(change(said.document)))


def always(operations: tuple[str, ...], said: Said) -> Lie:
    """Answers without asking the server."""
    return lambda asked, forward: said if asked.operation in operations else forward(asked)


def asking(operations: tuple[str, ...], *left_out: str) -> Lie:
    """Leaves out parts of the query before the server sees it."""

    def lie(asked: Asked, forward: Forward) -> Said:
        if asked.operation not in operations:
            return forward(asked)
        query = parse_qsl(asked.query, keep_blank_values=True)
        return forward(replace(asked, query=urlencode([pair for pair in query if pair[0] not in left_out])))

    return lie


def sending(operations: tuple[str, ...], change: Change) -> Lie:
    """Changes the JSON body before the server sees it, where it is JSON."""

    def lie(asked: Asked, forward: Forward) -> Said:
        try:
            body = json.loads(asked.body) if asked.operation in operations else None
        except ValueError:
            body = None
        return forward(asked if body is None else replace(asked, body=json.dumps(change(body)).encode()))

    return lie


def told(operation: str, given: int, status: int) -> Lie:
    """Another status than the right one."""

    def lie(asked: Asked, forward: Forward) -> Said:
        said = forward(asked)
        return replace(said, status=status) if (asked.operation, said.status) == (operation, given) else said

    return lie


def without(*names: str) -> Change:
    return lambda holder: {name: value for name, value in holder.items() if name not in names}


def priced(change: Change) -> Change:
    """Changes each price of a plan."""

    def of_card(card: Any) -> Any:
        return card | {"price": card["price"] and change(card["price"])}

    def of_phase(phase: Any) -> Any:
        return phase | {"rateCards": [of_card(card) for card in phase["rateCards"]]}

    return lambda plan: plan | {"phases": [of_phase(phase) for phase in plan["phases"]]}


def pending(event: Any) -> Any:
    """No delivery of the event has begun."""
    waiting = [delivery | {"state": "PENDING"} for delivery in event["deliveryStatus"]]
    return event | {"deliveryStatus": waiting}


def an_hour_later(row: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(row["windowStart"]) + timedelta(hours=1)
    return row | {"windowStart": start.isoformat().replace("+00:00", "Z")}


def in_utc(row: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(row["windowStart"])
    return row | {"windowStart": start.replace(tzinfo=None).isoformat() + "Z"}


def never_the_same_source() -> Lie:
    """Each event gets a source of its own, so that none is a duplicate."""
    numbers = count()

    def change(body: Any) -> Any:
        if isinstance(body, list):
            return [change(event) for event in body]
        return (
            body | {"source": f"{body['source']}-{next(numbers)}"}
            if isinstance(body, dict) and "source" in body
            else body
        )

    return sending(("ingestEvents",), change)


def loses_the_last_of_a_batch(body: Any) -> Any:
    return body[:-1] if isinstance(body, list) and len(body) > 2 else body


def stores_the_good_of_a_bad_batch(asked: Asked, forward: Forward) -> Said:
    said = forward(asked)
    if asked.operation == "ingestEvents" and said.status == 400 and asked.body.startswith(b"[{"):
        good = [event for event in json.loads(asked.body) if isinstance(event.get("subject"), str)]
        forward(replace(asked, body=json.dumps(good).encode()))
    return said


def shouting(said: Said) -> Said:
    return said.saying(said.document | {"detail": said.document.get("detail", "").upper()})


def unpaid(invoice: Any) -> Any:
    """A paid invoice as it was before."""
    if invoice["status"] != "paid":
        return invoice
    details = invoice["statusDetails"] | {"extendedStatus": "payment_processing.pending"}
    return invoice | {"status": "payment_processing", "statusDetails": details}
