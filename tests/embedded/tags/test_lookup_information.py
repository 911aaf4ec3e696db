"""Currencies and progress."""

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask


def test_the_usual_currencies_come_first_and_the_rest_by_code(app: Application) -> None:
    found = ask(app, "GET", "/api/v1/info/currencies").json
    codes = [currency["code"] for currency in found]
    assert len(codes) == len(set(codes)) == 171
    assert codes[:6] == ["USD", "EUR", "GBP", "AUD", "CAD", "JPY"]
    assert codes[6:] == sorted(codes[6:])
    assert {"code": "HUF", "name": "Hungarian Forint", "subunits": 0, "symbol": "Ft"} in found


def test_no_progress_is_known(app: Application) -> None:
    answer = ask(app, "GET", "/api/v1/info/progress/mine")
    assert (answer.status, answer.json["detail"]) == (404, "not found error: progress not found for id: mine")
