"""`devkit stripe`: how app and webhook are, making them right, and what dead instances left at Stripe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from devkit.core.findings import Finding
from devkit.core.outside import WebhookReport
from devkit.usecases.outside import running, running_outside
from devkit.usecases.recall import with_memory
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import looked_at, owner_of

if TYPE_CHECKING:
    from devkit.adapters.stripe import StripeAccess
    from devkit.stripe_app.orphans import Orphan
    from devkit.stripe_app.ownership import Owner


@dataclass(frozen=True)
class StripeStatus:
    """webhook: what the agent found last; findings: what is found now."""

    instance: str
    webhook: WebhookReport
    findings: tuple[Finding, ...]


def stripe_status(session: Session) -> StripeStatus:
    """Looks at OpenMeter and at Stripe; changes nothing. Raises DevkitError."""
    session, outside = running(session)
    findings = looked_at(session.instance, session.known, outside)
    return StripeStatus(session.instance.name, outside.webhook, findings)


def stripe_sync(session: Session) -> dict[str, Any]:
    """Makes app and endpoint right and has an event come back. Raises DevkitError."""
    from devkit.adapters.agent_control import AgentControl
    from devkit.adapters.stripe import access_with
    from devkit.core.secrets_file import keep_secrets

    session, outside = running(session)
    key = session.settings.stripe_key
    if key and not outside.wish.offline:  # the account at the stand-in has a key of its own
        keep_secrets(session.instance, stripe_key=access_with(key, outside.stripe_base).key)  # it may be a new one
    return AgentControl(outside).sync(verify=True)


def collect_orphans(session: Session, *, older_than: timedelta | None, dry_run: bool) -> "Sequence[Orphan]":
    """Removes what dead instances of this machine left at Stripe. Raises DevkitError.

    older_than: also what instances of other machines made longer ago than this; dry_run: only looks
    """
    from devkit.core.machine import is_alive
    from devkit.stripe_app.orphans import collect

    session = with_memory(session)
    access, mine = _access(session), owner_of(session.instance)

    def alive(owner: "Owner") -> bool:
        return owner.instance == mine.instance or is_alive(owner.instance)

    return collect(access, alive, mine.machine, older_than=older_than, dry_run=dry_run)


def _access(session: Session) -> "StripeAccess":
    """The account of the instance where it has one, else the one that the environment names."""
    from devkit.adapters.stripe import access_of, access_with
    from devkit.core.secrets_file import read_secrets

    outside = running_outside(session)
    if outside is not None:
        return access_of(read_secrets(session.instance), outside)
    known = session.settings.stripe_key or read_secrets(session.instance).stripe_key
    return access_with(known, session.settings.stripe_base)
