"""Cross-origin answers of the portal: any origin may ask the metering endpoints, nothing else is opened."""

from collections.abc import Mapping

from devkit.embedded.http.calls import Reply

_PATH = "/api/v1/portal/meters"
_METHODS = ("GET", "OPTIONS")
_ALLOWED = frozenset(("accept", "authorization", "content-type", "origin"))
_MAXIMUM_AGE = "1728000"


def applies(path: str) -> bool:
    return path.startswith(_PATH)


def preflight(method: str, headers: Mapping[str, str]) -> Reply | None:
    """The answer to a preflight; None where the request is none."""
    wanted = headers.get("access-control-request-method", "")
    if method != "OPTIONS" or not wanted:
        return None
    vary = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
    asked = [name.strip() for name in headers.get("access-control-request-headers", "").split(",") if name.strip()]
    origin = headers.get("origin", "")
    if not origin or wanted.upper() not in _METHODS or any(name.lower() not in _ALLOWED for name in asked):
        return Reply(200, "", media_type="", headers=vary)
    allowed = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": wanted.upper(),
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Max-Age": _MAXIMUM_AGE,
    }
    if asked:
        allowed["Access-Control-Allow-Headers"] = ", ".join(name.title() for name in asked)
    return Reply(200, "", media_type="", headers=vary | allowed)


def response_headers(method: str, headers: Mapping[str, str]) -> dict[str, str]:
    """What an actual cross-origin request gets beside its answer."""
    origin = headers.get("origin")
    if not origin or method not in _METHODS:
        return {"Vary": "Origin"}
    return {"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
