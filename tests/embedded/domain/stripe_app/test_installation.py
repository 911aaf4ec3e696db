"""Keys, and what an app becomes of them."""

import pytest

from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid, Unauthorized
from devkit.embedded.domain.stripe_app import installation as rules

APP = rules.installed(id_="01A", name="Stripe", key="sk_test_abcdef", account_id="acct_1", now="2025-01-01T00:00:00Z")


@pytest.mark.parametrize("key", ["sk_live_123456789", "rk_live_1", "sk_org_live_1", "sk_live_", "pk_live_1"])
def test_a_live_key_is_refused_with_a_way_out_and_without_being_told_on(key: str) -> None:
    with pytest.raises(Unauthorized, match="devkit takes no live keys") as refused:
        rules.check_not_live(key)
    assert f"{key[:2]}_test_" in refused.value.detail
    assert "123456789" not in refused.value.detail


@pytest.mark.parametrize("key", ["sk_test_live", "rk_test_1", "pk_test_123", "x", "", "live", "alive_and_well"])
def test_other_keys_are_for_stripe_to_judge(key: str) -> None:
    rules.check_not_live(key)


@pytest.mark.parametrize(
    ("key", "live"), [("sk_test_1", False), ("rk_test_1", False), ("sk_live_1", True), ("pk_test_1", True), ("", True)]
)
def test_all_but_the_prefixes_of_test_mode_are_live(key: str, live: bool) -> None:
    assert rules.is_live(key) is live


def test_a_key_is_shown_by_its_ends() -> None:
    assert APP["maskedAPIKey"] == "sk_test_***def"
    assert (APP["livemode"], APP["status"], APP["description"]) == (False, "ready", "Stripe account acct_1")


def test_the_endpoint_carries_its_owner_and_the_version_that_is_read() -> None:
    endpoint = rules.webhook_endpoint(rules.webhook_url("https://tunnel.example/", "01A"), "01A", "default")
    assert endpoint["url"] == "https://tunnel.example/api/v1/apps/01A/stripe/webhook"
    assert endpoint["metadata"] == {"om_namespace": "default", "om_app_id": "01A"}
    assert endpoint["api_version"] == "2024-09-30.acacia"
    assert len(endpoint["enabled_events"]) == 12


def test_a_new_key_has_to_be_of_the_same_mode_and_account() -> None:
    with pytest.raises(Invalid, match="live mode but the app is in test mode"):
        rules.check_same_mode(APP, "sk_live_123456789")
    with pytest.raises(Invalid, match="test mode but the app is in live mode"):
        rules.check_same_mode({**APP, "livemode": True}, "sk_test_123456789")
    with pytest.raises(Invalid, match="stripe account id mismatch: acct_2 != acct_1"):
        rules.check_same_account(APP, "acct_2")
    rules.check_same_mode(APP, "rk_test_123456789")
    rules.check_same_account(APP, "acct_1")


def test_an_empty_key_and_one_that_is_too_short_are_refused() -> None:
    with pytest.raises(Invalid, match="cannot be empty"):
        rules.check_replacement("")
    rules.check_replacement("sk_")
    with pytest.raises(InternalFailure):
        rules.check_maskable("sk_test")
    rules.check_maskable("sk_test_")


def test_a_good_key_makes_an_unauthorized_app_ready_again() -> None:
    refused = rules.unauthorized(APP, now="2025-01-02T00:00:00Z")
    assert refused["status"] == "unauthorized"
    again = rules.with_key(refused, "sk_test_xyz", now="2025-01-03T00:00:00Z")
    assert (again["status"], again["maskedAPIKey"], again["updatedAt"]) == (
        "ready",
        "sk_test_***xyz",
        "2025-01-03T00:00:00Z",
    )


def test_an_account_has_one_app() -> None:
    refused = rules.account_taken("acct_1", "default")
    assert isinstance(refused, Conflict)
    assert "acct_1 in namespace default" in refused.detail
