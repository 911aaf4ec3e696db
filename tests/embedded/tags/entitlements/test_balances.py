"""Values, grants, resets and histories over usage from real events."""

from datetime import datetime, timedelta

import pytest

from devkit.embedded.domain.instants import instant
from devkit.embedded.store.balance_snapshots import latest_snapshot
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.tags.entitlements.scene import METERED, V1, V2, Scene

GRANTS = f"{V2}/calls/grants"
START = "2024-01-01T00:00:00Z"


def grant(scene: Scene, amount: float, effective: str = START, **others: object) -> str:
    return str(scene.made(GRANTS, {"amount": amount, "effectiveAt": effective, **others})["id"])


def test_usage_of_all_subjects_of_the_customer_burns_its_grants(scene: Scene) -> None:
    scene.made(V2, METERED)
    first, second = grant(scene, 10, priority=1), grant(scene, 50, priority=2)
    for subject, amount in (("acme-user", 8), ("acme-bot", 5), ("acme", 1), ("somebody", 99)):
        scene.use("2024-01-05T00:00:00Z", amount, subject)
    assert scene.value() == {
        "hasAccess": True,
        "balance": 46,
        "usage": 14,
        "overage": 0,
        "totalAvailableGrantAmount": 60,
        "grantBalances": {first: 0, second: 46},
    }
    assert "grantBalances" not in scene.get(f"{V1}/calls/value").json
    assert scene.get("/api/v1/customers/acme/entitlements/calls/value").json == scene.get(f"{V1}/calls/value").json
    assert scene.get("/api/v1/customers/acme/access").json == {"entitlements": {"calls": scene.value()}}


def test_no_access_is_left_out_by_the_second_version(scene: Scene) -> None:
    scene.made(V2, METERED)
    scene.use("2024-01-05T00:00:00Z", 3)
    spent = {"balance": 0, "usage": 3, "overage": 3, "totalAvailableGrantAmount": 0}
    assert scene.value() == {**spent, "grantBalances": {}}
    assert scene.get(f"{V1}/calls/value").json == {"hasAccess": False, **spent}
    scene.made(f"{V2}/calls/override", {**METERED, "isSoftLimit": True}, "PUT")
    assert scene.value()["hasAccess"] is True


def test_the_first_value_leaves_a_snapshot_that_late_events_do_not_change(scene: Scene, store: Store) -> None:
    entitlement = scene.made(V2, METERED)
    grant(scene, 100)
    grant(scene, 50, "2024-02-01T00:00:00Z")
    scene.use("2024-01-10T00:00:00Z", 30)
    scene.use("2024-02-03T00:00:00Z", 4)
    assert scene.value()["totalAvailableGrantAmount"] == 150
    kept = latest_snapshot(store, entitlement["id"], store.now())
    assert kept is not None
    assert (kept.at, kept.balance, kept.usage) == (instant("2024-02-01T00:00:00Z"), 120, 30)
    scene.use("2024-01-20T00:00:00Z", 10)
    assert (scene.value()["balance"], scene.value()["totalAvailableGrantAmount"]) == (116, 120)
    grant(scene, 20, "2024-01-25T00:00:00Z", priority=1)
    assert (scene.value()["balance"], scene.value()["usage"]) == (126, 44)


def test_a_reset_rolls_grants_over_and_counts_anew(scene: Scene) -> None:
    scene.made(V2, METERED)
    grant(scene, 100, minRolloverAmount=5, maxRolloverAmount=40)
    scene.use("2024-01-05T00:00:00Z", 30)
    assert scene.post(f"{V2}/calls/reset", {"effectiveAt": "2024-02-01T00:00:30Z"}).status == 204
    scene.use("2024-02-02T00:00:00Z", 1)
    assert (scene.value()["balance"], scene.value()["usage"]) == (39, 1)
    shown = scene.get(f"{V2}/calls").json
    assert shown["lastReset"] == shown["currentUsagePeriod"]["from"] == "2024-02-01T00:00:00Z"
    assert shown["currentUsagePeriod"]["to"] == "2124-02-01T00:00:00Z"
    assert shown["usagePeriod"]["anchor"] == START


@pytest.mark.parametrize(("preserve", "balance"), [(True, 30), (False, 50), (None, 50)])
def test_overage_is_forgiven_at_a_reset_or_burns_what_rolled_over(
    scene: Scene, preserve: bool | None, balance: float
) -> None:
    scene.made(V2, METERED)
    grant(scene, 100, minRolloverAmount=50, maxRolloverAmount=50)
    scene.use("2024-01-05T00:00:00Z", 120)
    body = {"effectiveAt": "2024-02-01T00:00:00Z"} | ({} if preserve is None else {"preserveOverage": preserve})
    assert scene.post(f"{V2}/calls/reset", body).status == 204
    assert scene.value()["balance"] == balance


@pytest.mark.parametrize(
    ("effective", "detail"),
    [
        (START, "reset at 2024-01-01 00:00:00 +0000 UTC must be after last reset at 2024-01-01 00:00:00 +0000 UTC"),
        ("2999-01-01T00:00:00.5+02:00", "cannot reset at 2999-01-01 00:00:00.5 +0200 +0200 in the future"),
        (
            "2023-12-31T00:00:00Z",
            "reset at 2023-12-31 00:00:00 +0000 UTC is before current usage period start 2024-01-01 00:00:00 +0000 UTC",
        ),
    ],
)
def test_resets_have_their_place(scene: Scene, effective: str, detail: str) -> None:
    made = scene.made(V2, METERED)
    for path in (f"{V2}/calls/reset", f"{V1}/{made['id']}/reset"):
        assert scene.detail(path, {"effectiveAt": effective}) == (400, f"validation error: {detail}")


def test_a_voided_grant_keeps_what_it_paid(scene: Scene) -> None:
    scene.made(V2, METERED)
    made = grant(scene, 100)
    scene.use("2024-01-05T00:00:00Z", 30)
    scene.use("2024-01-15T00:00:00Z", 5)
    assert scene.value()["balance"] == 65
    void = f"/api/v1/grants/{made}"
    assert ask(scene.app, "DELETE", f"{void}?at=2024-01-10T00:00:30Z").status == 204
    assert scene.value() == {
        "balance": 0,
        "usage": 35,
        "overage": 5,
        "totalAvailableGrantAmount": 30,
        "grantBalances": {},
    }
    again = ask(scene.app, "DELETE", void)
    assert (again.status, again.json["detail"]) == (400, "validation error: grant already voided")
    assert scene.get(GRANTS).json["items"][0]["voidedAt"] == "2024-01-10T00:00:00Z"


def test_the_grant_of_a_deleted_entitlement_cannot_be_voided(scene: Scene) -> None:
    scene.made(V2, METERED)
    made = grant(scene, 100)
    assert ask(scene.app, "DELETE", f"{V2}/calls").status == 204
    assert ask(scene.app, "DELETE", f"/api/v1/grants/{made}").status == 404


def test_grants_are_told_apart_by_the_versions(scene: Scene) -> None:
    scene.made(V2, METERED)
    second = scene.made(GRANTS, {"amount": 5, "effectiveAt": "2024-01-01T02:00:59+02:00"})
    assert (second["effectiveAt"], second["maxRolloverAmount"], second["priority"]) == (
        "2024-01-01T02:00:00+02:00",
        5,
        0,
    )
    body = {"amount": 5, "effectiveAt": "2024-01-31T00:00:00Z", "expiration": {"duration": "MONTH", "count": 1}}
    first = scene.made(f"{V1}/calls/grants", {**body, "recurrence": {"interval": "DAY"}})
    assert (first["maxRolloverAmount"], first["expiresAt"]) == (0, "2024-03-02T00:00:00Z")
    assert first["recurrence"] == {"anchor": "2024-01-31T00:00:00Z", "interval": "DAY", "intervalISO": "P1D"}
    assert instant(first["nextRecurrence"]) - datetime.now(instant(START).tzinfo) <= timedelta(days=1)
    shown = {item["id"]: item for item in scene.get(f"{V1}/calls/grants").json}
    assert shown[second["id"]]["expiration"] == {"count": 100, "duration": "YEAR"}
    assert shown[second["id"]]["effectiveAt"] == START
    assert "expiresAt" not in scene.get(GRANTS).json["items"][0]


def test_grants_must_be_worth_something_and_of_this_period(scene: Scene) -> None:
    scene.made(V2, METERED)
    nothing = scene.post(GRANTS, {"amount": 0, "effectiveAt": START})
    (issue,) = nothing.json["extensions"]["validationErrors"]
    assert (nothing.status, issue["code"], issue["field"]) == (400, "grant_amount_must_be_positive", "$.amount")
    assert "detail" not in nothing.json
    status, detail = scene.detail(GRANTS, {"amount": 1, "effectiveAt": "2023-12-31T23:59:00Z"})
    assert (status, str(detail)[:60]) == (400, "validation error: grant effective date 2023-12-31 23:59:00 +")
    assert scene.detail(GRANTS, {"amount": 1, "effectiveAt": "2024-02-30T00:00:00Z"}) == (
        400,
        'decode json: parsing time "2024-02-30T00:00:00Z": day out of range',
    )


def test_only_metered_entitlements_have_balances(scene: Scene) -> None:
    scene.made(V2, {"type": "boolean", "featureKey": "flag"})
    wrong = (400, "expected entitlement type metered but got boolean")
    assert scene.detail(f"{V2}/flag/grants", {"amount": 1, "effectiveAt": START}) == wrong
    assert scene.detail(f"{V2}/flag/reset", {}) == wrong
    assert scene.detail(f"{V2}/flag/history?windowSize=DAY", None, "GET") == wrong
    assert scene.get(f"{V2}/flag/grants").json["items"] == []


def test_a_value_of_later_counts_what_is_known_of_then(scene: Scene) -> None:
    scene.made(V2, METERED)
    now_grant = grant(scene, 10)
    grant(scene, 5, "2050-01-01T00:00:00Z", priority=1)
    scene.use("2050-01-10T00:00:00Z", 3)
    assert scene.value()["grantBalances"] == {now_grant: 10}
    assert scene.value(query="time=2050-01-09T23:59:00.5Z")["balance"] == 15
    assert scene.value(query="time=2050-02-01T00:00:00%2B01:00")["balance"] == 12
    assert scene.value(query="time=2024-02-01T00:00:00Z") == {}
    assert scene.get(f"{V1}/calls/value?time=2024-02-01T00:00:00Z").status == 404


def test_before_the_start_of_measurement_there_is_no_value(scene: Scene) -> None:
    scene.made(V2, {**METERED, "measureUsageFrom": "2050-01-01T00:00:00Z"})
    assert scene.get(f"{V2}/calls/value").status == 500
    assert scene.get("/api/v1/customers/acme/access").status == 500
    assert scene.detail(f"{V2}/calls/history?windowSize=DAY", None, "GET") == (
        400,
        "validation error: from must be before to",
    )
    assert scene.value(query="time=2050-01-02T00:00:00Z")["usage"] == 0


def test_time_moved_forward_moves_the_usage_period(scene: Scene, store: Store) -> None:
    scene.made(V2, {**METERED, "usagePeriod": {"interval": "DAY"}, "measureUsageFrom": "NOW", "issue": {"amount": 10}})
    scene.use(store.now().isoformat(), 4)
    assert (scene.value()["balance"], scene.value()["usage"]) == (6, 4)
    store.advance_clock(store.now() + timedelta(days=1, minutes=2))
    assert (scene.value()["balance"], scene.value()["usage"]) == (10, 0)
