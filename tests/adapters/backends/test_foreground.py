"""What the environment says of the embedded server."""

import pytest

from devkit.adapters.backends.foreground import settings_from
from devkit.embedded.http.calls import ServerSettings


def test_an_environment_that_says_nothing_leaves_all_as_it_is() -> None:
    assert settings_from({}) == ServerSettings()


@pytest.mark.parametrize(("value", "registered"), [("", True), ("0", True), ("1", False), ("true", False)])
def test_webhooks_can_be_left_unregistered(value: str, registered: bool) -> None:
    settings = settings_from({"DEVKIT_STRIPE_DISABLE_WEBHOOK_REGISTRATION": value})
    assert settings.stripe_webhook_registration is registered


def test_stripe_may_reach_the_server_elsewhere() -> None:
    assert settings_from({"DEVKIT_APPS_BASE_URL": "https://tunnel.example"}).apps_base_url == "https://tunnel.example"
