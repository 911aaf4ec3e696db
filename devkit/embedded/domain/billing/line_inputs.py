"""Lines as requests give them, and what is wrong with them.

The deprecated form has price, featureKey and taxConfig beside each other; the other one has them in `rateCard`. Where
both are given they must agree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from devkit.embedded.domain import numerics
from devkit.embedded.domain.billing.lines import Line, is_flat
from devkit.embedded.domain.billing.price_problems import price_problem
from devkit.embedded.domain.catalog import prices
from devkit.embedded.domain.currencies import CURRENCIES
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.timestamps import ZERO, format_seconds, parse

_CODES = frozenset(currency["code"] for currency in CURRENCIES)
_DEPRECATED = ("price", "featureKey", "taxConfig")
#: Go's zero time: as good as none.
NO_TIME = format_seconds(ZERO)
_MUST_AGREE = (
    ("taxConfig", "taxConfig must be equal to rateCard.taxConfig"),
    ("featureKey", "featureKey must be equal to rateCard.featureKey"),
)


def read_all(given: Iterable[Mapping[str, Any]], *, new_id: Callable[[], str]) -> list[Line]:
    """The lines of a body. Raises Malformed with all that cannot be read, and InternalFailure for impossible dates."""
    found, problems = [], []
    for line in given:
        try:
            found.append(read(line, new_id=new_id))
        except Malformed as refusal:
            problems.append(refusal.detail)
    if problems:
        raise Malformed("failed to map lines: " + "\n".join(problems))
    return found


def read(given: Mapping[str, Any], *, new_id: Callable[[], str]) -> Line:
    """What a body decides of a line: name, description, metadata, period, invoiceAt, price, featureKey, taxConfig and
    discounts, in the form of the store.

    new_id: makes the correlation ids of discounts that have none
    Raises Malformed for what OpenMeter cannot map, InternalFailure for a date that does not exist.
    """
    times = {name: _second(text) for name, text in (("invoiceAt", given["invoiceAt"]), *given["period"].items())}
    card = given.get("rateCard")
    if problems := _problems(card, given):
        raise Malformed("failed to map usage based line: " + "\n".join(problems))
    source = given if card is None else card
    line: Line = {
        "name": given["name"],
        "period": {"from": times["from"], "to": times["to"]},
        "invoiceAt": times["invoiceAt"],
        "price": prices.read(source["price"]),
    }
    line |= {name: given[name] for name in ("description", "metadata") if given.get(name) not in (None, {})}
    line |= {name: source[name] for name in ("featureKey", "taxConfig") if source.get(name) is not None}
    discounts = _discounts(source.get("discounts") or {}, line, new_id) if card is not None else {}
    return line | ({"discounts": discounts} if discounts else {})


def problems_of(currency: str, lines: Sequence[Line]) -> str:
    """What is wrong with lines of this currency, each behind its place; empty where nothing is."""
    found = [f"currency: {problem}"] if (problem := currency_problem(currency)) else []
    for number, line in enumerate(lines):
        if texts := list(line_problems(line, currency)):
            found.append(f"line.{number}: " + "\n".join(texts))
    return "\n".join(found)


def line_problems(line: Line, currency: str) -> Iterable[str]:
    """What is wrong with one line."""
    if line["period"]["from"] > line["period"]["to"]:
        yield "service period: from must be before to"
    if line["invoiceAt"] == NO_TIME:
        yield "invoice at is required"
    if problem := currency_problem(currency):
        yield f"currency: {problem}"
    if problem := price_problem(line["price"]):
        yield f"price: {problem}"


def check_payment_terms(lines: Sequence[Line]) -> None:
    """Fees must say whether they are paid in advance. Raises Invalid."""
    missing = [number for number, line in enumerate(lines) if is_flat(line) and "paymentTerm" not in line["price"]]
    texts = (f"[{number}]: validation error: validation error: invalid payment term " for number in missing)
    if missing:
        raise Invalid("intents: validation error: " + "\n".join(texts))


def _problems(card: Mapping[str, Any] | None, given: Mapping[str, Any]) -> list[str]:
    source = given if card is None else card
    price = source.get("price")
    if price is None:
        return ["price is required"]
    found = []
    if card is not None:
        if given.get("price") is not None and prices.read(given["price"]) != prices.read(price):
            found.append("price and rateCard.price must be equal")
        found += _disagreements(card, given, "taxConfig")
    if source.get("featureKey") is None and price["type"] != prices.FLAT:
        found.append("featureKey is required")
    return found + (_disagreements(card, given, "featureKey") if card is not None else [])


def _disagreements(card: Mapping[str, Any], given: Mapping[str, Any], name: str) -> list[str]:
    both = card.get(name) is not None and given.get(name) is not None
    return [text for member, text in _MUST_AGREE if member == name and both and card[name] != given[name]]


def _discounts(given: Mapping[str, Any], line: Line, new_id: Callable[[], str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.get("percentage") is not None:
        percentage = given["percentage"]
        found["percentage"] = {"percentage": percentage["percentage"], **_correlation(percentage, new_id)}
    if given.get("usage") is not None:
        quantity = numerics.text(given["usage"]["quantity"])
        _check_usage_discount(line, quantity)
        found["usage"] = {"quantity": quantity, **_correlation(given["usage"], new_id)}
    return found


def _check_usage_discount(line: Line, quantity: str) -> None:
    problems = ["validation error: usage must be greater than 0"] if Decimal(quantity) < 0 else []
    problems += ["usage discount is not supported for flat price"] if is_flat(line) else []
    if problems:
        text = "usage: validation error: " + "\n".join(problems)
        raise Malformed(f"failed to map usage based line: invalid rateCard.discounts: validation error: {text}")


def _correlation(given: Mapping[str, Any], new_id: Callable[[], str]) -> dict[str, str]:
    return {"correlationId": given.get("correlationId") or new_id()}


def _second(text: str) -> str:
    try:
        return format_seconds(plain(parse(text)))
    except ValueError as error:
        raise InternalFailure(str(error)) from error


def currency_problem(currency: str) -> str:
    """Empty where there is such a currency."""
    return "" if currency in _CODES else f"invalid fiat currency code: {currency}"
