"""The calls to Stripe that OpenMeter makes, with the official client. Importing this module costs 0.2 s and 30 MB."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
import stripe

from devkit.embedded.domain.stripe_app.customer_data import EXPANDED
from devkit.embedded.domain.stripe_app.installation import API_VERSION
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError

Object = dict[str, Any]

_TIMEOUT = 10  # seconds
#: Tries after the first one, as OpenMeter's client does where Stripe fails or is not reached.
_RETRIES = 2
_PAGE = 100
#: What Stripe says of keys that cannot be sent at all.
_NO_KEY = "You did not provide an API key."
_NO_SUCH_KEY = "Invalid API Key provided"


class StripeAPI:
    """Stripe as an API key sees it. Every call raises ProviderError."""

    def __init__(self, key: str, base: str) -> None:
        """base: the address of Stripe's API; empty: the real one."""
        self._key = key.strip()
        stripe.enable_telemetry = False
        session = requests.Session()
        session.trust_env = not base  # a stand-in is on this machine: no proxy leads there
        self._http = stripe.RequestsClient(timeout=_TIMEOUT, session=session)
        self._client = stripe.StripeClient(
            self._key or "-",  # the client takes no empty one
            base_addresses={"api": base.rstrip("/")} if base else {},
            stripe_version=API_VERSION,
            max_network_retries=_RETRIES,
            http_client=self._http,
        )

    def close(self) -> None:
        self._http.close()  # type: ignore[no-untyped-call]

    def account(self) -> Object:
        return self._call("get", "/v1/account")

    def create_webhook_endpoint(self, params: Object) -> Object:
        return self._call("post", "/v1/webhook_endpoints", params)

    def delete_webhook_endpoint(self, id_: str) -> None:
        self._call("delete", f"/v1/webhook_endpoints/{_segment(id_)}")

    def customer(self, id_: str) -> Object:
        return self._call("get", f"/v1/customers/{_segment(id_)}", {"expand": list(EXPANDED)})

    def create_customer(self, params: Object) -> Object:
        return self._call("post", "/v1/customers", params)

    def payment_method(self, id_: str) -> Object:
        return self._call("get", f"/v1/payment_methods/{_segment(id_)}")

    def create_checkout_session(self, params: Object) -> Object:
        return self._call("post", "/v1/checkout/sessions", params)

    def create_portal_session(self, params: Object) -> Object:
        return self._call("post", "/v1/billing_portal/sessions", params)

    def invoice(self, id_: str) -> Object:
        return self._call("get", f"/v1/invoices/{_segment(id_)}")

    def create_invoice(self, params: Object, *, idempotency_key: str) -> Object:
        return self._call("post", "/v1/invoices", {**params, "idempotency_key": idempotency_key})

    def update_invoice(self, id_: str, params: Object) -> Object:
        return self._call("post", f"/v1/invoices/{_segment(id_)}", params)

    def finalize_invoice(self, id_: str) -> Object:
        return self._call("post", f"/v1/invoices/{_segment(id_)}/finalize", {"auto_advance": True})

    def delete_invoice(self, id_: str) -> None:
        self._call("delete", f"/v1/invoices/{_segment(id_)}")

    def invoice_lines(self, id_: str) -> list[Object]:
        """All lines of an invoice that come of an invoice item."""
        path = f"/v1/invoices/{_segment(id_)}/lines"
        lines: list[Object] = []
        after: Object = {}
        while True:
            page = self._call("get", path, {"limit": _PAGE, **after})
            lines += page["data"]
            if not page["has_more"]:
                return [line for line in lines if line.get("invoice_item")]
            after = {"starting_after": page["data"][-1]["id"]}

    def create_invoice_item(self, params: Object) -> Object:
        return self._call("post", "/v1/invoiceitems", params)

    def update_invoice_item(self, id_: str, params: Object) -> Object:
        return self._call("post", f"/v1/invoiceitems/{_segment(id_)}", params)

    def delete_invoice_item(self, id_: str) -> None:
        self._call("delete", f"/v1/invoiceitems/{_segment(id_)}")

    def _call(self, method: str, path: str, params: Mapping[str, Any] | None = None) -> Object:
        if not self._key:
            raise ProviderError(401, _NO_KEY)
        if not (self._key.isascii() and self._key.isprintable()):
            raise ProviderError(401, _NO_SUCH_KEY)
        try:
            answer = self._client.raw_request(method, path, **(params or {}))
        except stripe.StripeError as error:
            raise _provider_error(error) from error
        found: Object = answer.data
        return found


def _segment(id_: str) -> str:
    """An id, that may have come from a request, as one segment of a path."""
    return quote(id_, safe="")


def _provider_error(error: stripe.StripeError) -> ProviderError:
    body = error.json_body if isinstance(error.json_body, Mapping) else {}
    told = body.get("error")
    facts = told if isinstance(told, Mapping) else {}
    return ProviderError(
        error.http_status,
        facts.get("message") or error.user_message or "Stripe cannot be reached",
        code=facts.get("code") or "",
        kind=facts.get("type") or "",
        param=facts.get("param") or "",
        doc_url=facts.get("doc_url") or "",
        request_id=error.request_id or "",
        request_log_url=facts.get("request_log_url") or "",
    )
