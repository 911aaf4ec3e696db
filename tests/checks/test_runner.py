"""One check: what becomes of it, and that it leaves nothing behind."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.checks import expect
from devkit.checks.outcomes import Result
from devkit.checks.registry import Check
from devkit.checks.runner import Conditions, run_check
from devkit.checks.scene import Scene
from tests.checks.lying_proxy import Asked, Forward, Said, lying_proxy

ID = "01G65Z755AFWAKHE12NY0CQ9FH"
MOMENT = "2024-01-01T00:00:00Z"


class Recorder:
    """A server that creates whatever is asked for, notes what it was asked, and answers as told where told."""

    def __init__(self, told: dict[str, Said] | None = None) -> None:
        self.told = told or {}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, asked: Asked, _forward: Forward) -> Said:
        self.asked.append((asked.operation or "", asked.path))
        if asked.operation in self.told:
            return self.told[asked.operation]
        if asked.operation == "createMeter":
            facts = {"id": ID, "createdAt": MOMENT, "updatedAt": MOMENT, "name": "x", "metadata": None}
            return _json(200, json.loads(asked.body) | facts)
        return Said(204, {}, b"")

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]


def _json(status: int, document: object) -> Said:
    return Said(status, {"content-type": "application/json"}, json.dumps(document).encode())


@contextmanager
def _running(server: Recorder, *, keep: bool = False, stop: Event | None = None) -> Iterator[Callable[..., Result]]:
    with lying_proxy("http://127.0.0.1:1", server) as url, OpenMeter(url) as client:
        conditions = Conditions(client, "abc", wait=0.2, keep=keep, stop=stop or Event())

        def run(proof: Callable[[Scene], None], *operations: str) -> Result:
            return run_check(Check("meters/x", "Meters", "x", operations, proof), 7, conditions)

        yield run


def _meter(scene: Scene) -> dict[str, str]:
    return {"slug": scene.slug("tokens"), "eventType": scene.name("prompt"), "aggregation": "COUNT"}


def test_a_check_that_passes_is_cleaned_up_after() -> None:
    server = Recorder()
    with _running(server) as run:
        result = run(lambda scene: scene.call("createMeter", body=_meter(scene)) and None, "createMeter")
    assert result.status == "passed"
    assert [(call.operation, call.status) for call in result.calls] == [("createMeter", 200)]
    assert server.asked[-1] == ("deleteMeter", f"/api/v1/meters/{ID}")


def test_a_check_that_fails_is_cleaned_up_after_and_shows_the_exchange() -> None:
    def proof(scene: Scene) -> None:
        created = scene.call("createMeter", body=_meter(scene)).body
        expect.equal("the name", created["name"], "y")

    server = Recorder()
    with _running(server) as run:
        result = run(proof, "createMeter")
    assert (result.status, result.message) == ("failed", 'the name: expected "y", got "x"')
    assert result.evidence[0].startswith('POST /api/v1/meters {"slug":"smoke_abc07_tokens"')
    assert result.evidence[1].startswith("-> 200 (application/json) {")
    assert server.operations == ["createMeter", "deleteMeter"]


def test_what_a_lost_answer_may_have_created_is_removed_by_its_name() -> None:
    server = Recorder({"createMeter": Said(500, {}, b"")})
    with _running(server) as run:
        result = run(lambda scene: scene.call("createMeter", body=_meter(scene)) and None, "createMeter")
    assert result.message == "createMeter answered 500 instead of 200"
    assert server.asked[-1] == ("deleteMeter", "/api/v1/meters/smoke_abc07_tokens")


def test_names_of_others_are_never_removed() -> None:
    server = Recorder()
    with _running(server) as run:
        run(lambda scene: scene.setup("upsertSubject", body=[{"key": "alice"}], status=204), "upsertSubject")
    assert server.operations == ["upsertSubject"]


def test_what_will_not_go_fails_the_check() -> None:
    with _running(Recorder({"deleteMeter": Said(500, {}, b"")})) as run:
        result = run(lambda scene: scene.call("createMeter", body=_meter(scene)) and None, "createMeter")
    assert (result.status, result.message) == ("failed", f"cleaning up: deleteMeter of {ID} answered 500")


def test_keep_leaves_everything() -> None:
    server = Recorder()
    with _running(server, keep=True) as run:
        assert (
            run(lambda scene: scene.call("createMeter", body=_meter(scene)) and None, "createMeter").status == "passed"
        )
    assert server.operations == ["createMeter"]


def test_a_check_that_does_not_do_what_it_says_fails() -> None:
    with _running(Recorder()) as run:
        result = run(lambda scene: scene.call("deleteMeter", ID, status=204) and None, "deleteMeter", "getMeter")
    assert result.message == "the check says that it exercises getMeter, but it never called it"


def test_calls_that_set_up_prove_nothing() -> None:
    with _running(Recorder()) as run:
        result = run(lambda scene: scene.setup("deleteMeter", ID, status=204), "deleteMeter")
    assert result.status == "failed"
    assert result.calls == ()


def test_an_answer_that_breaks_the_contract_fails_the_check() -> None:
    server = Recorder({"getMeter": _json(200, {"slug": "a"})})
    with _running(server) as run:
        result = run(lambda scene: scene.call("getMeter", "a") and None, "getMeter")
    assert result.message.startswith("the answer of getMeter breaks the contract: ")


def test_an_unforeseen_answer_is_a_sentence_and_not_a_traceback() -> None:
    def proof(scene: Scene) -> None:
        scene.call("deleteMeter", ID, status=204).body["id"]

    with _running(Recorder()) as run:
        result = run(proof, "deleteMeter")
    assert result.status == "failed"
    assert "could not make sense of an answer: TypeError" in result.message
    assert "Traceback" not in "\n".join([result.message, *result.evidence])


def test_a_skipped_check_tells_why() -> None:
    with _running(Recorder()) as run:
        result = run(lambda scene: scene.skip("the portal is off"), "getMeter")
    assert (result.status, result.message) == ("skipped", "the portal is off")


def test_waiting_ends_with_what_was_seen_last() -> None:
    with _running(Recorder()) as run:
        result = run(lambda scene: scene.until("a sign", lambda: 7, lambda seen: seen > 8) and None)
    assert result.message == "waited 0.2 s for a sign, in vain: last seen 7"


def test_a_check_that_waits_gives_up_when_the_run_is_interrupted() -> None:
    stop = Event()
    stop.set()
    server = Recorder()
    with _running(server, stop=stop) as run:

        def proof(scene: Scene) -> None:
            scene.setup("createMeter", body=_meter(scene))
            scene.until("a sign", lambda: 7, lambda seen: seen > 8)

        assert run(proof).message == "interrupted"
    assert server.operations == ["createMeter", "deleteMeter"]


def test_a_server_that_goes_away_is_told_apart() -> None:
    with lying_proxy("http://127.0.0.1:1", Recorder()) as url:
        pass
    with OpenMeter(url) as client:
        conditions = Conditions(client, "abc", wait=0.2, keep=False, stop=Event())
        result = run_check(Check("meters/x", "Meters", "x", (), lambda scene: scene.setup("listMeters")), 7, conditions)
    assert result.unreachable
    assert result.message.startswith("no answer from http://127.0.0.1:")


def test_tokens_never_show_in_evidence() -> None:
    server = Recorder({"createPortalToken": _json(500, {"token": "very-secret", "subject": "alice"})})
    with _running(server) as run:
        result = run(lambda scene: scene.call("createPortalToken", body={"subject": "alice"}) and None)
    assert result.evidence[1] == '-> 500 (application/json) {"token": "***", "subject": "alice"}'


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ({"status": 400, "title": "Bad Request", "detail": "no"}, ".type: expected"),
        ({"type": "about:blank", "status": 400, "title": "Error", "detail": "no"}, "title: expected"),
        ({"type": "about:blank", "status": 400, "title": "Bad Request"}, "detail: expected"),
        ({"type": "about:blank", "status": 400, "title": "Bad Request", "detail": "yes"}, "detail: expected"),
    ],
)
def test_a_refusal_is_held_to_its_whole_problem_body(problem: dict[str, object], sentence: str) -> None:
    said = Said(400, {"content-type": "application/problem+json"}, json.dumps(problem).encode())
    with _running(Recorder({"listMeters": said})) as run:
        result = run(lambda scene: scene.refused("listMeters", status=400, detail="no") and None, "listMeters")
    assert result.status == "failed"
    assert sentence in result.message or "breaks the contract" in result.message
