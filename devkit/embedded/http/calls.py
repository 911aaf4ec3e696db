"""What a handler gets and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.embedded.store.store import Store


@dataclass(frozen=True)
class Call:
    """One request, bound and validated against the contract.

    path:    path parameters, percent-decoded
    query:   query parameters as Python values: int, bool, str, datetime (aware), list, dict; absent ones are not in it.
             Contract defaults are not filled in.
    body:    the decoded JSON body, None where there was none
    raw:     the body as it came
    headers: names in lower case
    """

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    raw: bytes
    headers: Mapping[str, str]
    store: Store
    settings: "ServerSettings"


@dataclass(frozen=True)
class Reply:
    """An answer: a JSON body unless `media_type` says otherwise (then `body` is text). None as body of a 204 is empty."""

    status: int
    body: Any = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerSettings:
    """How the server is configured, in OpenMeter's own words; the defaults are those of its quickstart."""

    namespace: str = "default"
    portal_enabled: bool = True
    portal_token_secret: str = ""
    portal_token_expiration_seconds: int = 3600
    reserved_event_types: tuple[str, ...] = ()
