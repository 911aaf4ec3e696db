"""An endpoint that no update mends: it is gone, or its API version is wrong, and OpenMeter has the secret of no other.

OpenMeter's API has no way but to uninstall the app and install it again. Of an app with invoices that loses them:
OpenMeter then finds neither the app nor any list in which one of them stands. Where devkit can write OpenMeter's store
the app keeps its place and gets another endpoint.
"""

from devkit.core.errors import DevkitError
from devkit.stripe_app import parking
from devkit.stripe_app.apps import App, Use, use_of
from devkit.stripe_app.endpoints import NAMESPACE, Endpoint, parameters
from devkit.stripe_app.failures import StripeFailureError
from devkit.stripe_app.installing import install_anew, is_limit, make_room
from devkit.stripe_app.place import Renew
from devkit.stripe_app.work import Work

_NAMESPACE = "default"  # OpenMeter's own without one in its configuration
_SHOWN = 10


def replace_endpoint(work: Work, app: App, bad: Endpoint | None, why: str) -> tuple[App, Endpoint]:
    """Another endpoint, and the app that it belongs to from now on. bad: the one that is there; why: a sentence

    Raises DevkitError where that would lose invoices.
    """
    work.tell(why)
    use = use_of(work.place.openmeter, app.id)
    if work.place.renew is not None and (use.profiles or use.invoices):
        return app, _renewed(work, app, bad, work.place.renew)
    if use.invoices:
        raise _would_lose(use, app, why)
    return _reinstalled(work, app, bad, use)


def _renewed(work: Work, app: App, bad: Endpoint | None, renew: Renew) -> Endpoint:
    namespace = (bad.metadata.get(NAMESPACE) if bad else None) or _NAMESPACE
    if bad is not None:
        work.account.delete_endpoint(bad.id)  # OpenMeter takes none of its events, and it fills a place
    params = parameters(work.place.webhook_url(app.id), app.id, namespace, work.place.owner)
    try:
        made, secret = work.account.create_endpoint(params)
    except StripeFailureError as error:
        if not is_limit(error):
            raise
        make_room(work)
        made, secret = work.account.create_endpoint(params)
    try:
        renew(app.id, made.id, secret)
    except BaseException:
        work.account.delete_endpoint(made.id)
        raise
    work.did("secret-renewed", f"made the webhook endpoint {made.id} and had OpenMeter take its secret")
    return made


def _reinstalled(work: Work, app: App, bad: Endpoint | None, use: Use) -> tuple[App, Endpoint]:
    """Ownership is missing in the new endpoint: it is written when all that was parked is back."""
    parking.park(work, app, use)
    work.place.openmeter.call("uninstallApp", path={"id": app.id})
    if bad is not None:
        work.account.delete_endpoint(bad.id)  # OpenMeter goes on where Stripe does not let it
    new, endpoint = install_anew(work, app.account)
    work.did("reinstalled", f"uninstalled the Stripe app {app.id}, whose secret was of no use any more")
    return new, endpoint


def _would_lose(use: Use, app: App, why: str) -> DevkitError:
    numbers = [f"{each.get('number') or each['id']} ({each['status']})" for each in use.invoices]
    return DevkitError(
        f"{why}, and installing the app again would lose {len(numbers)} invoices",
        hint="delete the invoices, or start anew: devkit destroy, then devkit up;"
        " https://dashboard.stripe.com/test/webhooks shows what became of the endpoint",
        evidence=[f"the app {app.id} has {', '.join(numbers[:_SHOWN])}{' …' if len(numbers) > _SHOWN else ''}"],
    )
