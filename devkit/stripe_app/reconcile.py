"""Makes the Stripe app and its webhook endpoint what they should be, and says what it did."""

from collections.abc import Callable, Sequence

from devkit.adapters.openmeter import ApiError
from devkit.core.errors import DevkitError
from devkit.stripe_app import parking
from devkit.stripe_app.account import Account
from devkit.stripe_app.apps import App, chosen, installed
from devkit.stripe_app.doubles import the_one
from devkit.stripe_app.endpoints import Endpoint, Kind, Problem, problems
from devkit.stripe_app.failures import KEY_WAY_OUT
from devkit.stripe_app.installing import install_anew
from devkit.stripe_app.place import Place
from devkit.stripe_app.replacing import replace_endpoint
from devkit.stripe_app.standing import RepairKind, Standing
from devkit.stripe_app.work import Work

_REPAIRED: dict[Kind, tuple[RepairKind, str]] = {
    "address": ("address-updated", "the webhook endpoint {id} leads to {url} now"),
    "disabled": ("enabled", "enabled the webhook endpoint {id}"),
    "events": ("events-updated", "gave the webhook endpoint {id} the events that OpenMeter wants"),
    "owner": ("ownership-written", "wrote into the webhook endpoint {id} whose it is"),
}


def _silence(_: str) -> None:
    pass


def reconcile(place: Place, app: str | None = None, tell: Callable[[str], None] = _silence) -> Standing:
    """Installs the app where the account has none yet, and repairs what is wrong. A second call changes nothing.

    app: the id of the app that the instance had; tell: called with each thing that was done
    Raises DevkitError with a way out.
    """
    try:
        return _reconciled(Work(place, Account(place.access), tell), app)
    except ApiError as error:
        hint = "devkit logs shows what OpenMeter says of it; devkit doctor looks at the rest"
        raise DevkitError(f"the Stripe app could not be made right: {error.message}", hint=hint) from error


def _reconciled(work: Work, wanted: str | None) -> Standing:
    account = work.account.id()
    app = chosen(installed(work.place.openmeter), wanted, account)
    if app is None:
        app, endpoint = install_anew(work, account)
    else:
        work.place.admit([app.id])
        _mend_key(work, app)
        app, endpoint = _mend_endpoint(work, app)
    endpoint = _update(work, app, endpoint)
    for old in work.left_from_before(app.id):
        work.account.delete_endpoint(old.id)
        work.did("orphan-removed", f"deleted the webhook endpoint {old.id} of an app that is no more")
    return Standing(app.id, account, endpoint.id, endpoint.url, tuple(work.repairs), tuple(work.notes))


def _mend_key(work: Work, app: App) -> None:
    key = work.place.access.key
    if app.works_with(key):
        return
    try:
        work.place.openmeter.call("updateStripeAPIKey", path={"id": app.id}, body={"secretAPIKey": key})
    except ApiError as error:
        raise DevkitError(f"OpenMeter does not take the Stripe key: {error.message}", hint=KEY_WAY_OUT) from error
    work.did("key-updated", f"gave the Stripe app {app.id} the key of now")


def _mend_endpoint(work: Work, app: App) -> tuple[App, Endpoint]:
    """The endpoint that stays, and the app that it belongs to from now on: another one where it was reinstalled."""
    found = work.endpoints_of(app.id)
    if not found:
        return replace_endpoint(work, app, None, f"the webhook endpoint of the Stripe app {app.id} was deleted")
    endpoint = the_one(work, app.id, found)
    if wrong := [one for one in _problems(work, app, endpoint) if not one.params]:
        return replace_endpoint(work, app, endpoint, f"the webhook endpoint {endpoint.id}: {wrong[0].text}")
    return app, endpoint


def _update(work: Work, app: App, endpoint: Endpoint) -> Endpoint:
    """Changes in place what can be: the secret stays."""
    wrong = _problems(work, app, endpoint)
    if any(problem.kind == "owner" for problem in wrong):
        # Ownership is written last: where it is missing, a reinstallation may have been cut short.
        parking.bring_back(work, app)
    if not wrong:
        return endpoint
    params = {name: value for problem in wrong for name, value in problem.params.items()}
    changed = work.account.change_endpoint(endpoint.id, params)
    for problem in wrong:
        kind, text = _REPAIRED[problem.kind]
        work.did(kind, text.format(id=endpoint.id, url=changed.url))
    return changed


def _problems(work: Work, app: App, endpoint: Endpoint) -> Sequence[Problem]:
    return problems(endpoint, work.place.webhook_url(app.id), work.place.owner)
