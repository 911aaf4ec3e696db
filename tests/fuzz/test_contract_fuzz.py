"""Bent requests to every operation: none fails in a way that OpenMeter does not, and none costs anybody a write.

Recorded scenarios lead the server into its states; on the way every place of every operation's requests is bent once
into all values of places.py. Meanwhile well-formed writes of another client go on; in the end all of them are there.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from devkit.core.contract import contract
from devkit.embedded.app import HANDLERS, build_app
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer
from tests.fuzz.client import Client
from tests.fuzz.places import UNKNOWN, Request, places
from tests.fuzz.scenes import Actor, Scene, failing_at_openmeter, scenes

#: 500s that OpenMeter is known to give though none was recorded: impossible dates, custom plans with a bad duration,
#: channels that its webhook service would not have, a page size without a page.
ALSO_FAILING = {
    "upsertSubject",
    "changeSubscription",
    "createNotificationChannel",
    "updateNotificationChannel",
    "updateInvoice",
    "listBillingProfileCustomerOverrides",
    "appCustomInvoicingIssuingSynchronized",
}
#: What OpenMeter does not do either; it says so without a problem.
_NOT_DONE_AT_OPENMETER = {
    "marketplaceOAuth2InstallAuthorize",
    "marketplaceOAuth2InstallGetURL",
    "recalculateInvoiceTaxAction",
    "voidInvoiceAction",
}
#: What the log rightly says of a subscription whose billing cadence is longer than time.
_LONGER_THAN_TIME = "is not billed: a period ends beyond the calendar"
_PROBLEM = "application/problem+json"
Place = tuple[str, str]  # operation, place in its requests


def test_bent_requests_neither_break_the_server_nor_lose_a_write(tmp_path: Path) -> None:
    store = Store(tmp_path)
    faults: list[str] = []
    failing = failing_at_openmeter(contract()) | ALSO_FAILING
    with Client(build_app(store)) as client:
        witness = Witness(client)
        for request in requests(client):
            answer = client.send(request)
            faults += [f"{_line(request)}: {fault}" for fault in faults_of(answer, request, failing)]
            told = [text for text in client.failures if _LONGER_THAN_TIME not in text]
            faults += [f"{_line(request)}: log: {text[:2000]}" for text in told]
            client.failures.clear()
            witness.look(request, answer)
        faults += witness.lost()
    store.close()

    store = Store(tmp_path)
    with Client(build_app(store)) as client:
        faults += [f"after a restart: {fault}" for fault in witness.lost(client)]
    store.close()
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:30]])


def faults_of(answer: Answer, request: Request, failing: set[str]) -> Iterator[str]:
    if answer.status >= 502 or (answer.status == 500 and request.operation.id not in failing):
        yield f"{answer.status} {answer.body[:300]!r}"
    if answer.status == 501 and request.operation.id in _NOT_DONE_AT_OPENMETER:
        return
    if answer.status >= 400 and (
        answer.headers.get("content-type") != _PROBLEM or answer.json["status"] != answer.status
    ):
        yield f"no problem: {answer.headers} {answer.body[:300]!r}"


def requests(client: Client) -> Iterator[Request]:
    """The bent requests. The recorded ones are sent in between, to come to where there is something to bend."""
    done: set[Place] = set()
    yield from _lonely(done)
    for scene, news in _way(list(scenes(contract(), frozenset(HANDLERS)))):
        actor = Actor(scene)
        left = set(news)
        for operation, step in scene.steps:
            request = actor.request(operation, step)
            bent = [*_bent(request, done)]
            # What makes something comes first, else a bent one takes its key; what ends something may come last.
            before = [] if step["response"]["status"] == 201 else bent[::2]
            yield from before
            answer = client.send(request)
            actor.learn(step, answer.status, answer.body)
            yield from (actor.renamed(again) for again in bent[::2] if not before)
            yield from bent[1::2]
            left -= done
            if not left:
                break


def _bent(request: Request, done: set[Place]) -> Iterator[Request]:
    for name, values, bend in places(contract(), request):
        place = (request.operation.id, name)
        if place in done:
            continue
        done.add(place)
        for value in values:
            yield bend(request, value)


def _lonely(done: set[Place]) -> Iterator[Request]:
    """Operations that no scenario uses."""
    used = {operation.id for scene in scenes(contract(), frozenset(HANDLERS)) for operation, _ in scene.steps}
    for operation in contract().operations.values():
        if operation.id in HANDLERS and operation.id not in used:
            names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
            body = b"{}" if operation.bodies else None
            yield from _bent(Request(operation, dict.fromkeys(names, UNKNOWN), body=body), done)


def _way(all_scenes: Sequence[Scene]) -> Iterator[tuple[Scene, set[Place]]]:
    """Scenes that together have all places, and what each of them brings that was not there before."""
    found = [(scene, _places_of(scene)) for scene in all_scenes]
    left = set().union(*(brings for _, brings in found))
    while left:
        scene, brings = max(found, key=lambda pair: len(pair[1] & left) / (len(pair[0].steps) + 5))
        yield scene, brings & left
        left -= brings


def _places_of(scene: Scene) -> set[Place]:
    actor = Actor(scene)
    asked = [actor.request(operation, step) for operation, step in scene.steps]
    return {(request.operation.id, name) for request in asked for name, _, _ in places(contract(), request)}


def _line(request: Request) -> str:
    shown = (request.body or b"")[-400:]
    return f"{request.operation.id} {request.operation.method} {request.target[:300]} {shown!r}"


class Witness:
    """Another client, whose well-formed writes go on meanwhile; it also looks whether what was made is there."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: dict[str, Any] = {}
        self._events = 0
        self._turns = 0
        self._missing: list[str] = []
        meter = {"slug": "witness", "aggregation": "COUNT", "eventType": "witness"}
        self._meter = client.json("POST", "/api/v1/meters", meter)["id"]

    def look(self, request: Request, answer: Answer) -> None:
        self._turns += 1
        if self._turns % 50 == 0:
            self._write()
        if answer.status == 201 and request.operation.method == "POST":
            self._find(request, json.loads(answer.body))

    def lost(self, client: Client | None = None) -> list[str]:
        """What is not there any more, or not as it was."""
        client = client or self._client
        lost = [path for path, made in self._kept.items() if client.json("GET", path) != made]
        rows = client.json("GET", f"/api/v1/meters/{self._meter}/query")["data"]
        counted = sum(row["value"] for row in rows)
        return [*self._missing, *lost, *([] if counted == self._events else [f"{counted} of {self._events} events"])]

    def _write(self) -> None:
        name = f"witness-{self._turns}"
        made = self._client.json("POST", "/api/v1/customers", {"name": name, "key": name, "metadata": {"a": name}})
        self._kept[f"/api/v1/customers/{made['id']}"] = made
        event = {"id": name, "source": "witness", "specversion": "1.0", "type": "witness", "subject": "witness"}
        self._client.ask(
            "POST", "/api/v1/events", json.dumps(event).encode(), {"content-type": "application/cloudevents+json"}
        )
        self._events += 1

    def _find(self, request: Request, made: Any) -> None:
        """What was answered with 201 is there under its id, where there is a way to ask for it."""
        if not isinstance(made, dict) or "id" not in made:
            return
        target = f"{request.target.partition('?')[0]}/{made['id']}"
        answer = self._client.ask("GET", target)
        if answer.status != 200 and "detail" in answer.json:  # without a detail there is no such path
            self._missing.append(f"{_line(request)} made {made['id']}: {answer.status} {answer.body[:200]!r}")
