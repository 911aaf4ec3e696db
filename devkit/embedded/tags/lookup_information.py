"""Lookup Information: currencies, and the progress that the quickstart does not keep."""

from devkit.embedded.domain.currencies import CURRENCIES
from devkit.embedded.domain.errors import NotFound
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route


def list_currencies(_: Call) -> Reply:
    return Reply(200, CURRENCIES)


def get_progress(call: Call) -> Reply:
    raise NotFound(f"progress not found for id: {call.path['id']}")


ROUTES = (Route("listCurrencies", list_currencies), Route("getProgress", get_progress))
