"""What instances left at Stripe that are no more. Only what carries devkit's ownership is ever looked at."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.account import Account
from devkit.stripe_app.ownership import Owner, owner_in

Alive = Callable[[Owner], bool]


@dataclass(frozen=True)
class Owned:
    """Something at Stripe that devkit made."""

    kind: Literal["webhook endpoint", "customer"]
    id: str
    owner: Owner
    created: datetime


@dataclass(frozen=True)
class Orphan:
    """Something whose instance is no more. removed: false where it was only looked for"""

    kind: str
    id: str
    owner: Owner
    created: datetime
    removed: bool


def collect(
    access: StripeAccess,
    alive: Alive,
    machine: str,
    older_than: timedelta | None = None,
    *,
    dry_run: bool = False,
) -> list[Orphan]:
    """Removes what dead instances of this machine left, webhook endpoints and customers.

    alive: whether an instance of this machine is still there; older_than: takes what instances of other machines made
    before that, too, since nobody here can know whether they live; dry_run: removes nothing
    Raises StripeFailureError and UnreachableError.
    """
    account = Account(access)
    oldest = datetime.now(UTC) - older_than if older_than is not None else None
    return _collected(account, owned(account), _Dead(alive, machine, oldest), dry_run=dry_run)


def collect_endpoints(account: Account, alive: Alive, machine: str) -> list[Orphan]:
    """The same of webhook endpoints and of this machine alone."""
    return _collected(account, owned_endpoints(account), _Dead(alive, machine, None), dry_run=False)


def owned(account: Account) -> Iterator[Owned]:
    """All that any instance of devkit has in this account, endpoints first."""
    yield from owned_endpoints(account)
    for customer in account.customers():
        owner = owner_in(customer.get("metadata"))
        if owner is not None:
            yield Owned("customer", str(customer["id"]), owner, _time(customer["created"]))


def owned_endpoints(account: Account) -> Iterator[Owned]:
    for endpoint in account.endpoints():
        if endpoint.owner is not None:
            yield Owned("webhook endpoint", endpoint.id, endpoint.owner, _time(endpoint.created))


def delete(account: Account, thing: Owned) -> None:
    """Nothing happens where it is gone."""
    if thing.kind == "customer":
        account.delete_customer(thing.id)
    else:
        account.delete_endpoint(thing.id)


@dataclass(frozen=True)
class _Dead:
    alive: Alive
    machine: str
    oldest: datetime | None

    def left(self, thing: Owned) -> bool:
        if thing.owner.machine == self.machine:
            return not self.alive(thing.owner)
        return self.oldest is not None and thing.created < self.oldest


def _collected(account: Account, things: Iterable[Owned], dead: _Dead, *, dry_run: bool) -> list[Orphan]:
    found = [thing for thing in things if dead.left(thing)]
    if not dry_run:
        for thing in found:
            delete(account, thing)
    return [Orphan(one.kind, one.id, one.owner, one.created, removed=not dry_run) for one in found]


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
