"""Apps, billing profiles and customer overrides of a pack, on a real server."""

from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import DevkitError, InputError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark
from tests.servers import embedded_server

__all__ = ["client", "mark"]

BEGUN, SECOND = "key: a, name: a, appKey: b", "key: c, name: a, appKey: b"
SUPPLIER = "supplier: {name: Company, addresses: [{country: US, city: Austin}]}"


def text(mark: str, app: str = "", profile: str = SUPPLIER, pinned: str = "own") -> str:
    """A profile on an app of the pack, one on the sandbox, and a customer who is pinned to one of them."""
    return f"""
version: 1
customerOverrides: [{{customerKey: {mark}, billingProfileKey: {mark}_{pinned}}}]
billingProfiles:
- {{key: {mark}_own, name: Own, appKey: {mark}, {profile}}}
- {{key: {mark}_box, name: Box, appKey: sandbox, {SUPPLIER}}}
apps: [{{key: {mark}, name: App, {app}}}]
customers: [{{key: {mark}, name: Name}}]
"""


def apply_text(client: OpenMeter, tmp_path: Path, source: str) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source)))


def differences(client: OpenMeter, tmp_path: Path, source: str) -> list[str]:
    changes = plan(client, pack_of(tmp_path, source))
    return [f"{change.kind.NAME}: {difference}" for change in changes for difference in change.differences]


def made(client: OpenMeter, operation: str, key: str) -> dict[str, Any]:
    """The only one that carries the key."""
    items = client.call(operation, query={"page": 1, "pageSize": 1000})["items"]
    (found,) = [item for item in items if (item.get("metadata") or {}).get("devkit_key") == key]
    return dict(found)


def pinned_to(client: OpenMeter, mark: str) -> str:
    customer = client.call("getCustomer", path={"customerIdOrKey": mark})["id"]
    override = client.call("getBillingProfileCustomerOverride", path={"customerId": customer})["customerOverride"]
    return str(override["billingProfileId"])


def test_all_are_made_once_and_refer_to_each_other(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    hooks = "type: custom_invoicing, enableDraftSyncHook: true, description: Words., metadata: {a: b}"
    workflow = "workflow: {collection: {interval: PT0S}, invoicing: {draftPeriod: P0Y2D, autoAdvance: false}}"
    whole = text(mark, hooks, f"{SUPPLIER}, {workflow}, description: Words., metadata: {{a: b}}")
    assert apply_text(client, tmp_path, whole) == {"create"}
    app, own = made(client, "listApps", mark), made(client, "listBillingProfiles", f"{mark}_own")
    assert (app["type"], app["enableDraftSyncHook"], app["enableIssuingSyncHook"]) == ("custom_invoicing", True, False)
    assert (app["description"], app["metadata"]["a"]) == ("Words.", "b")
    assert own["apps"] == {role: {"id": app["id"]} for role in ("tax", "invoicing", "payment")}
    assert (own["default"], own["workflow"]["invoicing"]["autoAdvance"]) == (False, False)
    assert pinned_to(client, mark) == own["id"]
    assert apply_text(client, tmp_path, whole) == {"unchanged"}


def test_updates_change_what_the_pack_mentions_and_keep_the_rest(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    before = f"{SUPPLIER}, workflow: {{invoicing: {{draftPeriod: P2D, dueAfter: P7D}}}}, metadata: {{a: b}}"
    apply_text(client, tmp_path, text(mark, "enableDraftSyncHook: true, metadata: {a: b}", before))
    supplier = "supplier: {name: Other, addresses: [{country: DE}]}"
    changed = text(
        mark,
        "description: New., enableIssuingSyncHook: true",
        f"{supplier}, workflow: {{invoicing: {{dueAfter: P8D}}}}",
    )
    assert set(differences(client, tmp_path, changed)) == {
        "app: description:  → New.",
        "app: enableIssuingSyncHook: false → true",
        "billing profile: supplier.name: Company → Other",
        "billing profile: supplier.addresses[0].country: US → DE",
        "billing profile: workflow.invoicing.dueAfter: P7D → P8D",
    }
    assert apply_text(client, tmp_path, changed) == {"update", "unchanged"}
    app, own = made(client, "listApps", mark), made(client, "listBillingProfiles", f"{mark}_own")
    assert (app["description"], app["enableDraftSyncHook"], app["enableIssuingSyncHook"]) == ("New.", True, True)
    assert app["metadata"]["a"] == own["metadata"]["a"] == "b"
    assert own["supplier"] == {"name": "Other", "addresses": [{"country": "DE", "city": "Austin"}]}
    invoicing = own["workflow"]["invoicing"]
    assert (invoicing["draftPeriod"], invoicing["dueAfter"]) == ("P2D", "P8D")
    assert apply_text(client, tmp_path, changed) == {"unchanged"}


def test_metadata_of_the_pack_is_all_that_there_is_beside_the_key(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark, "metadata: {a: b}", f"{SUPPLIER}, metadata: {{a: b}}"))
    other = text(mark, "metadata: {c: d}", f"{SUPPLIER}, metadata: {{}}")
    assert apply_text(client, tmp_path, other) == {"update", "unchanged"}
    assert made(client, "listApps", mark)["metadata"] == {"c": "d", "devkit_key": mark}
    assert made(client, "listBillingProfiles", f"{mark}_own")["metadata"] == {"devkit_key": f"{mark}_own"}
    assert apply_text(client, tmp_path, other) == {"unchanged"}


def test_an_override_moves_to_another_profile(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    other = text(mark, pinned="box")
    assert differences(client, tmp_path, other) == [f"customer override: billingProfileKey: {mark}_own → {mark}_box"]
    apply_text(client, tmp_path, other)
    assert pinned_to(client, mark) == made(client, "listBillingProfiles", f"{mark}_box")["id"]
    assert apply_text(client, tmp_path, other) == {"unchanged"}


def test_a_profile_that_no_pack_made_is_told_by_its_id(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    default = next(each for each in client.call("listBillingProfiles")["items"] if each["default"])
    customer = client.call("getCustomer", path={"customerIdOrKey": mark})["id"]
    body = {"billingProfileId": default["id"]}
    client.call("upsertBillingProfileCustomerOverride", path={"customerId": customer}, body=body)
    expected = f"customer override: billingProfileKey: {default['id']} → {mark}_own"
    assert differences(client, tmp_path, text(mark)) == [expected]


def test_a_deleted_override_is_made_again(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    customer = client.call("getCustomer", path={"customerIdOrKey": mark})["id"]
    client.call("deleteBillingProfileCustomerOverride", path={"customerId": customer})
    assert apply_text(client, tmp_path, text(mark)) == {"create", "unchanged"}
    assert pinned_to(client, mark) == made(client, "listBillingProfiles", f"{mark}_own")["id"]


def test_the_app_of_a_profile_never_changes(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    moved = text(mark).replace("name: Box, appKey: sandbox", f"name: Box, appKey: {mark}")
    with pytest.raises(DevkitError, match=f"cannot change appKey of the billing profile '{mark}_box'") as caught:
        apply_text(client, tmp_path, moved)
    assert "another key" in str(caught.value.hint)
    assert f"billing profile {mark}_box: appKey: sandbox → {mark}" in caught.value.evidence


def test_an_app_that_openmeter_refuses_does_not_stay_behind(
    client: OpenMeter, tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = pack_of(tmp_path, f"version: 1\napps: [{{key: {mark}, name: {mark}}}]")
    call = client.call

    def refusing(operation: str, **request: Any) -> Any:
        if operation == "updateApp":
            raise ApiError(operation, 400, {"detail": "no"})
        return call(operation, **request)

    monkeypatch.setattr(client, "call", refusing)
    with pytest.raises(DevkitError, match=r"p\.yaml:2:\d+: app .*no"):
        applied(client, pack)
    monkeypatch.undo()
    apps = client.call("listApps", query={"page": 1, "pageSize": 1000})["items"]
    assert mark not in [app["name"] for app in apps]


def test_the_default_is_taken_over_once_and_a_subscriber_is_billed_by_it(tmp_path: Path) -> None:
    """On a server of its own, as the default is everybody's."""
    first = f"billingProfiles: [{{key: one, name: One, appKey: sandbox, default: true, {SUPPLIER}}}]"
    both = f"""
billingProfiles:
- {{key: two, name: Two, appKey: sandbox, default: true, {SUPPLIER}}}
- {{key: one, name: Renamed, appKey: sandbox, default: false, {SUPPLIER}}}
"""
    with embedded_server(tmp_path / "data") as url, OpenMeter(url) as own:
        assert apply_text(own, tmp_path, f"version: 1\n{first}") == {"create"}
        assert apply_text(own, tmp_path, f"version: 1\n{first}") == {"unchanged"}
        assert _defaults(own) == ["One"]
        assert apply_text(own, tmp_path, f"version: 1\n{both}") == {"create", "update"}
        assert _defaults(own) == ["Two"]
        assert apply_text(own, tmp_path, f"version: 1\n{both}") == {"unchanged"}
        silent = both.replace("default: true, ", "").replace("name: Two", "name: Still")
        assert apply_text(own, tmp_path, f"version: 1\n{silent}") == {"update", "unchanged"}
        assert _defaults(own) == ["Still"]
        assert apply_text(own, tmp_path, SUBSCRIBED) == {"create"}
        invoices = own.call("listInvoices", query={"page": 1, "pageSize": 100})["items"]
        (invoice,) = [each for each in invoices if each["status"] != "gathering"]
        assert (invoice["supplier"]["name"], invoice["totals"]["total"]) == ("Fourth", "10")
        assert (invoice["customer"]["name"], invoice["status"]) == ("Buyer", "paid")


SUBSCRIBED = """
version: 1
subscriptions: [{customerKey: buyer, plan: {key: fee}}]
customerOverrides: [{customerKey: buyer, billingProfileKey: fourth}]
billingProfiles:
- key: fourth
  name: Fourth
  appKey: sandbox
  supplier: {name: Fourth, addresses: [{country: US}]}
  workflow: {collection: {interval: PT0S}}
customers: [{key: buyer, name: Buyer, currency: USD}]
plans:
- key: fee
  name: Fee
  currency: USD
  billingCadence: P1M
  phases:
  - key: only
    name: Only
    rateCards:
    - {type: flat_fee, key: fee, name: Fee, billingCadence: P1M, price: {type: flat, amount: "10"}}
"""


def _defaults(client: OpenMeter) -> list[str]:
    profiles = client.call("listBillingProfiles", query={"page": 1, "pageSize": 100})["items"]
    return [profile["name"] for profile in profiles if profile["default"]]


def test_an_app_that_is_nowhere_is_told(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    pack = pack_of(tmp_path, text(mark).replace("appKey: sandbox", "appKey: sandbag"))
    with pytest.raises(InputError, match="there is no app 'sandbag', neither in the pack nor on the server"):
        plan(client, pack)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "apps: [{key: sandbox, name: a}]",
            "apps[0].key: 'sandbox' is the sandbox app that the server has (billing profiles name it as appKey:",
        ),
        (
            "apps: [{key: a, name: a, type: stripe}]",
            "apps[0].type: 'stripe' is not custom_invoicing, the only type that a pack installs",
        ),
        ("apps: [{key: a, name: a, metadata: {devkit_key: b}}]", "devkit keeps the app's key there (remove it)"),
        ("apps: [{key: a, name: a, metadata: {b: ''}}]", "apps[0].metadata.b: must not be empty"),
        ("apps: [{key: a, name: a, metadata: {'': b}}]", "apps[0].metadata: the key '' is not a name: it is empty"),
        (
            f"billingProfiles: [{{key: a, name: a, appKey: sandbox, apps: {{}}, {SUPPLIER}}}]",
            "billingProfiles[0].apps: unknown key (appKey: one app does all the work)",
        ),
        (
            f"billingProfiles: [{{{BEGUN}, supplier: {{name: c, addresses: [{{city: d}}]}}}}]",
            "billingProfiles[0].supplier.addresses[0]: country is missing",
        ),
        (
            f"billingProfiles: [{{{BEGUN}, supplier: {{name: c, addresses: []}}}}]",
            "needs at least 1 item",
        ),
        (
            f"billingProfiles: [{{{BEGUN}, {SUPPLIER}, workflow: {{tax: {{enforced: true, enabled: false}}}}}}]",
            "billingProfiles[0].workflow.tax.enforced: tax is enforced but not enabled",
        ),
        (
            f"billingProfiles: [{{{BEGUN}, {SUPPLIER}, workflow: {{invoicing: {{dueAfter: 30d}}}}}}]",
            "'30d' is not an ISO 8601 duration such as P1M",
        ),
        (
            f"billingProfiles: [{{{BEGUN}, default: true, {SUPPLIER}}}, {{{SECOND}, default: true, {SUPPLIER}}}]",
            "billingProfiles[1].default: the default is 'a' already: there is one at a time",
        ),
        (
            "customerOverrides: [{customerKey: a, profileKey: b}]",
            "unknown key (did you mean 'billingProfileKey'?)",
        ),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_written(tmp_path: Path, section: str, expected: str) -> None:
    assert expected in "\n".join(problems_of(tmp_path, f"version: 1\n{section}\n"))
