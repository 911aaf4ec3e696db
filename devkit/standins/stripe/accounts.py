"""The account itself."""

from devkit.standins.stripe.account import Object
from devkit.standins.stripe.requests import Request, Route


def retrieve(request: Request) -> Object:
    return {
        "id": request.account.id,
        "object": "account",
        "business_profile": {"mcc": None, "name": "Devkit", "support_email": None, "url": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "dev@example.com",
        "settings": {"dashboard": {"display_name": "Devkit"}},
        "type": "standard",
    }


ROUTES = (Route("GET", "/v1/account", retrieve),)
