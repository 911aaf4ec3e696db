"""Grants of a pack, on a real server."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.clock import advance_clock
from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, InputError
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark
from tests.servers import embedded_server

__all__ = ["client", "mark"]


def text(mark: str, fields: str = "amount: 10") -> str:
    return f"""
version: 1
grants: [{{customerKey: {mark}, featureKey: {mark}, key: first, {fields}}}]
entitlements: [{{customerKey: {mark}, featureKey: {mark}, type: metered, usagePeriod: {{interval: MONTH}}}}]
customers: [{{key: {mark}, name: Name, usageAttribution: {{subjectKeys: [{mark}]}}}}]
features: [{{key: {mark}, name: Name, meterSlug: {mark}}}]
meters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]
"""


def without(section: str, source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.startswith(section))


def apply_text(client: OpenMeter, tmp_path: Path, source: str, *, recreate: bool = False) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source), recreate=recreate))


def grants(client: OpenMeter, mark: str) -> list[dict[str, Any]]:
    path = {"customerIdOrKey": mark, "entitlementIdOrFeatureKey": mark}
    found: list[dict[str, Any]] = client.call("listCustomerEntitlementGrantsV2", path=path)["items"]
    return [grant for grant in found if not grant.get("voidedAt")]


def balance(client: OpenMeter, mark: str) -> float:
    path = {"customerIdOrKey": mark, "entitlementIdOrFeatureKey": mark}
    return float(client.call("getCustomerEntitlementValueV2", path=path)["balance"])


WHOLE = """amount: 10.5, priority: 3, expiration: {duration: MONTH, count: 2}, recurrence: {interval: P1W},
  minRolloverAmount: 1, maxRolloverAmount: 4, metadata: {a: b}"""


@pytest.mark.parametrize("fields", ["amount: 10", WHOLE])
def test_a_grant_counts_at_once_and_a_second_time_nothing_is_granted(
    client: OpenMeter, tmp_path: Path, mark: str, fields: str
) -> None:
    assert apply_text(client, tmp_path, text(mark, fields)) == {"create"}
    before = balance(client, mark)
    assert before in {10, 10.5}
    assert apply_text(client, tmp_path, text(mark, fields)) == {"unchanged"}
    assert balance(client, mark) == before
    (grant,) = grants(client, mark)
    assert grant["metadata"]["devkit_key"] == "first"


def test_grants_of_others_are_left_alone_and_taken_for_no_others(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    path = {"customerIdOrKey": mark, "entitlementIdOrFeatureKey": mark}
    body = {"amount": 5, "effectiveAt": grants(client, mark)[0]["effectiveAt"]}
    client.call("createCustomerEntitlementGrantV2", path=path, body=body)
    second = text(mark).replace(
        "grants: [", f"grants: [{{customerKey: {mark}, featureKey: {mark}, key: b, amount: 1}}, "
    )
    assert apply_text(client, tmp_path, second) == {"unchanged", "create"}
    assert apply_text(client, tmp_path, second) == {"unchanged"}
    assert balance(client, mark) == 16


def test_a_grant_that_differs_is_refused_and_recreating_voids_it(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    with pytest.raises(DevkitError, match="cannot change amount of the grant") as caught:
        apply_text(client, tmp_path, text(mark, "amount: 11"))
    assert caught.value.evidence == (f"grant {mark}/{mark}/first: amount: 10 → 11",)
    assert balance(client, mark) == 10
    assert apply_text(client, tmp_path, text(mark, "amount: 11"), recreate=True) == {"unchanged", "recreate"}
    assert balance(client, mark) == 11
    assert apply_text(client, tmp_path, text(mark, "amount: 11")) == {"unchanged"}


@pytest.mark.parametrize("amount", [10, 11])
def test_an_entitlement_that_is_made_anew_has_its_grants_again(
    client: OpenMeter, tmp_path: Path, mark: str, amount: int
) -> None:
    apply_text(client, tmp_path, text(mark))
    weekly = text(mark, f"amount: {amount}").replace("interval: MONTH", "interval: WEEK")
    assert apply_text(client, tmp_path, weekly, recreate=True) == {"unchanged", "recreate", "create"}
    assert balance(client, mark) == amount
    assert len(grants(client, mark)) == 1
    assert apply_text(client, tmp_path, weekly) == {"unchanged"}


def test_a_voided_grant_is_granted_again(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    client.call("voidGrant", path={"grantId": grants(client, mark)[0]["id"]})
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged", "create"}
    assert balance(client, mark) == 10


def test_times_are_the_same_to_the_minute(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    soon = "amount: 10, effectiveAt: 2090-01-01T01:00:42+01:00"
    apply_text(client, tmp_path, text(mark, soon))
    assert grants(client, mark)[0]["effectiveAt"] == "2090-01-01T00:00:00Z"
    assert apply_text(client, tmp_path, text(mark, soon)) == {"unchanged"}
    with pytest.raises(DevkitError, match="cannot change effectiveAt"):
        apply_text(client, tmp_path, text(mark, "amount: 10, effectiveAt: 2090-01-01T00:01:00Z"))


def test_the_time_of_applying_is_the_servers(tmp_path: Path, mark: str) -> None:
    with (
        embedded_server(tmp_path / "data", "--clock", "2030-01-31T00:00:00Z") as url,
        OpenMeter(url) as elsewhen,
    ):
        assert apply_text(elsewhen, tmp_path, without("grants", text(mark))) == {"create"}
        moved = advance_clock(url, "P10D")
        assert apply_text(elsewhen, tmp_path, text(mark)) == {"unchanged", "create"}
        effective = datetime.fromisoformat(grants(elsewhen, mark)[0]["effectiveAt"])
        assert abs(effective - datetime.fromisoformat(str(moved.now))) < timedelta(minutes=5)
        assert balance(elsewhen, mark) == 10


def test_a_grant_without_its_entitlement_is_told_before_anything_is_written(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    with pytest.raises(InputError) as caught:
        apply_text(client, tmp_path, without("entitlements", text(mark)))
    assert f"p.yaml:3:51: grants[0].featureKey: there is no entitlement '{mark}/{mark}'" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("amount: 10", "amount: 0", "grants[0].amount: must be above 0"),
        ("amount: 10", "amount: 10, expiration: {duration: MONTHS, count: 1}", "did you mean 'MONTH'?"),
        ("amount: 10", "amount: 10, metadata: {devkit_key: x}", "devkit keeps the grant's key there (remove it)"),
        ("amount: 10", "amount: 10, minRolloverAmount: 2, maxRolloverAmount: 1", "minRolloverAmount: is above"),
        ("key: first, ", "", "grants[0]: key is missing"),
        ("type: metered, usagePeriod: {interval: MONTH}", "type: boolean", "that entitlement is boolean; only metered"),
        (", meterSlug: xx", "", "entitlements[0].featureKey: the feature 'xx' has no meter"),
    ],
)
def test_what_openmeter_would_refuse_is_told_before(tmp_path: Path, old: str, new: str, expected: str) -> None:
    source = text("xx")
    assert old in source
    assert expected in "\n".join(problems_of(tmp_path, source.replace(old, new, 1)))
