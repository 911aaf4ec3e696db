"""An account at Stripe, as far as devkit looks after it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.endpoints import Endpoint
from devkit.stripe_app.failures import StripeFailureError, asked

if TYPE_CHECKING:
    import stripe

_PAGE = 100
_GONE = "resource_missing"
_NEEDS_3DS = "pm_card_authenticationRequired"  # Stripe's test card that always asks the customer first


class Account:
    """All of it raises StripeFailureError and UnreachableError."""

    def __init__(self, access: StripeAccess) -> None:
        self._client = access.client()

    @property
    def _v1(self) -> "stripe.V1Services":
        return self._client.v1

    def id(self) -> str:
        return asked(lambda: self._v1.accounts.retrieve_current().id, "ask Stripe whose the key is")

    def endpoints(self) -> list[Endpoint]:
        """All webhook endpoints of the account, whoever made them."""
        return [Endpoint.of(each) for each in self._all(self._v1.webhook_endpoints.list, "list the webhook endpoints")]

    def change_endpoint(self, id_: str, params: Mapping[str, Any]) -> Endpoint:
        def change() -> Endpoint:
            return Endpoint.of(self._v1.webhook_endpoints.update(id_, params=dict(params)).to_dict())  # type: ignore[arg-type]

        return asked(change, f"change the webhook endpoint {id_}")

    def create_endpoint(self, params: Mapping[str, Any]) -> tuple[Endpoint, str]:
        """With the secret that signs its events, which is told this once."""
        once = uuid4().hex

        def create() -> dict[str, Any]:
            options: Any = {"idempotency_key": once}
            return self._v1.webhook_endpoints.create(params=dict(params), options=options).to_dict()  # type: ignore[arg-type]

        made = asked(create, "make a webhook endpoint")
        return Endpoint.of(made), str(made["secret"])

    def delete_endpoint(self, id_: str) -> None:
        """Nothing happens where it is gone."""
        _delete(lambda: self._v1.webhook_endpoints.delete(id_), f"delete the webhook endpoint {id_}")

    def customers(self) -> Iterator[dict[str, Any]]:
        yield from self._all(self._v1.customers.list, "list the customers at Stripe")

    def delete_customer(self, id_: str) -> None:
        """Nothing happens where it is gone."""
        _delete(lambda: self._v1.customers.delete(id_), f"delete the customer {id_} at Stripe")

    def ask_for_authentication(self, metadata: Mapping[str, str]) -> str:
        """The id of a setup intent that waits for a customer, about which Stripe sends `setup_intent.requires_action`.

        It is nobody's: no customer has it, and OpenMeter acknowledges the event and does nothing.
        """
        once = uuid4().hex
        params: Any = {
            "confirm": True,
            "metadata": dict(metadata),
            "payment_method": _NEEDS_3DS,
            "payment_method_types": ["card"],
            "usage": "off_session",
        }
        options: Any = {"idempotency_key": once}
        return asked(
            lambda: self._v1.setup_intents.create(params=params, options=options).id,
            "have Stripe make an event",
        )

    def cancel(self, intent: str) -> None:
        """Of a setup intent."""
        asked(lambda: self._v1.setup_intents.cancel(intent), f"cancel the setup intent {intent}")

    def event_about(self, kind: str, id_: str) -> dict[str, Any] | None:
        """The latest event of this kind about the object with this id; None: there is none yet."""
        params: Any = {"type": kind, "limit": 20}
        found = asked(lambda: self._v1.events.list(params=params).to_dict(), "list the events at Stripe")
        return next((each for each in found["data"] if each["data"]["object"]["id"] == id_), None)

    def pending(self, event: str) -> int:
        """How many endpoints have not taken the event yet."""
        return asked(lambda: self._v1.events.retrieve(event).pending_webhooks, f"look at the event {event}")

    def _all(self, list_: Callable[..., Any], doing: str) -> Iterator[dict[str, Any]]:
        after: dict[str, Any] = {}
        while True:
            params = {"limit": _PAGE, **after}
            page = asked(lambda params=params: list_(params=params).to_dict(), doing)  # type: ignore[misc]
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}


def _delete(call: Callable[[], Any], doing: str) -> None:
    try:
        asked(call, doing)
    except StripeFailureError as error:
        if error.code != _GONE:
            raise
