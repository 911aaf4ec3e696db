"""Applying whole packs, as `up` and `devkit seed apply` do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.kinds import KINDS
from devkit.usecases.seed import apply_pack, plan_pack
from tests.servers import embedded_server


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenMeter]:
    """A server of its own: the shipped packs have the same keys for everybody."""
    with embedded_server(tmp_path_factory.mktemp("seed") / "data") as url, OpenMeter(url) as opened:
        yield opened


@pytest.mark.parametrize("pack", ["minimal", "ai-tokens"])
def test_a_shipped_pack_has_every_kind_and_a_second_time_nothing_changes(client: OpenMeter, pack: str) -> None:
    told: list[tuple[str, float | None, float | None]] = []
    first = apply_pack(client, pack, lambda *progress: told.append(progress))
    found = plan_pack(client, pack)
    assert {change.kind.NAME for change in found.changes} == {kind.NAME for kind in KINDS}
    assert (first.created, first.updated, first.unchanged) == (len(found.changes), 0, 0)
    assert [done for _, done, _ in told] == list(range(1, len(found.changes) + 1))
    assert not found.differing
    again = apply_pack(client, pack, lambda *progress: told.append(progress))
    assert not again.changed
    assert str(again) == f"{len(found.changes)} unchanged"


def test_what_subscribers_of_a_shipped_pack_may_use_follows_from_their_plan(client: OpenMeter) -> None:
    apply_pack(client, "ai-tokens", lambda *_: None)
    northwind = client.call("getCustomerAccess", path={"customerIdOrKey": "northwind"})["entitlements"]
    assert northwind["tokens"]["balance"] == 5_000_000 + 1_000_000 + 250_000
    initech = client.call("getCustomerAccess", path={"customerIdOrKey": "initech"})["entitlements"]
    assert (initech["tokens"]["balance"], initech["support_channel"]["hasAccess"]) == (10_000_000, True)
    umbrella = client.call("getCustomerAccess", path={"customerIdOrKey": "umbrella"})["entitlements"]
    assert {key: value["balance"] for key, value in umbrella.items()} == {"tokens": 200_000}  # the trial


def test_where_openmeter_refuses_the_place_and_its_reasons_are_told(client: OpenMeter, tmp_path: Path) -> None:
    """Only OpenMeter knows which cadences fit together; the subject before it stays."""
    path = tmp_path / "p.yaml"
    card = "{type: flat_fee, key: a, name: A, billingCadence: P1W, price: {type: flat, amount: '1'}}"
    path.write_text(
        "version: 1\nsubjects: [{key: before}]\nplans:\n"
        "  - key: odd\n    name: Odd\n    currency: USD\n    billingCadence: P1M\n"
        f"    phases: [{{key: a, name: A, rateCards: [{card}]}}]\n"
    )
    with pytest.raises(DevkitError) as caught:
        apply_pack(client, str(path), lambda *_: None)
    assert "p.yaml:4:5: plan odd: publishPlan answered 400: invalid plan" in caught.value.message
    (reason,) = caught.value.evidence
    assert reason.startswith("$.phases[?(@.key=='a')].rateCards[?(@.key=='a')].billingCadence ")
    assert reason.endswith(" ratecards with prices must have compatible billing cadence")
    assert client.call("getSubject", path={"subjectIdOrKey": "before"})["key"] == "before"


def test_notes_of_updates_are_in_the_summary(client: OpenMeter, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    text = (
        "version: 1\naddons:\n  - {key: noted, name: A, instanceType: single, currency: USD,\n"
        "     rateCards: [{type: flat_fee, key: a, name: A}]}\n"
    )
    path.write_text(text)
    assert str(apply_pack(client, str(path), lambda *_: None)) == "1 created"
    path.write_text(text.replace("name: A, instance", "name: B, instance"))
    said = str(apply_pack(client, str(path), lambda *_: None))
    assert said == "1 updated; add-on noted becomes a new version after version 1"
