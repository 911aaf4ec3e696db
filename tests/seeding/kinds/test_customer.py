"""Customers of a pack, on a real server."""

from pathlib import Path

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]


def text(mark: str, fields: str) -> str:
    return f"""
version: 1
customers: [{{key: {mark}, name: Name, usageAttribution: {{subjectKeys: [{mark}]}}, {fields}}}]
subjects: [{{key: {mark}}}]
"""


def customer_of(client: OpenMeter, mark: str) -> dict[str, object]:
    found: dict[str, object] = client.call("getCustomer", path={"customerIdOrKey": mark})
    return found


def test_a_customer_comes_after_its_subjects_and_a_second_time_nothing_changes(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    pack = pack_of(tmp_path, text(mark, "currency: USD, primaryEmail: a@b.example, metadata: {a: b}"))
    assert [change.kind.NAME for change in plan(client, pack)] == ["subject", "customer"]
    assert applied(client, pack) == ["create", "create"]
    assert applied(client, pack) == ["unchanged", "unchanged"]


def test_an_update_leaves_what_the_pack_does_not_mention(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    applied(client, pack_of(tmp_path, text(mark, "currency: USD, billingAddress: {country: US, city: Boston}")))
    changed = pack_of(tmp_path, text(mark, "description: Words., billingAddress: {city: Salem}"))
    assert applied(client, changed) == ["unchanged", "update"]
    assert applied(client, changed) == ["unchanged", "unchanged"]
    found = customer_of(client, mark)
    assert (found["currency"], found["description"]) == ("USD", "Words.")
    assert found["billingAddress"] == {"country": "US", "city": "Salem"}


def test_the_order_of_subjects_means_nothing(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    """OpenMeter sorts them, and refuses another order for a customer who has a subscription."""
    subjects = f"usageAttribution: {{subjectKeys: [{mark}_b, {mark}_a]}}"
    source = f"version: 1\ncustomers: [{{key: {mark}, name: Name, {subjects}}}]"
    assert applied(client, pack_of(tmp_path, source)) == ["create"]
    assert applied(client, pack_of(tmp_path, source)) == ["unchanged"]
    assert applied(client, pack_of(tmp_path, source.replace("Name", "Other"))) == ["update"]
    assert customer_of(client, mark)["usageAttribution"] == {"subjectKeys": [f"{mark}_a", f"{mark}_b"]}
