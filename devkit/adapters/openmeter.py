"""The HTTP client of OpenMeter that checks, seeds, streams and `up` share. It talks to any server of the contract."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from devkit.core.contract import contract
from devkit.core.errors import DevkitError, UnreachableError
from devkit.core.loopback import is_loopback

BATCH = "application/cloudevents-batch+json"
_PAGE = 1000


class ApiError(DevkitError):
    """OpenMeter refused a request: the status, and the problem body where there is one."""

    def __init__(self, operation: str, status: int, problem: Mapping[str, Any]) -> None:
        detail = problem.get("detail") or problem.get("title") or "no detail"
        super().__init__(f"{operation} answered {status}: {detail}")
        self.operation = operation
        self.status = status
        self.problem = problem


class OpenMeter:
    """Calls operations by their id. Close it, or use it in a `with`."""

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 30) -> None:
        """timeout: seconds for each request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.url = url.rstrip("/")
        through_proxies = not is_loopback(self.url)
        self.http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout, trust_env=through_proxies)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def send(
        self,
        operation: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The raw answer of one operation, whatever its status. Raises UnreachableError where there is no answer."""
        spec = contract().operations[operation]
        target = spec.path
        for name, value in (path or {}).items():
            target = target.replace("{" + name + "}", quote(value, safe=""))
        payload: dict[str, Any] = {"json": body} if body is not None else {"content": content}
        try:
            return self.http.request(spec.method, target, params=query, headers=headers, **payload)
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"no answer from {self.url} ({error or type(error).__name__})",
                hint="devkit status shows what runs; devkit up starts it",
            ) from error

    def call(self, operation: str, **request: Any) -> Any:
        """The decoded JSON body of a successful answer (None where it is empty). Raises ApiError on 4xx and 5xx."""
        response = self.send(operation, **request)
        if response.status_code >= 400:
            raise ApiError(operation, response.status_code, _problem(response))
        return response.json() if response.content else None

    def everything(self, operation: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page. Raises ApiError and UnreachableError."""
        page = 1
        while True:
            items = self.call(operation, query={**query, "page": page, "pageSize": _PAGE})["items"]
            yield from items
            if len(items) < _PAGE:
                return
            page += 1

    def ingest(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Sends CloudEvents as one batch."""
        import msgspec

        self.call("ingestEvents", content=msgspec.json.encode(events), headers={"Content-Type": BATCH})


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        decoded = response.json()
    except ValueError:
        decoded = None
    return decoded if isinstance(decoded, dict) else {"title": response.text[:200] or response.reason_phrase}
