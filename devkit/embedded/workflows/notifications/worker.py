"""The work on notifications: look at balances, deliver events. In real time by a worker, at a moved clock by a job."""

from devkit.embedded.background import Job, Worker
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.notifications.balance_worker import watch_balances
from devkit.embedded.workflows.notifications.dispatcher import Dispatcher

_PAUSE_SECONDS = 0.25

#: What falls due when the clock is moved: balances are looked at before the mover has its answer.
JOBS = (Job("balances", watch_balances),)


def worker(store: Store, namespace: str) -> Worker:
    """namespace: the name under which receivers' deliveries are kept"""
    dispatcher = Dispatcher(store, namespace)

    def run() -> None:
        with store.records.transaction():
            watch_balances(store, store.now())
        dispatcher.dispatch()

    return Worker("notifications", run, _PAUSE_SECONDS)
