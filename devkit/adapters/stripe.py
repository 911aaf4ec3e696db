"""Stripe's API in test mode, or its stand-in, through the official package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from devkit.core.errors import UsageError
from devkit.core.outside import Outside
from devkit.core.secrets_file import Secrets

if TYPE_CHECKING:
    import requests
    import stripe

API_VERSION = "2024-09-30.acacia"  # the release train whose events OpenMeter accepts
KEY, BASE = "STRIPE_API_KEY", "DEVKIT_STRIPE_API_BASE"  # as the environment names them
ADDRESS = "https://api.stripe.com"

_TIMEOUT_SECONDS = 10
_RETRIES = 1


@dataclass(frozen=True)
class StripeAccess:
    """A key and where it opens an account. base: the address of a stand-in; None for Stripe itself."""

    key: str = field(repr=False)
    base: str | None = None

    def __post_init__(self) -> None:
        if not self.key.startswith(("sk_test_", "rk_test_")):
            raise UsageError(
                "the Stripe key is not one of the test mode, and devkit uses no other",
                hint="set STRIPE_API_KEY to a key that begins with sk_test_ or rk_test_",
            )

    def client(self) -> "stripe.StripeClient":
        """A client that pins the API version and tries once more."""
        import stripe

        stripe.enable_telemetry = False
        return stripe.StripeClient(
            self.key,
            base_addresses={"api": self.base or ADDRESS},
            stripe_version=API_VERSION,
            max_network_retries=_RETRIES,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS, session=self._session()),
        )

    def _session(self) -> "requests.Session":
        """A stand-in is on this machine: no proxy that the environment names leads there."""
        import requests

        session = requests.Session()
        session.trust_env = self.base is None
        return session

    def endpoint_secret(self, app: str) -> str | None:
        """What signs events for this app of OpenMeter. Stripe tells nobody; a stand-in tells it, None if it cannot."""
        if self.base is None:
            return None
        answer = httpx.post(f"{self.base}/_standin/secret", json={"app": app}, trust_env=False)
        return str(answer.json()["secret"]) if answer.status_code == httpx.codes.OK else None


def access_of(secrets: Secrets, outside: Outside) -> StripeAccess:
    """What an instance uses: the stand-in's account with --offline, else the one of its key. Raises UsageError."""
    key = secrets.offline_key if outside.wish.offline else secrets.stripe_key
    return access_with(key, outside.stripe_base)


def access_from(environment: Mapping[str, str]) -> StripeAccess:
    """What the environment says. Raises UsageError where it names no key, or a live one."""
    return access_with(environment.get(KEY, ""), environment.get(BASE))


def access_with(key: str, base: str | None) -> StripeAccess:
    """base: of a stand-in; empty or None for Stripe itself. Raises UsageError without a key, and for a live one."""
    if not key.strip():
        raise UsageError(f"{KEY} is not set", hint="set it to a key of Stripe's test mode, sk_test_…")
    return StripeAccess(key.strip(), base or None)
