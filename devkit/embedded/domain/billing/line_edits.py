"""What an update of an invoice does to its lines: which are new, changed, gone, or as they were.

A body names the lines that the invoice has from then on. The charges behind the lines decide what may change: a fee
all but its feature and its taxes, a metered line nothing at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing import line_inputs
from devkit.embedded.domain.billing.line_shape import line_problems
from devkit.embedded.domain.billing.lines import MANUAL, Line, is_flat, live
from devkit.embedded.domain.billing.price_problems import price_problem
from devkit.embedded.domain.billing.proration import with_share_of_fee
from devkit.embedded.domain.billing.rating.money import rounded
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.errors import Invalid, Malformed

Body = Mapping[str, Any]

_PREFIX = "failed to map usage based line: "
_COMPARED = ("name", "description", "metadata", "period", "price", "featureKey", "discounts")
#: What an update decides of a line; what it leaves out is gone, but the metadata.
_DECIDED = ("description", "featureKey", "taxConfig", "discounts")
#: What of a fee may change; its place in time stays.
_EDITABLE = ("name", "description", "metadata", "period", "price", "discounts")
_IN_ADVANCE = "in_advance"


@dataclass
class LineEdits:
    """The lines of an update.

    pending:   whether they are on a gathering invoice; only there one can say when a line is invoiced
    unchanged: as the update gives them
    changed:   before and after
    created:   without an identity
    gone:      as they were
    """

    pending: bool = False
    unchanged: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, Line]] = field(default_factory=list)
    created: list[Line] = field(default_factory=list)
    gone: list[Line] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.created or self.gone)


def read(
    lines: Sequence[Line],
    bodies: Sequence[Body],
    *,
    new_id: Callable[[], str],
    taxes: Callable[[Any], dict[str, Any]],
    pending: bool = False,
) -> LineEdits:
    """How the live ones of the lines become those of the bodies.

    taxes:   the tax configuration that one, or none, stands for
    pending: whether they are on a gathering invoice
    Raises Malformed for what cannot be read.
    """
    known = {line["id"]: line for line in live(lines)}
    edits, kept = LineEdits(pending), {}
    for body in bodies:
        before = known.get(body.get("id", ""))
        if before is None:
            edits.created.append(_created(body, new_id))
        else:  # a line that is named twice is what is said of it last
            kept[before["id"]] = _merged(before, line_inputs.read(body, new_id=new_id), body)
    for id_, after in kept.items():
        if _is_changed(known[id_], after, taxes, pending=pending):
            edits.changed.append((known[id_], after))
        else:
            edits.unchanged.append(after)
    edits.gone = [line for id_, line in known.items() if id_ not in kept]
    return edits


def check(edits: LineEdits, currency: str, *, taxes: Callable[[Any], dict[str, Any]]) -> None:
    """What may not be done to lines. Raises Malformed for lines without sense, Plain (400) and Invalid for the rest."""
    problems = [*_created_problems(edits, currency), *_changed_problems(edits.changed)]
    if problems:
        raise Malformed("collecting mutable invoice line changes: " + "\n".join(problems))
    for line in edits.created:
        _check_fee(line, currency, "invoice_line_zero_amount_create")
    for before, after in edits.changed:
        _check_change(before, after, taxes)
        _check_fee(with_share_of_fee(after), currency, "invoice_line_zero_amount_delete_instead")


def changed_fee(before: Line, after: Line, *, pending: bool = False) -> Line:
    """The fee as it is from now on; what it was in another system it is no more."""
    editable = (*_EDITABLE, "invoiceAt") if pending else _EDITABLE
    kept = {name: value for name, value in before.items() if name not in editable}
    given = {name: after[name] for name in editable if name in after}
    return with_share_of_fee(kept | given | _unknown_elsewhere(before) | {"managedBy": MANUAL})


def _unknown_elsewhere(line: Line) -> dict[str, Any]:
    """The children, without the ids that they have in another system: there they are made anew."""
    if "children" not in line:
        return {}
    return {
        "children": [
            {name: value for name, value in child.items() if name != "externalIds"} for child in line["children"]
        ]
    }


def new_line(line: Line, currency: str, tax_config: Mapping[str, Any], *, pending: bool = False) -> Line:
    """A line that an update adds. When a fee of a draft is invoiced follows from its term, whatever the update says."""
    made = line | {"managedBy": MANUAL, "currency": currency, "taxConfig": dict(tax_config)}
    if is_flat(line) and not pending:
        made["invoiceAt"] = line["period"]["from" if line["price"]["paymentTerm"] == _IN_ADVANCE else "to"]
    return made


def gone_line(line: Line, now: str) -> Line:
    """A line that an update takes off; it costs what it did, without saying for what."""
    return line | {"deletedAt": now, "updatedAt": now, "managedBy": MANUAL, "children": []}


def _created(body: Body, new_id: Callable[[], str]) -> Line:
    try:
        return line_inputs.read(body, new_id=new_id)
    except Malformed as refusal:
        raise Malformed(refusal.detail.removeprefix(_PREFIX)) from refusal


def _merged(before: Line, given: Line, body: Body) -> Line:
    kept = {name: value for name, value in before.items() if name not in _DECIDED}
    metadata = {} if body.get("metadata") is None else {"metadata": body["metadata"]}
    return kept | given | metadata


def _is_changed(before: Line, after: Line, taxes: Callable[[Any], dict[str, Any]], *, pending: bool) -> bool:
    compared = (*_COMPARED, "invoiceAt") if pending else _COMPARED
    differ = any(_value(before, name) != _value(after, name) for name in compared)
    return differ or _taxes_differ(before, after, taxes)


def _value(line: Line, name: str) -> Any:
    """No members are the same as none at all; an empty text is not."""
    value = line.get(name)
    return None if value == {} else value


def _taxes_differ(before: Line, after: Line, taxes: Callable[[Any], dict[str, Any]]) -> bool:
    return taxes(before.get("taxConfig")) != taxes(after.get("taxConfig"))


def _created_problems(edits: LineEdits, currency: str) -> list[str]:
    found = [(number, _texts(line, currency, edits)) for number, line in enumerate(edits.created)]
    return [f"created[{number}]: " + "\n".join(texts) for number, texts in found if texts]


def _texts(line: Line, currency: str, edits: LineEdits) -> list[str]:
    if edits.pending:
        return list(line_inputs.line_problems(line, currency))
    return [problem.text for problem in line_problems(line, currency)]


def _changed_problems(changed: Sequence[tuple[Line, Line]]) -> list[str]:
    found = [(number, _change_problems(*change)) for number, change in enumerate(changed)]
    texts = [f"lineOverrides[{number}]: changes to apply: " + "\n".join(texts) for number, texts in found if texts]
    return ["updated: " + "\n".join(texts)] if texts else []


def _change_problems(before: Line, after: Line) -> list[str]:
    texts = []
    if before["period"] != after["period"] and after["period"]["from"] > after["period"]["to"]:
        texts.append("period: from must be before to")
    if before["price"] != after["price"] and (problem := price_problem(after["price"])):
        texts.append(f"price: {problem}")
    return texts


def _check_change(before: Line, after: Line, taxes: Callable[[Any], dict[str, Any]]) -> None:
    if not is_flat(before):
        raise coded("cannot_update_charge_managed_line")
    if before.get("featureKey") != after.get("featureKey"):
        raise coded("invoice_line_feature_key_edit_not_supported")
    if _taxes_differ(before, after, taxes):
        raise coded("invoice_line_tax_config_edit_not_supported")


def _check_fee(line: Line, currency: str, code: str) -> None:
    if not is_flat(line):
        return
    if "paymentTerm" not in line["price"]:
        raise Invalid("invalid payment term ")
    if not rounded(Decimal(line["price"]["amount"]), currency):
        raise coded(code)
