"""Installing the Stripe app at OpenMeter, with what an install that fails leaves behind at Stripe."""

from devkit.adapters.openmeter import ApiError
from devkit.core.errors import DevkitError, UnreachableError
from devkit.stripe_app import orphans
from devkit.stripe_app.apps import App, chosen, installed
from devkit.stripe_app.endpoints import Endpoint
from devkit.stripe_app.failures import (
    ADDRESS_WAY_OUT,
    KEY_WAY_OUT,
    StripeFailureError,
    is_about_address,
)
from devkit.stripe_app.work import Work

_TYPE = {"type": "stripe"}
_NAME = "Stripe"
_ENDPOINT_DEADLINE = 10.0  # seconds


def install(work: Work, account: str) -> App:
    """Installs the app for the account of the key. The gateway lets its webhooks in from then on.

    account: the account's id. Raises DevkitError.
    """
    before = {endpoint.id for endpoint in work.account.endpoints()}
    try:
        return _installed(work, account, before)
    except (ApiError, StripeFailureError) as error:
        if not is_limit(error):
            raise _explained(error) from error
    make_room(work)
    before = {endpoint.id for endpoint in work.account.endpoints()}
    try:
        return _installed(work, account, before)
    except (ApiError, StripeFailureError) as error:
        raise _explained(error) from error


def install_anew(work: Work, account: str) -> tuple[App, Endpoint]:
    """As `install`, and waits for the webhook endpoint that OpenMeter makes. Raises DevkitError."""
    app = install(work, account)
    found = work.wait_for_endpoint(app.id, _ENDPOINT_DEADLINE)
    if not found:
        raise DevkitError(
            f"OpenMeter installed the Stripe app {app.id}, but no webhook endpoint came of it",
            hint="OpenMeter's setting apps.stripe.disableWebhookRegistration must be off",
        )
    return app, found[0]


def is_limit(error: DevkitError) -> bool:
    """Whether Stripe has as many endpoints of the account as it takes."""
    said = error.message.lower()
    return "maximum" in said and "webhook endpoint" in said


def make_room(work: Work) -> None:
    """Removes endpoints that dead instances of this machine left. Raises DevkitError where there are none."""
    place = work.place
    removed = orphans.collect_endpoints(work.account, place.alive, place.owner.machine)
    for orphan in removed:
        work.did("orphan-removed", f"removed the webhook endpoint {orphan.id}: {orphan.owner.name} is gone that had it")
    if not removed:
        raise full(work.account.endpoints())


def full(endpoints: list[Endpoint]) -> DevkitError:
    return DevkitError(
        f"the Stripe account has {len(endpoints)} webhook endpoints, and Stripe takes no more",
        hint="devkit stripe gc --older-than 7d removes what devkit left there from other machines;"
        " others are removed at https://dashboard.stripe.com/test/webhooks",
        evidence=[f"{one.id} {_whose(one)} {one.url}" for one in endpoints],
    )


def remove_left_behind(work: Work, before: set[str]) -> None:
    """Removes the endpoints that a failed install has made: newer than `before`, of no app, and leading here."""
    known = {app.id for app in installed(work.place.openmeter)}
    bases = (f"{work.place.public_url}/", f"{work.place.openmeter.url}/")
    for endpoint in work.account.endpoints():
        new = endpoint.id not in before and endpoint.app and endpoint.app not in known
        # Another instance may install its own app into the same account at this moment.
        if new and endpoint.owner is None and endpoint.url.startswith(bases):
            work.account.delete_endpoint(endpoint.id)
            work.did("orphan-removed", f"removed the webhook endpoint {endpoint.id}, which a failed install left")


def _installed(work: Work, account: str, before: set[str]) -> App:
    place = work.place
    body = {"apiKey": place.access.key, "name": _NAME, "createBillingProfile": False}
    try:
        answer = place.openmeter.call("marketplaceAppAPIKeyInstall", path=_TYPE, body=body)
    except (ApiError, UnreachableError) as error:
        remove_left_behind(work, before)
        # Somebody else was quicker, or the answer was lost on its way.
        found = chosen(installed(place.openmeter), None, account)
        if found is None:
            raise error from None
        place.admit([found.id])
        return found
    app = App.of(answer["app"])
    place.admit([app.id])
    work.did("installed", f"installed the Stripe app {app.id}")
    return app


def _explained(error: ApiError | StripeFailureError) -> DevkitError:
    said = error.message
    hint = "devkit logs shows what OpenMeter says of it; devkit doctor looks at the rest"
    if isinstance(error, ApiError) and error.status == 401:
        hint = KEY_WAY_OUT
    elif is_about_address(said):
        hint = ADDRESS_WAY_OUT
    elif isinstance(error, ApiError) and error.status == 412:
        hint = "OpenMeter did not get through to Stripe: look at https://status.stripe.com, then try again"
    return DevkitError(f"OpenMeter could not install the Stripe app: {said}", hint=hint)


def _whose(endpoint: Endpoint) -> str:
    owner = endpoint.owner
    if owner is not None:
        return f"(devkit instance {owner.name} on machine {owner.machine})"
    return "(an OpenMeter's)" if endpoint.app else "(not devkit's)"
