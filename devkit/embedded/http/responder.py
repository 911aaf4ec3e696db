"""One operation from raw request to reply: bind, authenticate, validate, handle. It runs in a worker thread."""

import logging
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from devkit.core.contract import Contract, Operation
from devkit.embedded.domain import portal_tokens
from devkit.embedded.domain.errors import Refusal, Unauthorized
from devkit.embedded.domain.portal_tokens import PortalClaims
from devkit.embedded.http import go_json, queries
from devkit.embedded.http.binding import Binding
from devkit.embedded.http.calls import Call, Reply, ServerSettings
from devkit.embedded.http.encoding import body_bytes
from devkit.embedded.http.problems import of_refusal, problem
from devkit.embedded.http.routing import Route
from devkit.embedded.http.schemas import Schemas
from devkit.embedded.http.validation import Refused, Validation
from devkit.embedded.store.store import Store

logger = logging.getLogger(__name__)

_PORTAL_TOKEN = "PortalTokenAuth"  # noqa: S105 - the name of a security scheme


@dataclass(frozen=True)
class Incoming:
    """A request as it came: raw path parameters, raw query, headers in lower case, body."""

    path: Mapping[str, bytes]
    query: bytes
    headers: Mapping[str, str]
    body: bytes
    id: str


@dataclass(frozen=True)
class Compiled:
    """What all operations share. The lock is held while one is compiled: a named schema is known before it is whole."""

    contract: Contract
    parameters: Schemas
    bodies: Schemas
    lock: threading.Lock

    @classmethod
    def of(cls, contract: Contract) -> "Compiled":
        return cls(contract, Schemas(contract, body=False), Schemas(contract, body=True), threading.Lock())


class Responder:
    """Answers one operation; without a route it answers 501."""

    def __init__(self, compiled: Compiled, operation: Operation, route: Route | None) -> None:
        self._compiled = compiled
        self._operation = operation
        self._route = route
        self._stages: tuple[Binding, Validation] | None = None
        self.has_body = bool(operation.bodies)

    def respond(self, incoming: Incoming, store: Store, settings: ServerSettings) -> Reply:
        """The reply, its body in bytes already; refusals and failures as problems. Raises nothing."""
        if self._route is None:
            return problem(501, _missing(self._operation), incoming.id)
        try:
            reply = self._handle(self._route, self.accept(incoming, store, settings))
            return replace(reply, body=body_bytes(reply))
        except Exception as error:  # noqa: BLE001 - whatever it is, the request gets an answer
            return self._problem(error, incoming.id)

    def _problem(self, error: Exception, request_id: str) -> Reply:
        """What the request gets instead; of a bug the traceback goes into the log, and nothing onto the wire."""
        if isinstance(error, Refused):
            return problem(400, str(error), None)
        if isinstance(error, Refusal):
            return of_refusal(error, request_id)
        if isinstance(error, RecursionError):
            return problem(400, "the request nests too deeply", request_id)
        if isinstance(error, sqlite3.OperationalError):  # a full disk, a folder that became read-only
            logger.error("%s could not be stored: %s (request %s)", self._operation.id, error, request_id)
            return problem(503, f"the data folder does not take it: {error}", request_id)
        logger.error("%s failed (request %s)", self._operation.id, request_id, exc_info=error)
        return problem(500, None, request_id)

    def _handle(self, route: Route, call: Call) -> Reply:
        if route.read_only or not route.atomic or self._operation.method == "GET":
            return route.handler(call)
        with call.store.records.transaction():
            return route.handler(call)

    def accept(self, incoming: Incoming, store: Store, settings: ServerSettings) -> Call:
        """The call of a request that passes all stages before the handler. Raises Refusal or Refused."""
        binding, validation = self._compile()
        query = queries.parse(incoming.query) if incoming.query else {}
        path = binding.path(incoming.path)
        bound = binding.query(query)
        portal = self._authenticate(incoming, path, store, settings)
        validation.parameters(path, query)
        content_type = incoming.headers.get("content-type", "")
        body = validation.body(incoming.body, content_type) if self.has_body else None
        return Call(self._operation.id, path, bound, body, incoming.body, incoming.headers, store, settings, portal)

    def _compile(self) -> tuple[Binding, Validation]:
        """Compiled at the first request, so that a server is ready at once."""
        if self._stages is None:
            shared = self._compiled
            with shared.lock:
                self._stages = (
                    Binding(shared.contract, self._operation),
                    Validation(shared.contract, self._operation, shared.parameters, shared.bodies),
                )
        return self._stages

    def _authenticate(
        self, incoming: Incoming, path: Mapping[str, str], store: Store, settings: ServerSettings
    ) -> PortalClaims | None:
        if _PORTAL_TOKEN not in self._operation.security:
            return None
        authorization = incoming.headers.get("authorization", "")
        if not settings.portal_enabled and authorization.strip():
            raise Unauthorized("invalid token: not implemented error: noop adapter")
        secret = settings.portal_token_secret
        return portal_tokens.authenticate(secret, authorization, path["meterSlug"], store.now(), go_json.decode_whole)


def _missing(operation: Operation) -> str:
    return f"operation {operation.id} is not implemented by devkit's embedded server"
