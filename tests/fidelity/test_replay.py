"""Every recording is replayed against the embedded server, and the ledger may only go up."""

import pytest

from tests.fidelity import ledger

#: Tags that are done: a step that differs here is either a fault or stands, with its reason, in deviations.yaml.
COMPLETE = ("debug", "events", "lookup-information", "meters", "portal", "subjects")


@pytest.mark.parametrize("tag", ledger.tags())
def test_a_tag_answers_at_least_as_the_ledger_says(tag: str, embedded_url: str) -> None:
    if not any(ledger.scenarios(tag)):
        pytest.skip("its recordings need Stripe's stand-in, which devkit does not have yet")
    outcomes = ledger.replay(embedded_url, tag)
    now = {name: ledger.score(results) for name, results in outcomes.items()}
    before = {name: ledger.recorded().get(name, ledger.Score(0, 0, 0, 0)) for name in now}

    assert ledger.fallen(before, now) == []
    assert now == before, "the replay matches better than the ledger says: run `make ledger` and commit it"

    if tag in COMPLETE:
        differing = {(name, o.index) for name, results in outcomes.items() for o in results if not o.exact}
        assert differing == {place for place in ledger.deviations() if place[0].startswith(f"{tag}/")}
