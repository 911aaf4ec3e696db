"""Several webhook endpoints for one app: OpenMeter knows the secret of one, and only an event shows of which."""

from collections.abc import Callable, Sequence

from devkit.stripe_app.endpoints import Endpoint, problems
from devkit.stripe_app.proof import obstacle, prove
from devkit.stripe_app.work import Work

_PROOF_SECONDS = 4.0  # for each; where Stripe is slower the next look tries again


def the_one(work: Work, app: str, found: Sequence[Endpoint]) -> Endpoint:
    """The endpoint that stays. found: all of the app, the best first

    The others are deleted once an event has arrived by the one, and only disabled while that cannot be shown: a secret
    that is thrown away does not come back.
    """
    if len(found) == 1:
        return found[0]
    proven = _proven(work, app, found)
    kept = proven or found[0]
    for other in found:
        if other.id == kept.id:
            continue
        if proven is not None:
            work.account.delete_endpoint(other.id)
            work.did("double-removed", f"deleted {other.id}, a second webhook endpoint of the app {app}")
        elif _switched(work, other, on=False):
            work.did("double-disabled", f"disabled {other.id}, a second webhook endpoint of the app {app}")
    if proven is None:
        _switched(work, kept, on=kept.enabled)
        work.note(f"the app {app} has {len(found)} webhook endpoints, and no event has shown which one is right")
    # As it is at Stripe now: the search for proof may have switched it.
    return next(one for one in work.endpoints_of(app) if one.id == kept.id)


def _proven(work: Work, app: str, found: Sequence[Endpoint]) -> Endpoint | None:
    place = work.place
    url = place.webhook_url(app)
    if obstacle(url):
        return None
    arrived, refused = _counted(place.taken, app), _counted(place.refused, app)
    for candidate in found:
        wrong = problems(candidate, url, place.owner)
        if any(not problem.params for problem in wrong):
            continue
        for other in found:
            if other.id != candidate.id:
                _switched(work, other, on=False)
        params = {name: value for one in wrong if one.kind != "owner" for name, value in one.params.items()}
        work.account.change_endpoint(candidate.id, {**params, "disabled": False})
        if prove(work.account, place.owner, _PROOF_SECONDS, arrived, refused).seconds is not None:
            return candidate
    return None


def _counted(count: Callable[[str], int] | None, app: str) -> Callable[[], int] | None:
    return (lambda: count(app)) if count is not None else None


def _switched(work: Work, endpoint: Endpoint, *, on: bool) -> bool:
    """Enables or disables an endpoint. Returns whether it was the other way when it was looked at first."""
    work.account.change_endpoint(endpoint.id, {"disabled": not on})
    return endpoint.enabled is not on
