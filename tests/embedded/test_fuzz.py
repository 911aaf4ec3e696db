"""Arbitrary requests to every operation that has a handler: each gets an answer that OpenMeter could have given."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.core.contract import Operation, contract
from devkit.embedded.app import HANDLERS, build_app
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask

#: Where OpenMeter itself answers 500, and devkit with it (dossiers: impossible dates, tokens without a subject, …).
FAILING_AT_OPENMETER = {
    "createMeter",
    "queryMeter",
    "queryMeterPost",
    "upsertSubject",
    "createPortalToken",
    "createFeature",
    "createStripeCheckoutSession",
    "createBillingProfile",
    "updateBillingProfile",
    "listBillingProfileCustomerOverrides",
    "upsertBillingProfileCustomerOverride",
    "updateApp",
    "updateStripeAPIKey",
    "createPendingInvoiceLine",
    "invoicePendingLinesAction",
    "simulateInvoice",
    "updateInvoice",
    "createNotificationChannel",
    "updateNotificationChannel",
}
#: What OpenMeter refuses without a problem body.
PLAIN_TEXT = {
    "marketplaceOAuth2InstallGetURL",
    "marketplaceOAuth2InstallAuthorize",
    "recalculateInvoiceTaxAction",
    "voidInvoiceAction",
}
WORDS = ["a", "", "acme", "$.a", "$.a.b", "COUNT", "SUM", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "\x00", "\U0001f642", "cus_1"]
TIMES = ["2024-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"]
TEXTS = st.sampled_from(WORDS + TIMES) | st.text(max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = [operation for operation in contract().operations.values() if operation.id in HANDLERS]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, stripe_address: str) -> Iterator[Application]:
    store = Store(tmp_path_factory.mktemp("fuzz"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEVKIT_STRIPE_API_BASE", stripe_address)
        yield build_app(store)
    store.close()


@st.composite
def targets(draw: st.DrawFn, operation: Operation) -> str:
    path, pairs = operation.path, []
    for parameter in operation.parameters:
        if parameter.location == "path":
            raw = draw(TEXTS.map(lambda text: quote(text, safe="")) | st.sampled_from(["%", "%zz", "%2F", "..", "%FF"]))
            path = path.replace(f"{{{parameter.name}}}", raw)
        elif draw(st.booleans()):
            name = parameter.name + (
                draw(st.sampled_from(["[a]", "[a][0]", "[", "[]]", "[a][99999999]"]))
                if parameter.style == "deepObject"
                else ""
            )
            values = draw(
                st.lists(TEXTS | st.integers(-1, 101).map(str) | VALUES.map(json.dumps), min_size=1, max_size=2)
            )
            pairs += [f"{quote(name)}={quote(value)}" for value in values]
    return "?".join([path, "&".join(pairs)])


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()}: {record.exc_info}")


@contextmanager
def logged_failures() -> Iterator[list[str]]:
    """What the server writes into its log meanwhile."""
    listener = _Listener()
    logging.getLogger("devkit").addHandler(listener)
    yield listener.texts
    logging.getLogger("devkit").removeHandler(listener)


def bodies(operation: Operation) -> st.SearchStrategy[bytes]:
    names = st.sampled_from(sorted(property_names(operation)) or ["a"])
    items = st.dictionaries(names, VALUES, max_size=6)
    return (items | st.lists(items, max_size=2) | VALUES).map(lambda value: json.dumps(value).encode()) | st.binary(
        max_size=9
    )


def property_names(operation: Operation) -> set[str]:
    """The properties of the body, one level deep; those of the items where it is an array."""
    found: set[str] = set()
    for schema in operation.bodies.values():
        resolved = contract().resolve(schema)
        found |= set(contract().resolve(resolved.get("items", resolved)).get("properties", {}))
    return found


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_request_makes_the_server_fail(served: Application, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS))
    target = data.draw(targets(operation))
    body = data.draw(bodies(operation)) if operation.bodies else None
    media_type = data.draw(st.sampled_from([*operation.bodies, "text/plain"])) if operation.bodies else "text/plain"
    with logged_failures() as failures:
        answer = ask(served, operation.method, target, body, headers={"content-type": media_type})
    assert not failures
    assert answer.status != 500 or operation.id in FAILING_AT_OPENMETER
    if answer.status >= 400 and operation.id not in PLAIN_TEXT:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["status"] == answer.status


@pytest.mark.parametrize("levels", [300, 5000, 200_000])
def test_deep_json_is_refused_and_nothing_breaks(served: Application, levels: int) -> None:
    nested = b"[" * levels + b"]" * levels
    subject = ask(served, "POST", "/api/v1/subjects", b'[{"key":"deep","metadata":{"a":%b}}]' % nested)
    assert (subject.status, subject.json["detail"][-18:]) == (400, "exceeded max depth")
    event = b'{"id":"1","source":"s","specversion":"1.0","type":"t","subject":"s","data":{"a":%b}}' % nested
    assert ask(served, "POST", "/api/v1/events", event).status in (204, 400)
    assert ask(served, "GET", "/api/v1/subjects").status == 200
    assert ask(served, "GET", "/api/v1/events").status == 200
