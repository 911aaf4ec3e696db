"""One operation from raw request to reply: bind, authenticate, validate, handle. It runs in a worker thread."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from devkit.core.contract import Contract, Operation
from devkit.embedded.domain import portal_tokens
from devkit.embedded.domain.errors import Refusal, Unauthorized
from devkit.embedded.domain.portal_tokens import PortalClaims
from devkit.embedded.http import queries
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
    """What all operations share."""

    contract: Contract
    parameters: Schemas
    bodies: Schemas

    @classmethod
    def of(cls, contract: Contract) -> "Compiled":
        return cls(contract, Schemas(contract, body=False), Schemas(contract, body=True))


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
        except Refused as refused:
            return problem(400, str(refused), None)
        except Refusal as refusal:
            return of_refusal(refusal, incoming.id)
        except RecursionError:
            return problem(400, "the request nests too deeply", incoming.id)
        except Exception:
            logger.exception("%s failed (request %s)", self._operation.id, incoming.id)
            return problem(500, None, incoming.id)

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
        return portal_tokens.authenticate(secret, authorization, path["meterSlug"], store.now())


def _missing(operation: Operation) -> str:
    return f"operation {operation.id} is not implemented by devkit's embedded server"
