"""How the Stripe app and its webhook endpoint stand, for `doctor` and `stripe status`. Nothing is changed."""

from collections.abc import Callable, Iterator

from devkit.core.errors import DevkitError
from devkit.core.findings import Finding, Level
from devkit.stripe_app.account import Account
from devkit.stripe_app.apps import App, chosen, installed
from devkit.stripe_app.endpoints import EVENTS, Endpoint, Kind, of_app, problems
from devkit.stripe_app.place import Place

_SYNC = "devkit stripe sync"
_FINE: dict[Kind, Callable[[Endpoint], str]] = {
    "address": lambda one: f"leads to {one.url}",
    "disabled": lambda _: "it is enabled",
    "events": lambda _: f"the {len(EVENTS)} that OpenMeter wants",
    "version": lambda one: one.api_version,
    "owner": lambda _: "this instance's",
}


def look(place: Place, app: str | None = None) -> tuple[Finding, ...]:
    """One row for each thing that can be wrong; what cannot be looked at is a row, too.

    app: the id of the app that the instance had
    """
    return tuple(_looked(place, app))


def _looked(place: Place, wanted: str | None) -> Iterator[Finding]:
    stripe = Account(place.access)
    try:
        account, endpoints = stripe.id(), stripe.endpoints()
    except DevkitError as error:
        yield _failure("stripe key", error)
        return
    yield Finding("stripe key", "ok", f"of the test mode, opens {account}")
    try:
        app = chosen(installed(place.openmeter), wanted, account)
    except DevkitError as error:
        yield _failure("stripe app", error)
        return
    if app is None:
        yield Finding("stripe app", "failure", f"OpenMeter has none for {account}", f"{_SYNC} installs it")
        return
    yield _of_app(app, place.access.key)
    yield from _of_endpoints(of_app(endpoints, app.id, place.owner), app, place)


def _of_app(app: App, key: str) -> Finding:
    if not app.ready:
        return Finding(
            "stripe app", "failure", f"{app.id}: Stripe does not accept its key", f"{_SYNC} gives it another"
        )
    if not app.works_with(key):
        return Finding("stripe app", "warning", f"{app.id} has another key ({app.key})", f"{_SYNC} gives it this one")
    return Finding("stripe app", "ok", f"{app.id} is ready")


def _of_endpoints(found: list[Endpoint], app: App, place: Place) -> Iterator[Finding]:
    if not found:
        detail = f"the app {app.id} has none at Stripe, so OpenMeter hears of no payment"
        yield Finding("stripe webhook", "failure", detail, f"{_SYNC} makes one")
        return
    ids = ", ".join(endpoint.id for endpoint in found)
    if len(found) > 1:
        yield Finding("stripe webhook", "failure", f"{len(found)} endpoints for one app: {ids}", f"{_SYNC} keeps one")
    else:
        yield Finding("stripe webhook", "ok", ids)
    wrong = {one.kind: one.text for one in problems(found[0], place.webhook_url(app.id), place.owner)}
    for kind, fine in _FINE.items():
        if kind in wrong:
            level: Level = "warning" if kind == "owner" else "failure"
            yield Finding(f"webhook {kind}", level, wrong[kind], f"{_SYNC} repairs it")
        else:
            yield Finding(f"webhook {kind}", "ok", fine(found[0]))


def _failure(check: str, error: DevkitError) -> Finding:
    return Finding(check, "failure", error.message, error.hint or "")
