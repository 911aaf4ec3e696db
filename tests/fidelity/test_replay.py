"""Every recording is replayed against the embedded server, and the ledger may only go up."""

from collections.abc import Iterator

import pytest

from tests.fidelity import ledger

#: Tags that are done: a step that differs here is either a fault or stands, with its reason, in deviations.yaml.
COMPLETE = (
    "app-custom-invoicing",
    "app-stripe",
    "apps",
    "billing",
    "customers",
    "debug",
    "entitlements",
    "events",
    "lookup-information",
    "meters",
    "notifications",
    "portal",
    "product-catalog",
    "subjects",
    "subscriptions",
)


@pytest.fixture
def servers() -> Iterator[tuple[str, str | None]]:
    """The URL of an embedded server of its own, and that of the stand-in of Stripe behind it.

    Of its own: what other tests left behind would fall due when a replay moves the clock.
    """
    with ledger.server(None) as started:
        yield started


@pytest.mark.parametrize("tag", ledger.tags())
def test_a_tag_answers_at_least_as_the_ledger_says(tag: str, servers: tuple[str, str | None]) -> None:
    url, stripe = servers
    outcomes = ledger.replay(url, tag, stripe)
    now = {name: ledger.score(results) for name, results in outcomes.items()}
    before = {name: ledger.recorded().get(name, ledger.Score(0, 0, 0, 0)) for name in now}

    assert ledger.fallen(before, now) == []
    assert now == before, "the replay matches better than the ledger says: run `make ledger` and commit it"

    if tag in COMPLETE:
        differing = {(name, o.index) for name, results in outcomes.items() for o in results if not o.exact}
        assert differing == {place for place in ledger.deviations() if place[0].startswith(f"{tag}/")}
