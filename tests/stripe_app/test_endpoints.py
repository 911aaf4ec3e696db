"""What is wrong with an endpoint, and that the facts are those of OpenMeter."""

from dataclasses import replace

import pytest

from devkit.adapters.stripe import API_VERSION
from devkit.embedded.domain.stripe_app import installation
from devkit.stripe_app.endpoints import EVENTS, Endpoint, of_app, parameters, problems
from devkit.stripe_app.ownership import Owner

OWNER = Owner("i1", "m1")
URL = "https://public.example.org/api/v1/apps/A/stripe/webhook"
RIGHT = Endpoint(
    id="we_1",
    url=URL,
    enabled=True,
    events=EVENTS,
    api_version=API_VERSION,
    metadata={"om_app_id": "A", "om_namespace": "default", **OWNER.metadata()},
    created=100,
)


def test_the_facts_are_those_that_openmeter_registers() -> None:
    theirs = installation.webhook_endpoint(URL, "A", "default")
    ours = parameters(URL, "A", "default", OWNER)
    assert set(theirs["enabled_events"]) == EVENTS
    assert set(ours["enabled_events"]) == EVENTS
    assert theirs["api_version"] == ours["api_version"] == API_VERSION
    assert theirs["description"] == ours["description"]
    assert theirs["metadata"].items() <= ours["metadata"].items()
    assert ours.keys() == theirs.keys()


def test_nothing_is_wrong_with_a_right_one() -> None:
    assert problems(RIGHT, URL, OWNER) == ()


@pytest.mark.parametrize(
    ("wrong", "kind", "params"),
    [
        ({"url": "https://old"}, "address", {"url": URL}),
        ({"enabled": False}, "disabled", {"disabled": False}),
        ({"events": EVENTS - {"invoice.paid"}}, "events", {"enabled_events": sorted(EVENTS)}),
        ({"events": EVENTS | {"charge.failed"}}, "events", {"enabled_events": sorted(EVENTS)}),
        ({"events": frozenset("*")}, "events", {"enabled_events": sorted(EVENTS)}),
        ({"api_version": "2026-10-28.endive"}, "version", {}),
        ({"api_version": ""}, "version", {}),
        ({"metadata": {"om_app_id": "A"}}, "owner", {"metadata": OWNER.metadata()}),
        ({"metadata": {**RIGHT.metadata, "devkit_machine": "m2"}}, "owner", {"metadata": OWNER.metadata()}),
    ],
)
def test_each_thing_that_is_wrong_is_named_with_what_mends_it(
    wrong: dict[str, object], kind: str, params: dict[str, object]
) -> None:
    (found,) = problems(replace(RIGHT, **wrong), URL, OWNER)  # type: ignore[arg-type]
    assert (found.kind, found.params) == (kind, params)


def test_another_version_of_the_same_train_is_right() -> None:
    assert problems(replace(RIGHT, api_version="2025-01-27.acacia"), URL, OWNER) == ()


def test_the_endpoints_of_an_app_are_found_by_metadata_the_owned_and_the_oldest_first() -> None:
    older = replace(RIGHT, id="we_2", created=1, metadata={"om_app_id": "A"})
    oldest_of_all = replace(older, id="we_3", created=0)
    other = replace(RIGHT, id="we_4", metadata={"om_app_id": "B"})
    assert of_app([older, other, RIGHT, oldest_of_all], "A", OWNER) == [RIGHT, oldest_of_all, older]
