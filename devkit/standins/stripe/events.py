"""Events: what happened, as it was told to the webhook endpoints."""

from devkit.standins.stripe.account import Object
from devkit.standins.stripe.fields import TEXT
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.requests import Request, Route

KIND = "event"


def retrieve(request: Request) -> Object:
    return request.account.get(KIND, request.id)


def list_(request: Request) -> Object:
    return page(request.account.all(KIND), request.params, "/v1/events", {"type": TEXT})


ROUTES = (Route("GET", "/v1/events", list_), Route("GET", "/v1/events/{id}", retrieve))
