"""The made-up invoice that the test of a rule about invoices tells about: one fee, by the default billing profile."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.domain.billing.invoice_dates import dated
from devkit.embedded.domain.billing.invoices import CREATED, new_standard, shown
from devkit.embedded.domain.billing.lines import MANUAL, Line
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.rating.line_rating import rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line, totals_of_lines
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.timestamps import ZERO

_NUMBER, _CURRENCY = "TEST-INV-1", "USD"
_DETAILS = {"immutable": False, "failed": False, "extendedStatus": CREATED, "availableActions": {}}
_SERVICE_PERIOD = timedelta(days=30)


def invoice_data(
    profile: BillingProfile, apps: Mapping[str, Any], *, new_id: Callable[[], str], now: datetime
) -> dict[str, Any]:
    """The data of the test event of a rule about invoices. apps: those of the profile, in full"""
    moment = now.replace(microsecond=0)
    customer = {
        "id": new_id(),
        "key": "test-customer-1",
        "name": "Test Customer",
        "usageAttribution": {"subjectKeys": ["test-subject-1"]},
    }
    invoice = new_standard(customer, profile, _CURRENCY, _NUMBER, id_=new_id(), now=text_of(moment))
    lines = [_fee(new_id(), moment)]
    invoice = dated(invoice | {"lines": lines, "totals": totals_of_lines(lines)})
    return shown(invoice, apps=apps, details=_DETAILS)


def _fee(id_: str, moment: datetime) -> Line:
    at = text_of(moment)
    line = {
        "id": id_,
        "name": "test flat fee",
        "createdAt": at,
        "updatedAt": at,
        "managedBy": MANUAL,
        "currency": _CURRENCY,
        "period": {"from": text_of(moment - _SERVICE_PERIOD), "to": at},
        "invoiceAt": at,
        "price": {"type": "flat", "amount": "1000", "paymentTerm": "in_advance"},
    }
    # What is never stored gets neither an id nor moments.
    return rated_line(line, rate(line), new_id=str, now=text_of(ZERO))
