"""Who answers at a URL? Asked with the standard library alone, because `devkit status` must be quick."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from devkit.core.agent_files import IDENTITY_ROUTE


def identity_at(url: str, *, timeout: float = 2) -> dict[str, Any] | None:
    """What devkit's own server says about itself ({"instance", "version", "pid"}), None where none answers.

    timeout: seconds.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", IDENTITY_ROUTE)
        answer = connection.getresponse()
        decoded = json.loads(answer.read(10_000)) if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return decoded if isinstance(decoded, dict) else None


def serves(url: str, token: str, *, timeout: float = 2) -> bool:
    """Whether the server at this URL is the one of the instance with this token."""
    identity = identity_at(url, timeout=timeout)
    return identity is not None and identity.get("instance") == token
