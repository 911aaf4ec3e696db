"""Simulated invoices: lines with quantities as if they were on an invoice of the customer.

This release of OpenMeter rates nothing of them: every one is invalid, with the same issue.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain import numerics
from devkit.embedded.domain.billing import line_inputs
from devkit.embedded.domain.billing.invoice_dates import dated
from devkit.embedded.domain.billing.invoices import Invoice, new_standard, shown
from devkit.embedded.domain.billing.line_shape import invoice_problems
from devkit.embedded.domain.billing.lines import MANUAL, NOTHING, Line, is_flat
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.validation_issues import OPENMETER, refusal, unsaved
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, Malformed
from devkit.embedded.domain.issues import Issue

DEFAULT_NUMBER = "INV-SIMULATED"
_INVALID = "draft.invalid"
_NO_ENGINE = Issue("invalid line engine type: ", component=OPENMETER)
_PREFIX = "failed to map usage based line: "
_DETAILS = {"immutable": False, "failed": True, "extendedStatus": _INVALID, "availableActions": {}}


def read_lines(bodies: Sequence[Mapping[str, Any]], *, new_id: Callable[[], str]) -> list[Line]:
    """The lines of a body with their quantities. Raises Malformed, and InternalFailure without lines."""
    lines, problems = [], []
    for body in bodies:
        try:
            lines.append(_line(body, new_id))
        except Malformed as problem:
            problems.append(problem.detail.removeprefix(_PREFIX))
    if problems:
        raise Malformed("failed to map simulation lines to entity: " + "\n".join(problems))
    if not lines:
        raise InternalFailure("OpenMeter fails on an invoice without lines")
    return lines


def simulated(
    customer: Customer, profile: BillingProfile, body: Mapping[str, Any], lines: Sequence[Line], *, id_: str, now: str
) -> Invoice:
    """The invoice with these lines. Raises Plain (400) for lines without sense."""
    currency = body["currency"]
    if problems := invoice_problems(currency, lines):
        issues = [issue for problem in problems for issue in problem.issues]
        raise refusal(issues, "\n".join(problem.text for problem in problems))
    moments = {"createdAt": now, "updatedAt": now, "currency": currency, "managedBy": MANUAL, "totals": dict(NOTHING)}
    invoice = new_standard(customer, profile, currency, body.get("number") or DEFAULT_NUMBER, id_=id_, now=now)
    made = invoice | {"status": _INVALID, "lines": [line | moments for line in lines]}
    return dated(made) | {"validationIssues": [unsaved(_NO_ENGINE)]}


def simulation_shown(invoice: Invoice, apps: Mapping[str, Any]) -> dict[str, Any]:
    """The Invoice; there are no detailed lines, not even none of them."""
    body = shown(invoice, apps=apps, details=_DETAILS)
    return body | {"lines": [line | {"children": None} for line in body["lines"]]}


def _line(body: Mapping[str, Any], new_id: Callable[[], str]) -> Line:
    line = line_inputs.read(body, new_id=new_id)
    return line | {"id": body.get("id") or new_id()} | _quantities(line, body)


def _quantities(line: Line, body: Mapping[str, Any]) -> dict[str, str]:
    """A fee is there once, whatever the body says."""
    if is_flat(line):
        return {"quantity": "1"}
    before = numerics.text(body.get("preLinePeriodQuantity") or "0")
    earlier = {"preLinePeriodQuantity": before, "meteredPreLinePeriodQuantity": before} if before != "0" else {}
    return {"quantity": numerics.text(body["quantity"])} | earlier
