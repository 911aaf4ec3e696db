"""What an update changes of a standard invoice beside its lines: parties, workflow, description, metadata."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import durations
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.line_shape import Problem
from devkit.embedded.domain.billing.profiles import DEFAULT_WORKFLOW, supplier_problem
from devkit.embedded.domain.billing.validation_issues import refusal
from devkit.embedded.domain.durations import DurationError
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.domain.issues import Issue

_DURATIONS = (("draftPeriod", "draft period"), ("dueAfter", "due after"))
_ADDRESS = ("country", "postalCode", "state", "city", "line1", "line2", "phoneNumber")


def edited(invoice: Invoice, body: Mapping[str, Any]) -> Invoice:
    """The invoice with all that the body says but its lines; what the body leaves out is cleared or default.

    Raises Malformed for durations that are none.
    """
    kept = {name: value for name, value in invoice.items() if name not in ("description", "metadata")}
    given = {name: body[name] for name in ("description", "metadata") if body.get(name) not in (None, {})}
    return {
        **kept,
        **given,
        "supplier": _party(body["supplier"]),
        "customer": _identity(invoice["customer"]) | _party(body["customer"]),
        "workflow": _workflow(invoice["workflow"], body["workflow"]["workflow"]),
    }


def check_parties(invoice: Invoice) -> None:
    """Customer and supplier need a name, the supplier a country, too. Raises Plain (400)."""
    found = []
    if not invoice["customer"].get("name"):
        found.append(_problem("customer", "name is required"))
    if problem := supplier_problem(invoice["supplier"]):
        found.append(_problem("supplier", problem))
    if found:
        issues = [issue for problem in found for issue in problem.issues]
        raise refusal(issues, "\n".join(problem.text for problem in found))


def _problem(place: str, message: str) -> Problem:
    return Problem(f"{place}: {message}", (Issue(message, field=f"/{place}"),))


def _identity(customer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: customer[name] for name in ("id", "key", "usageAttribution") if name in customer}


def _party(given: Mapping[str, Any]) -> dict[str, Any]:
    """No key and no tax id: OpenMeter does not keep them."""
    name = {"name": given["name"]} if given.get("name") else {}
    address: Mapping[str, Any] = next(iter(given.get("addresses") or ()), {})
    known = {part: address[part] for part in _ADDRESS if address.get(part) is not None}
    return name | ({"addresses": [known]} if known else {})


def _workflow(workflow: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What an invoice has of its own is kept where an update cannot say anything of it."""
    default, asked = DEFAULT_WORKFLOW["invoicing"], given["invoicing"]
    settings = {name: _or_default(asked, name, default) for name in ("autoAdvance", "draftPeriod", "dueAfter")}
    for name, words in _DURATIONS:
        settings[name] = _duration(settings[name], words)
    method = _or_default(given["payment"], "collectionMethod", DEFAULT_WORKFLOW["payment"])
    return {
        **workflow,
        "invoicing": {**workflow["invoicing"], **settings},
        "payment": {**workflow["payment"], "collectionMethod": method},
    }


def _or_default(given: Mapping[str, Any], name: str, default: Mapping[str, Any]) -> Any:
    return default[name] if given.get(name) is None else given[name]


def _duration(text: str, words: str) -> str:
    try:
        return text if durations.parse(text).sign else "P0D"
    except DurationError as error:
        raise Malformed(f"failed to parse {words}: {error}") from error
