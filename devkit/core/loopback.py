"""Whether an address is this machine itself: no proxy that the environment names leads there."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """False also for what is no URL."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
