"""Asks an instance's agent: to make the webhook right, to open the tunnel anew."""

from collections.abc import Mapping
from typing import Any

import httpx

from devkit.core.errors import DevkitError, UnreachableError, failure
from devkit.core.outside import Outside

_SYNC_SECONDS = 120  # an install at Stripe, the repair of it, and an event that has to come back


class AgentControl:
    """One agent. outside: what it says about itself"""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def sync(self, *, verify: bool = False) -> dict[str, Any]:
        """Makes app and webhook endpoint right. Returns what was done. Raises what the agent raises as DevkitError.

        verify: waits for an event of Stripe's also where one came already since the last change
        """
        return self._ask("/stripe/sync", {"verify": verify}, _SYNC_SECONDS)

    def restart_tunnel(self) -> None:
        """The new address comes later, in outside.json. Raises DevkitError."""
        self._ask("/tunnel/restart", {}, 10)

    def _ask(self, route: str, body: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """timeout: seconds"""
        headers = {"Authorization": f"Bearer {self._outside.token}"}
        url = f"http://127.0.0.1:{self._outside.control}{route}"
        try:
            answer = httpx.post(url, json=body, headers=headers, timeout=timeout, trust_env=False)
            told = answer.json()
        except httpx.TimeoutException as error:
            raise UnreachableError(
                f"the agent did not finish within {timeout:g} seconds", hint="devkit logs shows what it does"
            ) from error
        except (httpx.HTTPError, ValueError) as error:
            raise UnreachableError(
                "the agent of the instance does not answer", hint="devkit stop, then devkit up starts it anew"
            ) from error
        if answer.status_code == httpx.codes.OK:
            return dict(told)
        if not told.get("message"):
            raise DevkitError("the agent failed at it", hint="devkit logs shows what happened")
        evidence = told.get("evidence") or ()
        raise failure(told.get("exit_code"), told["message"], hint=told.get("hint"), evidence=evidence)
