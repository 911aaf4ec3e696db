"""Invoices and lines as the API shows them."""

from typing import Any

from devkit.embedded.domain.billing import invoices, lines, pending_lines
from devkit.embedded.domain.billing.profiles import first_profile

NOW = "2025-01-15T10:00:00Z"
APPS = {role: {"id": "app", "type": "sandbox"} for role in ("tax", "invoicing", "payment")}
CUSTOMER = {
    "id": "customer",
    "key": "acme",
    "name": "Acme",
    "usageAttribution": {"subjectKeys": ["subject"]},
    "billingAddress": {"country": "US"},
}
PROFILE = first_profile("app", id_="profile", now=NOW)


def line(id_: str, name: str = "Fee", **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "createdAt": NOW,
        "updatedAt": NOW,
        "managedBy": "manual",
        "currency": "USD",
        "period": {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"},
        "invoiceAt": "2025-02-01T00:00:00Z",
        "price": {"type": "flat", "amount": "1", "paymentTerm": "in_advance"},
    } | changes


def standard(*of: dict[str, Any]) -> dict[str, Any]:
    made = invoices.new_standard(CUSTOMER, PROFILE, "USD", "DRAFT-ACME-1", id_="invoice", now=NOW)
    return made | {"lines": list(of), "status": "draft.manual_approval_needed"}


def gathering(*of: dict[str, Any]) -> dict[str, Any]:
    made = invoices.new_gathering("customer", "USD", "GATHER-ACME-USD-1", apps=PROFILE["apps"], id_="invoice", now=NOW)
    return made | {"lines": list(of)}


def shown(invoice: dict[str, Any], **how: bool) -> dict[str, Any]:
    return invoices.shown(invoice, apps=APPS, details={}, **how)


def test_an_invoice_has_its_own_copy_of_customer_and_profile() -> None:
    body = shown(standard())

    assert body["customer"] == {
        "id": "customer",
        "key": "acme",
        "name": "Acme",
        "usageAttribution": {"subjectKeys": ["subject"]},
        "addresses": [{"country": "US"}],
    }
    assert body["supplier"] == PROFILE["supplier"]
    assert body["workflow"]["sourceBillingProfileId"] == "profile"
    assert body["workflow"]["apps"] == APPS


def test_the_short_status_is_shown_and_what_is_empty_is_not() -> None:
    body = shown(standard())

    assert (body["type"], body["status"]) == ("standard", "draft")
    assert body["collectionAt"] == NOW
    assert not {"lines", "validationIssues", "externalIds", "metadata"} & set(body)


def test_lines_are_ordered_by_name_start_and_id() -> None:
    early = {"from": "2024-12-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"}
    body = shown(standard(line("d", "Zeta"), line("c"), line("b"), line("e", period=early)))

    assert [each["id"] for each in body["lines"]] == ["e", "b", "c", "d"]


def test_deleted_lines_are_shown_where_they_are_asked_for() -> None:
    invoice = standard(line("a"), line("b", deletedAt=NOW))

    assert [each["id"] for each in shown(invoice)["lines"]] == ["a"]
    assert [each["id"] for each in shown(invoice, with_deleted_lines=True)["lines"]] == ["a", "b"]
    assert "lines" not in shown(invoice, with_lines=False)


def test_a_child_takes_currency_tax_and_time_from_its_line() -> None:
    child = {
        "id": "child",
        "name": "Fee",
        "createdAt": NOW,
        "updatedAt": NOW,
        "category": "regular",
        "paymentTerm": "in_advance",
        "period": line("a")["period"],
        "perUnitAmount": "1",
        "quantity": "1",
        "totals": lines.NOTHING,
        "uniqueReferenceId": "flat-price",
    }
    (body,) = lines.shown(line("a", children=[child], taxConfig={"taxCodeId": "tax"}), "invoice")["children"]

    assert (body["type"], body["status"], body["managedBy"]) == ("flat_fee", "detailed", "system")
    assert (body["currency"], body["invoiceAt"]) == ("USD", "2025-02-01T00:00:00Z")
    assert body["taxConfig"] == body["rateCard"]["taxConfig"] == {"taxCodeId": "tax"}
    assert body["rateCard"]["price"] == {"type": "flat", "amount": "1", "paymentTerm": "in_advance"}
    assert "uniqueReferenceId" not in body


def test_the_ids_of_subscription_and_item_stand_in_each_others_place() -> None:
    source = {"subscriptionId": "s", "phaseId": "p", "itemId": "i", "billingPeriod": line("a")["period"]}
    body = lines.shown(line("a", subscription=source), "invoice")["subscription"]

    assert (body["subscription"], body["phase"], body["item"]) == ({"id": "i"}, {"id": "p"}, {"id": "s"})


def test_changes_of_a_gathering_invoice_show_it_unrated() -> None:
    invoice = gathering(line("a"), line("b", invoiceAt="2025-01-20T00:00:00Z"), line("c", deletedAt=NOW))
    body = invoices.gathering_shown(invoice, CUSTOMER, PROFILE)

    assert (body["type"], body["status"], body["supplier"]) == ("gathering", "gathering", {})
    assert body["customer"] == {"id": "", "key": "acme", "name": "Acme", "usageAttribution": {"subjectKeys": None}}
    assert body["collectionAt"] == "2025-01-20T00:00:00Z"
    assert [each["id"] for each in body["lines"]] == ["a", "b"]
    assert set(body["totals"].values()) == {""} == set(body["lines"][0]["totals"].values())


def test_a_gathering_invoice_without_lines_has_no_period() -> None:
    body = invoices.gathering_shown(gathering(), CUSTOMER, PROFILE)

    assert not {"period", "collectionAt", "lines"} & set(body)


def test_new_lines_come_first_and_fees_before_usage() -> None:
    usage = line("usage", price={"type": "unit", "amount": "1"}, featureKey="tokens")
    fee, old = line("fee"), line("old")
    invoice = pending_lines.with_lines(gathering(old), [usage, fee], now=NOW)
    body = pending_lines.creation_shown(invoice, [usage, fee], CUSTOMER, PROFILE, is_new=False)

    assert [each["id"] for each in body["lines"]] == ["usage", "fee"]
    assert [each["id"] for each in body["invoice"]["lines"]] == ["fee", "usage", "old"]
    assert [each["createdAt"] for each in body["invoice"]["lines"]] == ["0001-01-01T00:00:00Z"] * 2 + [NOW]


def test_a_gathering_invoice_is_deleted_with_its_last_line_and_lives_again_with_the_next() -> None:
    emptied = pending_lines.without_lines(gathering(line("a")), ["a"], now=NOW)
    assert emptied["deletedAt"] == NOW

    revived = pending_lines.with_lines(emptied, [line("b")], now=NOW)
    assert "deletedAt" not in revived
    assert "deletedAt" not in pending_lines.without_lines(gathering(line("a"), line("b")), ["a"], now=NOW)


def test_only_behavior_and_tax_code_of_a_tax_configuration_are_kept() -> None:
    given = {"behavior": "inclusive", "stripe": {"code": "txcd_10000000"}}

    assert pending_lines.with_tax_code({"taxConfig": given}, "default")["taxConfig"] == {
        "behavior": "inclusive",
        "taxCodeId": "default",
    }
    assert pending_lines.with_tax_code({"taxConfig": {"taxCodeId": "own"}}, "default")["taxConfig"] == {
        "taxCodeId": "own"
    }
