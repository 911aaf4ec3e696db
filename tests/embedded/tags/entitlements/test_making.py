"""Making, listing, overriding and deleting entitlements, in both versions of the API."""

import pytest

from tests.embedded.asgi import ask
from tests.embedded.tags.entitlements.scene import METERED, V1, V2, Scene


def test_both_versions_show_the_same_entitlement_in_their_own_form(scene: Scene) -> None:
    made = scene.made(V2, {**METERED, "issue": {"amount": 10, "priority": 3}, "metadata": {"a": "b"}})
    assert made["issue"] == {"amount": 10, "priority": 3}
    assert made["currentUsagePeriod"] == {"from": "2024-01-01T00:00:00Z", "to": "2124-01-01T00:00:00Z"}
    first = scene.get(f"/api/v1/entitlements/{made['id']}").json
    assert (first["subjectKey"], first["isUnlimited"], first["issueAfterReset"]) == ("acme-bot", False, 10)
    shared = set(made) - {"customerId", "customerKey", "issue"}
    assert {name: first[name] for name in shared} == {name: made[name] for name in shared}
    assert scene.get(f"{V1}/{made['id']}").json == first == scene.get(V1).json[0]
    for path in (f"{V2}/calls", f"{V2}/{made['id']}", f"/api/v2/entitlements/{made['id']}"):
        assert scene.get(path).json == made


def test_issue_after_reset_makes_a_grant_that_resets_fill(scene: Scene) -> None:
    scene.made(V2, {**METERED, "issue": {"amount": 10}})
    (grant,) = scene.get(f"{V2}/calls/grants").json["items"]
    assert grant["annotations"] == {"issueAfterReset": True}
    assert (grant["priority"], grant["minRolloverAmount"], grant["maxRolloverAmount"]) == (1, 10, 10)
    assert grant["effectiveAt"] == "2024-01-01T00:00:00Z"


def test_one_feature_one_active_entitlement(scene: Scene) -> None:
    made = scene.made(V2, METERED)
    refused = scene.post(V1, {"type": "boolean", "featureKey": "calls"})
    assert refused.status == 409
    assert refused.json["extensions"] == {"conflictingEntityId": made["id"]}
    assert ask(scene.app, "DELETE", f"{V2}/calls").status == 204
    assert scene.post(V1, {"type": "boolean", "featureKey": "calls"}).status == 201


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"type": "boolean"}, 400, "validation error: feature id or key must be set"),
        ({"type": "boolean", "featureKey": "other"}, 404, "feature not found: other"),
        (
            {**METERED, "usagePeriod": {"interval": "PT59M"}},
            400,
            "validation error: UsagePeriod must be at least 1 hour",
        ),
        ({"type": "static", "featureKey": "flag", "config": "{"}, 400, "validation error: invalid JSON config"),
        ({**METERED, "usagePeriod": {"interval": "PT"}}, 500, None),
        (
            {**METERED, "measureUsageFrom": "2024-02-30T00:00:00Z"},
            400,
            'decode json: parsing time "2024-02-30T00:00:00Z": day out of range',
        ),
        (
            {**METERED, "usagePeriod": {"interval": "P9000Y"}},
            400,
            "validation error: a period ends beyond the calendar",
        ),
    ],
)
def test_what_cannot_be_made(scene: Scene, body: dict[str, object], status: int, detail: str | None) -> None:
    assert scene.detail(V2, body) == (status, detail)
    assert scene.detail(V1, body) == (status, detail)


def test_a_metered_entitlement_needs_a_meter(scene: Scene) -> None:
    status, detail = scene.detail(V2, {**METERED, "featureKey": "flag"})
    assert status == 400
    assert str(detail).endswith(": Feature has no meter")


def test_a_priority_alone_is_refused_by_the_first_version_and_dropped_by_the_second(scene: Scene) -> None:
    body = {**METERED, "issueAfterResetPriority": 5}
    problem = "invalid entitlement value for type metered: IssueAfterResetPriority requires IssueAfterReset"
    assert scene.detail(V1, body) == (400, problem)
    assert "issueAfterResetPriority" not in scene.made(V2, body)


def test_static_configuration_comes_back_in_the_form_of_a_database(scene: Scene) -> None:
    body = {"type": "static", "featureKey": "flag", "config": '{"bb":1,"a":[1,{"c":null}]}'}
    config = '{"a": [1, {"c": null}], "bb": 1}'
    assert scene.made(V2, body)["config"] == config
    assert scene.value("flag") == {"hasAccess": True, "config": config}


def test_boolean_entitlements_hide_their_metadata_in_the_second_version_alone(scene: Scene) -> None:
    made = scene.made(V2, {"type": "boolean", "featureKey": "flag", "metadata": {"a": "b"}})
    assert "metadata" not in made
    assert scene.get(f"/api/v1/entitlements/{made['id']}").json["metadata"] == {"a": "b"}


def test_an_override_ends_the_old_one_and_carries_nothing_over(scene: Scene) -> None:
    old = scene.made(V2, {**METERED, "issue": {"amount": 100}})
    scene.use("2024-01-05T00:00:00Z", 30)
    body = {
        **METERED,
        "measureUsageFrom": "2024-02-01T00:00:00Z",
        "grants": [{"amount": 20, "effectiveAt": "2024-02-01T00:00:00Z"}],
    }
    new = scene.made(f"{V2}/calls/override", body, "PUT")
    assert new["id"] != old["id"]
    assert scene.value()["balance"] == 20
    assert scene.get(f"{V2}/{old['id']}").json["activeTo"] <= new["activeFrom"]
    assert scene.value(old["id"]) == {}
    assert scene.get(f"{V2}/{old['id']}/grants").json["totalCount"] == 0
    listed = scene.get("/api/v2/entitlements?feature=calls").json["items"]
    assert [entitlement["id"] for entitlement in listed] == [old["id"], new["id"]]
    assert len(scene.get("/api/v2/entitlements?feature=calls&excludeInactive=true").json["items"]) == 1


@pytest.mark.parametrize(("feature", "status"), [("none", 404), ("flag", 400)])
def test_a_refused_override_costs_the_grants(scene: Scene, feature: str, status: int) -> None:
    scene.made(V2, {**METERED, "issue": {"amount": 100}})
    assert scene.post(f"{V2}/calls/override", {**METERED, "featureKey": feature}, "PUT").status == status
    assert scene.get(f"{V2}/calls").status == 200
    assert scene.value()["balance"] == 0
    assert scene.get(f"{V2}/calls/grants").json["items"] == []


def test_the_paths_of_the_first_version_ask_for_a_subject_of_a_customer(scene: Scene) -> None:
    assert scene.detail("/api/v1/subjects/nobody/entitlements", METERED) == (
        404,
        "not found error: subject not found [namespace=default subject.idOrKey=nobody]",
    )
    (subject,) = scene.post("/api/v1/subjects", [{"key": "lonely"}]).json
    path = f"/api/v1/subjects/{subject['id']}/entitlements"
    assert scene.detail(path, METERED) == (
        404,
        "not found error: customer with subject key lonely not found in default namespace",
    )
    assert ask(scene.app, "DELETE", "/api/v1/subjects/lonely").status == 204
    assert scene.post(path, METERED).status == 412
    assert scene.post("/api/v1/subjects/lonely/entitlements", METERED).status == 404


def test_a_deleted_entitlement_is_gone_for_everybody(scene: Scene) -> None:
    made = scene.made(V2, METERED)
    assert ask(scene.app, "DELETE", f"{V1}/{made['id']}").status == 204
    for path in (f"{V2}/calls", f"{V1}/{made['id']}", f"/api/v1/entitlements/{made['id']}", f"{V1}/calls/value"):
        assert scene.get(path).status == 404
    assert scene.value() == {}
    assert ask(scene.app, "DELETE", f"{V2}/calls").status == 404


def test_what_has_entitlements_stays(scene: Scene) -> None:
    scene.made(V2, METERED)
    assert ask(scene.app, "DELETE", "/api/v1/customers/acme").status == 409
    assert ask(scene.app, "DELETE", "/api/v1/features/calls").status == 204
    refused = ask(scene.app, "DELETE", "/api/v1/meters/calls")
    assert (refused.status, refused.json["detail"]) == (
        409,
        "conflict error: meter has active entitlements and cannot be deleted",
    )
    assert scene.value()["usage"] == 0
    assert ask(scene.app, "DELETE", f"{V2}/calls").status == 204
    assert ask(scene.app, "DELETE", "/api/v1/meters/calls").status == 204
    assert ask(scene.app, "DELETE", "/api/v1/customers/acme").status == 204


def test_lists_filter_and_page(scene: Scene) -> None:
    scene.made(V2, METERED)
    scene.made(V2, {"type": "boolean", "featureKey": "flag"})
    counts = {
        query: scene.get(f"/api/v2/entitlements?{query}").json["totalCount"]
        for query in (
            "feature=flag",
            "customerKeys=acme",
            "customerKeys=other",
            "entitlementType=metered",
            "pageSize=1",
        )
    }
    assert list(counts.values()) == [1, 2, 0, 1, 2]
    assert [item["type"] for item in scene.get("/api/v1/entitlements?order=DESC").json] == ["boolean", "metered"]
    assert scene.get("/api/v1/entitlements?subject=acme").json == []
    assert len(scene.get("/api/v1/entitlements?subject=acme-bot&limit=1&offset=1").json) == 1
    page = scene.get("/api/v1/entitlements?page=2&pageSize=1").json
    assert (page["page"], page["totalCount"], page["items"][0]["type"]) == (2, 2, "boolean")
