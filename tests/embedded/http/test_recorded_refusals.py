"""The stages before the handlers refuse what the real server refused, in its words, and nothing else. All 15 tags."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from devkit.core.contract import contract
from devkit.embedded.domain.errors import Malformed, Refusal, Unauthorized
from devkit.embedded.http import queries
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.responder import Compiled, Incoming, Responder
from devkit.embedded.http.routing import Router
from devkit.embedded.http.validation import Refused
from devkit.embedded.store.store import Store
from tests.embedded.http.recorded_requests import SECRET, Recorded, recorded


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("data"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def router() -> Router[Responder]:
    return fresh_router()


def fresh_router() -> Router[Responder]:
    """All operations, none of them compiled yet."""
    found: Router[Responder] = Router()
    compiled = Compiled.of(contract())
    for operation in contract().operations.values():
        found.add(operation.method, operation.path, Responder(compiled, operation, None))
    return found


def refusal(step: Recorded, router: Router[Responder], store: Store) -> tuple[int, str | None] | None:
    """Status and detail of the refusal before the handler; None where the handler would be called."""
    try:
        found = router.find(step.method, queries.routed_path(step.path))
    except LookupError:
        return 404, None
    if found is None:
        return 405, None
    responder, path = found
    incoming = Incoming(path, step.query, step.headers, step.body, "id")
    try:
        responder.accept(incoming, store, ServerSettings(portal_token_secret=SECRET))
    except Refused as refused:
        return 400, str(refused)
    except Unauthorized as refused:
        return 401, refused.detail
    except Malformed as refused:
        return 400, refused.detail
    except Refusal as refused:
        raise AssertionError(refused) from None
    return None


def test_every_recorded_refusal_comes_in_the_same_words(router: Router[Responder], store: Store) -> None:
    wrong = []
    for step in recorded():
        expected = (step.status, step.detail)
        if _refused_early(step) and (given := refusal(step, router, store)) != expected:
            wrong.append(f"{step.name} {step.method} {step.path.decode()}\n  want {expected}\n  got  {given}")
    assert not wrong, "\n".join(wrong)


def test_every_request_that_reached_a_handler_passes(router: Router[Responder], store: Store) -> None:
    wrong = [
        f"{step.name} {step.method} {step.path.decode()} ({step.status} {step.detail})\n  got {given}"
        for step in recorded()
        if not _refused_early(step) and (given := refusal(step, router, store)) and given[0] != 401
    ]
    assert not wrong, "\n".join(wrong)


def test_first_requests_may_come_all_at_once(store: Store) -> None:
    steps = [step for step in recorded() if step.validator and step.method == "POST"][:400]
    router = fresh_router()
    with ThreadPoolExecutor(16) as workers:
        given = list(workers.map(lambda step: refusal(step, router, store), steps))
    assert given == [(step.status, step.detail) for step in steps]


def test_the_corpus_is_there() -> None:
    early = [step for step in recorded() if step.validator]
    assert len(early) > 1000
    assert len({step.name.split("/")[0] for step in early}) == 13


_BINDING = ("invalid param format", "unmarshaling param", "required param")
_PORTAL = ("missing authorization header", "invalid authorization header", "invalid token")


def _refused_early(step: Recorded) -> bool:
    detail = step.detail or ""
    if step.status in (404, 405):
        return step.detail is None
    return step.validator or detail.startswith(_BINDING) or (step.status == 401 and detail.startswith(_PORTAL))
