"""What OpenMeter wants of a webhook endpoint at Stripe, and what is wrong with one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from devkit.adapters.stripe import API_VERSION
from devkit.stripe_app.ownership import Owner, owner_in

#: What OpenMeter has Stripe send; it refuses any other event.
EVENTS = frozenset(
    {
        "setup_intent.succeeded",
        "setup_intent.setup_failed",
        "setup_intent.requires_action",
        "invoice.finalization_failed",
        "invoice.marked_uncollectible",
        "invoice.overdue",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
        "invoice.sent",
        "invoice.voided",
    }
)
APP_ID, NAMESPACE = "om_app_id", "om_namespace"  # as OpenMeter writes them into the metadata
DESCRIPTION = "OpenMeter Stripe Webhook, do not delete or modify manually"

Kind = Literal["address", "disabled", "events", "version", "owner"]


@dataclass(frozen=True)
class Endpoint:
    """A webhook endpoint as Stripe shows it. created: seconds since 1970"""

    id: str
    url: str
    enabled: bool
    events: frozenset[str]
    api_version: str
    metadata: Mapping[str, str]
    created: int

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Endpoint":
        return cls(
            id=str(shown["id"]),
            url=str(shown["url"]),
            enabled=shown["status"] == "enabled",
            events=frozenset(shown["enabled_events"]),
            api_version=str(shown.get("api_version") or ""),
            metadata=dict(shown.get("metadata") or {}),
            created=int(shown["created"]),
        )

    @property
    def app(self) -> str:
        """The app of OpenMeter that it belongs to, empty where it belongs to none."""
        return self.metadata.get(APP_ID, "")

    @property
    def owner(self) -> Owner | None:
        return owner_in(self.metadata)


@dataclass(frozen=True)
class Problem:
    """What is wrong with an endpoint. params: the update that mends it; empty: no update can"""

    kind: Kind
    text: str
    params: Mapping[str, Any]


def problems(endpoint: Endpoint, url: str, owner: Owner) -> tuple[Problem, ...]:
    """url: where the events are to go; owner: whose the endpoint is to be"""
    found = (_version(endpoint), _address(endpoint, url), _disabled(endpoint), _events(endpoint), _own(endpoint, owner))
    return tuple(problem for problem in found if problem is not None)


def of_app(endpoints: Iterable[Endpoint], app: str, owner: Owner) -> list[Endpoint]:
    """Those of an app, by metadata and never by address: owned ones before others, then older before younger."""
    found = [endpoint for endpoint in endpoints if endpoint.app == app]
    return sorted(found, key=lambda one: (not owner.owns(one.metadata), one.created, one.id))


def parameters(url: str, app: str, namespace: str, owner: Owner) -> dict[str, Any]:
    """A new endpoint, as OpenMeter makes it, with devkit's ownership."""
    return {
        "url": url,
        "enabled_events": sorted(EVENTS),
        "description": DESCRIPTION,
        "api_version": API_VERSION,
        "metadata": {NAMESPACE: namespace, APP_ID: app, **owner.metadata()},
    }


def _version(endpoint: Endpoint) -> Problem | None:
    if _train(endpoint.api_version) == _train(API_VERSION):
        return None
    found = endpoint.api_version or "the account's default one"
    return Problem("version", f"its API version is {found}, and OpenMeter reads *.{_train(API_VERSION)} only", {})


def _address(endpoint: Endpoint, url: str) -> Problem | None:
    if endpoint.url == url:
        return None
    return Problem("address", f"it leads to {endpoint.url} and not to {url}", {"url": url})


def _disabled(endpoint: Endpoint) -> Problem | None:
    return None if endpoint.enabled else Problem("disabled", "it is disabled", {"disabled": False})


def _events(endpoint: Endpoint) -> Problem | None:
    if endpoint.events == EVENTS:
        return None
    missing, more = sorted(EVENTS - endpoint.events), sorted(endpoint.events - EVENTS)
    told = [f"without {', '.join(missing)}"] if missing else []
    told += [f"with {', '.join(more)}"] if more else []
    return Problem("events", f"its list of events is wrong: {'; '.join(told)}", {"enabled_events": sorted(EVENTS)})


def _own(endpoint: Endpoint, owner: Owner) -> Problem | None:
    wanted = owner.metadata()
    if all(endpoint.metadata.get(name) == value for name, value in wanted.items()):
        return None
    # Stripe merges metadata: what OpenMeter wrote stays.
    return Problem("owner", "its metadata does not name this instance of devkit", {"metadata": wanted})


def _train(version: str) -> str:
    """`acacia` of `2024-09-30.acacia`."""
    return version.partition(".")[2]
