"""Whether a public address leads to this instance's gateway: it names itself in each of its own answers."""

import httpx

from devkit.core.loopback import is_loopback

GATEWAY_HEADER = "devkit-gateway"

_TIMEOUT_SECONDS = 5.0
_BROWSER_PAGE = {"ngrok-skip-browser-warning": "1"}  # ngrok's free plan shows browsers a page of its own


def gateway_behind(url: str, *, timeout: float = _TIMEOUT_SECONDS) -> str:
    """The name of the gateway that answers at this address, empty where something else does.

    Raises httpx.HTTPError where nothing answers in time.
    """
    through_proxies = not is_loopback(url)
    answer = httpx.get(url, headers=_BROWSER_PAGE, timeout=timeout, follow_redirects=False, trust_env=through_proxies)
    return str(answer.headers.get(GATEWAY_HEADER, ""))


def problem_with(url: str, gateway: str, *, timeout: float = _TIMEOUT_SECONDS) -> str:
    """Why the address does not lead to the gateway of this name, as a sentence; empty where it does."""
    try:
        found = gateway_behind(url, timeout=timeout)
    except httpx.TimeoutException:
        return f"{url} does not answer within {timeout:g} seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{url} cannot be reached: {error}"
    if found == gateway:
        return ""
    return f"{url} leads to another devkit instance" if found else f"{url} does not lead to devkit's gateway"
