"""The stand-in without its wire: requests come in, answers go out."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devkit.standins.stripe import (
    accounts,
    customers,
    events,
    invoice_items,
    invoices,
    payment_methods,
    sessions,
    webhook_endpoints,
)
from devkit.standins.stripe.account import API_VERSION, Account, Parcel, new_id
from devkit.standins.stripe.books import Answer, Book
from devkit.standins.stripe.control import PREFIX, Control
from devkit.standins.stripe.deliveries import Deliveries
from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.forms import decode
from devkit.standins.stripe.journal import Journal
from devkit.standins.stripe.requests import Route, answer

DEFAULT_KEY = "sk_test_devkit"

log = logging.getLogger(__name__)

_LIVE = ("sk_live_", "rk_live_")
_ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *customers.ROUTES,
    *events.ROUTES,
    *invoice_items.ROUTES,
    *invoices.ROUTES,
    *payment_methods.ROUTES,
    *sessions.ROUTES,
    *webhook_endpoints.ROUTES,
)


class StripeStandIn:
    """Any number of accounts, each opened by its key.

    `KEY` opens one, `KEY_<anything>` an account of its own. What follows a dot does not choose the account: `KEY.1`
    and `KEY.2` are two keys of one account.
    """

    def __init__(self, key: str = DEFAULT_KEY, *, allow_loopback: bool = True, file: Path | None = None) -> None:
        """allow_loopback: whether webhook endpoints may be on this machine, which Stripe itself never reaches.

        file: keeps what the accounts hold for the next process that takes it, one process at a time; a damaged one is
              moved aside, which the log tells. None keeps all in memory alone.
        Raises ValueError for a live key, DevkitError for a file that cannot be used or that another process has.
        """
        if key.startswith(_LIVE):
            raise ValueError("the stand-in takes test keys only: nobody must mistake it for Stripe")
        self.key = key
        self._allow_loopback = allow_loopback
        self._lock = threading.Lock()
        self._journal = Journal(file) if file else None
        self._books = self._journal.restore(self._opened) if self._journal else {}
        self._books.setdefault(key, self._opened(key))
        self._save(self._books[key])
        self._deliveries = Deliveries(self._address, self._over)
        for parcel in self._journal.pending if self._journal else ():
            self._deliveries.send_left_over(parcel)

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """headers: with names in small letters. Raises Dropped where a fault says so."""
        given = dict(headers)
        try:
            answered = self._respond(method, target, given, body)
        except StripeError as error:
            answered = Answer(error.status, error.body)
        own = {"Request-Id": new_id("req_", 14), "Stripe-Version": given.get("stripe-version") or API_VERSION}
        return Answer(answered.status, answered.body, own | answered.headers)

    def close(self) -> None:
        """Done twice, it changes nothing: several servers may be over one stand-in."""
        self._deliveries.close()
        journal, self._journal = self._journal, None
        if journal:
            journal.close()

    def _respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        url = urlsplit(target)
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if url.path.startswith(PREFIX):
            return self._control(url.path, self._book(key or self.key), body)
        if scheme != "Bearer" or not key:
            raise StripeError(401, "You did not provide an API key.")
        book = self._book(key)
        form = body.decode(errors="replace") if method == "POST" else url.query
        params = decode(form)
        with book.account.lock:
            faults = book.faults.take(method, url.path)
        for fault in faults:
            fault.happen()
        with book.account.lock:
            book.note(method, url.path, params, headers)
            idempotency_key = headers.get("idempotency-key") if method == "POST" else None
            before = book.replay(idempotency_key, url.path, body)
            if before is not None:
                return before
            try:
                done = _frozen(Answer(200, answer(_ROUTES, method, url.path, book.account, params)))
                book.keep(idempotency_key, url.path, body, done)
                return done
            finally:
                if method != "GET":
                    self._settle(book)

    def _control(self, path: str, book: Book, body: bytes) -> Answer:
        try:
            given: Any = json.loads(body or b"{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise StripeError(400, "a control request takes a JSON object")
        with book.account.lock:
            try:
                return _frozen(Answer(200, Control(book, self._books, self._deliveries).answer(path, given)))
            finally:
                self._settle(book)

    def _settle(self, book: Book) -> None:
        """After a request: what it changed is kept, and only then told. Raises StripeError where it cannot be kept."""
        account = book.account
        self._save(book)
        parcels, account.outbox = account.outbox, []
        for parcel in parcels:
            self._deliveries.send(parcel)

    def _save(self, book: Book) -> None:
        if self._journal:
            try:
                self._journal.save(book, book.account.outbox)
            except OSError as error:
                said = f"the stand-in cannot write its file: {error.strerror or error}"
                raise StripeError(500, said, kind="api_error") from error

    def _address(self, parcel: Parcel) -> str | None:
        """Where the parcel's endpoint is now; None where it is gone or disabled."""
        account = self._books[parcel.account].account
        with account.lock:
            endpoint = account.objects.get(parcel.endpoint)
            return endpoint["url"] if endpoint and endpoint["status"] == "enabled" else None

    def _over(self, parcel: Parcel, taken: bool) -> None:
        book = self._books[parcel.account]
        with book.account.lock:
            if taken:
                book.account.taken(parcel)
            if self._journal:
                try:
                    self._journal.save(book, over=[parcel])
                except OSError as error:
                    log.warning("cannot write the stand-in's file: %s; a webhook may come twice", error)

    def _book(self, key: str) -> Book:
        """Raises StripeError (401) for a key that opens no account."""
        name = key.partition(".")[0]
        if name != self.key and not name.startswith(f"{self.key}_"):
            raise StripeError(401, f"Invalid API Key provided: {key[:7]}****{key[-4:]}")
        with self._lock:
            if name not in self._books:
                opened = self._opened(name)
                self._save(opened)
                self._books[name] = opened
            return self._books[name]

    def _opened(self, key: str) -> Book:
        return Book(Account(key, allow_loopback=self._allow_loopback))


def _frozen(answered: Answer) -> Answer:
    """As it is now: the objects in it go on changing."""
    return Answer(answered.status, json.loads(json.dumps(answered.body)), answered.headers)
