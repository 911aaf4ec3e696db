"""What a handler gets and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.embedded.domain.portal_tokens import PortalClaims
from devkit.embedded.store.store import Store


@dataclass(frozen=True)
class Call:
    """One request, bound and validated against the contract.

    path:    path parameters, percent-decoded
    query:   query parameters as Python values: int, bool, str, list, dict; date-times are domain.timestamps.Timestamp
             (aware; `.text` is how Go echoes it). JSON parameters hold only what Go's type of them knows. Absent ones
             are not in it. Contract defaults are not filled in.
    body:    the decoded JSON body, None where there was none
    raw:     the body as it came
    headers: names in lower case
    portal:  the claims of the portal token, for operations that ask for one
    """

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    raw: bytes
    headers: Mapping[str, str]
    store: Store
    settings: "ServerSettings"
    portal: PortalClaims | None = None


@dataclass(frozen=True)
class Reply:
    """An answer.

    body: a JSON value, or text or bytes where `media_type` is another one; a 204 has none
    """

    status: int
    body: Any = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerSettings:
    """How the server is configured, in OpenMeter's own words; the defaults are those of its quickstart.

    portal_token_secret: empty means one of its own, made once and kept with the data.
    apps_base_url: where Stripe reaches this server; empty means where the request went that installs the app.
    stripe_webhook_registration: off, no webhook endpoint is made at Stripe, and webhooks signed with
        `fake-secret` count.
    """

    namespace: str = "default"
    portal_enabled: bool = True
    portal_token_secret: str = ""
    portal_token_expiration_seconds: int = 3600
    portal_cors_enabled: bool = True
    reserved_event_types: tuple[str, ...] = ()
    apps_base_url: str = ""
    stripe_webhook_registration: bool = True
    max_body_bytes: int = 64 * 1024 * 1024
