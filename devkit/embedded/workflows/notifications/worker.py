"""The work on notifications: look at balances, tell of invoices, deliver. A worker does it in real time.

Balances are looked at when the clock is moved, too.
"""

from devkit.embedded.background import Job, Worker
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.notifications.balance_worker import watch_balances
from devkit.embedded.workflows.notifications.dispatcher import Dispatcher
from devkit.embedded.workflows.notifications.invoice_worker import tell_invoices

_PAUSE_SECONDS = 0.25
#: Of each kind of work, so that others who write wait for moments only.
_AT_ONCE = 25

#: What falls due when the clock is moved: balances are looked at before the mover has its answer.
JOBS = (Job("balances", watch_balances),)


def worker(store: Store, namespace: str) -> Worker:
    """namespace: the name under which receivers' deliveries are kept"""
    dispatcher = Dispatcher(store, namespace)

    def run() -> None:
        while _some(store, namespace) == _AT_ONCE:
            dispatcher.dispatch()
        dispatcher.dispatch()

    return Worker("notifications", run, _PAUSE_SECONDS)


def _some(store: Store, namespace: str) -> int:
    """Does some of the work; fewer than _AT_ONCE mean that it is done."""
    with store.records.transaction():
        looked = watch_balances(store, store.now(), _AT_ONCE)
    with store.records.transaction():
        return max(looked, tell_invoices(store, namespace, _AT_ONCE))
