"""What a check is given: calls that are asserted, names nobody else uses, things to set up, and cleanup.

Whatever a call creates is removed when the check ends, also when it fails (removals.py).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from threading import Event
from time import monotonic
from typing import Any, NoReturn, TypeVar

import msgspec

from devkit.adapters.openmeter import BATCH, OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.checks import expect
from devkit.checks.calls import Answer, Caller
from devkit.checks.outcomes import CheckFailed, CheckSkipped
from devkit.checks.removals import REQUESTS, Removals
from devkit.core.errors import UnreachableError

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0

#: Done, or there was nothing to do: a name that the API refuses is not there, a deleted customer has nothing, and a
#: subscription that ended is forbidden to end. What is still in use is a conflict.
GONE = (
    HTTPStatus.OK,
    HTTPStatus.NO_CONTENT,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.PRECONDITION_FAILED,
)


class Scene:
    """One check's own corner of the server.

    token: the part that makes its names unique
    wait:  seconds that something may take to become visible after it was accepted
    ahead: how far the server's clock is ahead of this machine's
    stripe: a Stripe account that the server reaches, too
    reached: whether that account's webhooks reach the server
    """

    def __init__(
        self,
        client: OpenMeter,
        token: str,
        *,
        wait: float,
        stop: Event,
        ahead: timedelta = timedelta(),
        stripe: StripeAccess | None = None,
        reached: bool = False,
    ) -> None:
        self.token = token
        self._stripe = stripe
        self._reached = reached
        self.now = (datetime.now(UTC) + ahead).replace(microsecond=0)
        self.caller = Caller(client)
        self._wait = wait
        self._stop = stop
        self._removals = Removals(token)
        self._numbers = count(1)

    # names and times

    def name(self, what: str) -> str:
        """A name of this check: an event type, a subject, an event's id."""
        return f"smoke-{self.token}-{what}"

    def slug(self, what: str) -> str:
        return f"smoke_{self.token}_{what}"

    def ago(self, **back: float) -> str:
        """RFC 3339 in UTC: the start of the check less a time span (`minutes=5`; negative is the future)."""
        return rfc3339(self.now - timedelta(**back))

    # calls that prove something

    def call(self, operation: str, *path: str, status: int = 200, **request: Any) -> Answer:
        """Calls an operation and expects this status. path: the path parameters in their order;
        request: query, body, content, headers."""
        return self._answered(operation, path, request, (status,), proves=True)

    def either(self, operation: str, *path: str, statuses: tuple[int, ...], **request: Any) -> Answer:
        """A call that may end in several ways, depending on the server's configuration."""
        return self._answered(operation, path, request, statuses, proves=True)

    def refused(
        self, operation: str, *path: str, status: int, detail: str | None, part: bool = False, **request: Any
    ) -> Answer:
        """Calls an operation and expects a problem body with this detail, or with this part of it."""
        answer = self._answered(operation, path, request, (status,), proves=True)
        what = f"the refusal of {operation}"
        expect.equal(f"{what}: content type", answer.media_type, "application/problem+json")
        wanted = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
        expect.contains(what, answer.body, wanted)
        said = answer.body.get("detail")
        said = said.partition("\nSchema:")[0] if isinstance(said, str) else said
        if part and isinstance(said, str) and detail is not None and detail in said:
            return answer
        expect.equal(f"{what}: detail", said, detail)
        return answer

    # setting up and waiting, which prove nothing

    def setup(self, operation: str, *path: str, status: int | tuple[int, ...] = 200, **request: Any) -> Any:
        """The decoded answer of a call that only prepares."""
        statuses = (status,) if isinstance(status, int) else status
        return self._answered(operation, path, request, statuses, proves=False).body

    def meter(self, what: str, aggregation: str, *, event_type: str, **optional: Any) -> str:
        """Creates a meter and returns its slug. optional: further fields of the request."""
        body = {"slug": self.slug(what), "aggregation": aggregation, "eventType": event_type, **optional}
        self.setup("createMeter", body=body)
        return self.slug(what)

    def event(self, event_type: str, subject: str, **attributes: Any) -> dict[str, Any]:
        """A CloudEvent of this check, with an id of its own unless one is given."""
        own = self.name(f"event-{next(self._numbers)}")
        base = {"specversion": "1.0", "id": own, "source": "devkit-smoke", "type": event_type, "subject": subject}
        return base | attributes

    def ingest(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Sends events of one type as a batch and waits until the server shows them all."""
        headers = {"Content-Type": BATCH}
        self.setup("ingestEvents", content=msgspec.json.encode(events), headers=headers, status=204)
        self.wait_for_events(events[0]["type"], len(events))

    def wait_for_events(self, event_type: str, number: int) -> list[dict[str, Any]]:
        """The listed events of a type, as soon as there are so many."""
        query = {"filter": msgspec.json.encode({"type": {"$eq": event_type}}).decode()}

        def listed() -> list[dict[str, Any]]:
            page = self.setup("listEventsV2", query=query)
            return expect.array("the events listed", expect.field("the page of events", page, "items"))

        what = f"{number} events of the type {event_type}"
        return self.until(what, listed, lambda items: len(items) >= number, tell=len)

    def remove_later(self, operation: str, *path: str) -> None:
        """Has something removed at the end that its own request does not name."""
        self._removals.add(operation, *path)

    def until(
        self, what: str, look: Callable[[], T], enough: Callable[[T], bool], *, tell: Callable[[T], Any] = lambda it: it
    ) -> T:
        """What `look` sees once it is enough. Fails when that takes longer than a server may need.

        tell: what the failure says of the last look
        """
        deadline, pause = monotonic() + self._wait, FIRST_PAUSE
        while not enough(seen := look()):
            if monotonic() >= deadline:
                raise CheckFailed(f"waited {self._wait:g} s for {what}, in vain: last seen {expect.show(tell(seen))}")
            self.pause(pause)
            pause = min(pause * 1.6, LONGEST_PAUSE)
        return seen

    def pause(self, seconds: float) -> None:
        """Lets time pass that the server is known to need."""
        if self._stop.wait(seconds):
            raise CheckSkipped("interrupted")

    def stripe(self) -> StripeAccess:
        """The Stripe account of this run. Skips the check where there is none."""
        return self._stripe or self.skip("needs an account in Stripe's test mode: devkit smoke --stripe")

    def stripe_that_reaches(self) -> StripeAccess:
        """The Stripe account of this run, whose webhooks reach the server. Skips the check where they do not."""
        access = self.stripe()
        if not self._reached:
            self.skip("needs Stripe's webhooks to reach the server: devkit up --tunnel ngrok, or --offline")
        return access

    def skip(self, reason: str) -> NoReturn:
        """Ends the check: the server's configuration leaves nothing to prove."""
        raise CheckSkipped(reason)

    # the end

    def clean_up(self) -> list[str]:
        """Removes what was created, the newest first. Returns a sentence for each thing that would not go."""
        left: list[str] = []
        for operation, path in self._removals.take():
            try:
                answer = self.caller.send(operation, path, REQUESTS.get(operation, {}), proves=False)
            except UnreachableError as error:
                return [*left, error.message]
            if answer.status not in GONE:
                left.append(f"cleaning up: {operation} of {' '.join(path)} answered {answer.status}")
        return left

    def _answered(
        self,
        operation: str,
        path: tuple[str, ...],
        request: Mapping[str, Any],
        statuses: tuple[int, ...],
        *,
        proves: bool,
    ) -> Answer:
        self._removals.expect(operation, request.get("body"))
        answer = self.caller.send(operation, path, request, proves=proves)
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self._removals.learn(operation, answer.body)
        if answer.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise CheckFailed(f"{operation} answered {answer.status} instead of {wanted}", evidence=answer.exchange)
        if (broken := answer.breaks()) is not None:
            raise CheckFailed(broken, evidence=answer.exchange)
        return answer


def rfc3339(moment: datetime) -> str:
    """`2024-01-01T00:00:00Z`: whole seconds in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
