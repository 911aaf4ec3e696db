"""Which account at Stripe the smoke checks may use, and whether its webhooks reach the server that they check."""

from collections.abc import Mapping

from devkit.adapters.stripe import StripeAccess, access_from
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import connection_of


def account_for(
    session: Session, environment: Mapping[str, str], *, elsewhere: bool, asked: bool
) -> tuple[StripeAccess | None, bool]:
    """The account, None for none, and whether its webhooks reach the server.

    elsewhere: the server is not the session's instance; asked: the environment's account is to be used
    Raises UsageError where the environment is asked for an account and names none.
    """
    known = None if elsewhere else connection_of(session)
    own = known.access if known is not None else None
    access = access_from(environment) if asked else own
    return access, access is not None and access == own
