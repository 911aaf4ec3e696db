from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.scene import BILLING, INVOICES, PERIOD, Scene, fee, status, usage

TARGET = "openmeter.io/sandbox/target-payment-status"
#: Usage may come in late for so long that no test sees the end of it.
CENTURY = "P100Y"


@pytest.fixture
def scene(app: Application) -> Scene:
    return Scene.of(app)


def test_an_invoice_waits_for_approval_and_is_paid_after_it(scene: Scene) -> None:
    draft = scene.invoice(fee())
    assert status(draft) == "draft.manual_approval_needed"
    assert draft["number"].startswith("DRAFT-TECU-")
    paid = scene.act(draft, "approve").json
    assert status(paid) == "paid"
    assert paid["number"].startswith("OM-SANDBOX-TECU-")
    assert {"issuedAt", "dueAt", "sentToCustomerAt"} <= paid.keys()
    assert scene.get(draft) == paid


def test_with_automatic_advancement_it_is_paid_at_once(app: Application) -> None:
    assert status(Scene.of(app, autoAdvance=True).invoice(fee())) == "paid"


def test_an_update_can_let_it_go(scene: Scene) -> None:
    draft = scene.invoice(fee())
    line = fee("12", id=draft["lines"][0]["id"])
    assert status(scene.update(draft, line, invoicing={"autoAdvance": True}).json) == "paid"


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("advance", "cannot advance invoice in status [paid]: invoice cannot advance"),
        ("approve", "cannot trigger_approve invoice in status [paid]: invoice action not available"),
        ("retry", "cannot trigger_retry invoice in status [paid]: invoice action not available"),
        ("snapshot-quantities", "cannot trigger_force_collect invoice in status [paid]: invoice action not available"),
    ],
)
def test_nothing_can_be_done_to_a_paid_invoice(app: Application, action: str, words: str) -> None:
    scene = Scene.of(app, autoAdvance=True)
    answer = scene.act(scene.invoice(fee()), action)
    assert (answer.status, answer.json["detail"]) == (400, words)


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("failed", "payment_processing.failed"),
        ("uncollectible", "uncollectible"),
        ("action_required", "payment_processing.action_required"),
        ("anything", "paid"),
    ],
)
def test_payments_end_as_the_metadata_ask_for(scene: Scene, target: str, reached: str) -> None:
    draft = scene.invoice(fee())
    scene.update(draft, fee(id=draft["lines"][0]["id"]), metadata={TARGET: target})
    assert status(scene.act(draft, "approve").json) == reached


def test_a_retry_makes_warnings_of_what_failed(scene: Scene) -> None:
    draft = scene.invoice(fee())
    scene.update(draft, fee(id=draft["lines"][0]["id"]), metadata={TARGET: "failed"})
    failed = scene.act(draft, "approve").json
    assert [issue["severity"] for issue in failed["validationIssues"]] == ["critical"]
    again = scene.act(draft, "retry").json
    assert status(again) == "payment_processing.failed"
    assert [issue["severity"] for issue in again["validationIssues"]] == ["warning"]


def test_usage_is_collected_when_its_time_has_come_or_someone_says_so(app: Application) -> None:
    scene = Scene.of(app, interval=CENTURY)
    scene.use(3)
    draft = scene.invoice(usage())
    assert (status(draft), draft["totals"]["total"]) == ("draft.waiting_for_collection", "3")
    assert draft["collectionAt"] == "2125-02-01T00:01:00Z"
    scene.use(2, time="2025-01-11T00:00:00Z")
    assert scene.get(draft)["totals"]["total"] == "3"
    collected = scene.act(draft, "snapshot-quantities").json
    assert (status(collected), collected["totals"]["total"]) == ("draft.manual_approval_needed", "5")
    assert status(scene.act(draft, "approve").json) == "paid"


def test_usage_that_an_update_adds_is_never_collected_and_cannot_be_booked(app: Application) -> None:
    scene = Scene.of(app, interval=CENTURY)
    scene.use(3)
    draft = scene.invoice(usage())
    echoed = usage(id=draft["lines"][0]["id"])
    added = scene.update(draft, echoed, usage("2", "More")).json
    assert added["totals"]["total"] == "9"
    scene.act(draft, "snapshot-quantities")
    failed = scene.act(draft, "approve").json
    assert status(failed) == "issuing.charge_booking_failed"
    assert "in status active.realization.started cannot handle" in failed["validationIssues"][0]["message"]


def test_usage_taken_off_a_draft_is_not_billed_again(app: Application) -> None:
    scene = Scene.of(app, interval=CENTURY)
    scene.use(3)
    draft = scene.invoice(usage(), fee())
    kept = next(line for line in draft["lines"] if line["name"] == "Fee")
    updated = scene.update(draft, fee(id=kept["id"])).json
    assert updated["totals"]["total"] == "10"
    assert [line["name"] for line in updated["lines"] if "deletedAt" in line] == ["Usage"]
    assert [line["name"] for line in scene.get(draft)["lines"]] == ["Fee"]
    assert len(scene.get(draft, "?includeDeletedLines=true")["lines"]) == 2
    assert ask(scene.app, "POST", f"{INVOICES}/invoice", {"customerId": scene.customer}).status == 400


def test_a_deleted_draft_can_still_be_read_and_nothing_else(scene: Scene) -> None:
    draft = scene.invoice(fee())
    assert ask(scene.app, "DELETE", f"{INVOICES}/{draft['id']}").status == 204
    assert status(scene.get(draft)) == "deleted"
    again = ask(scene.app, "DELETE", f"{INVOICES}/{draft['id']}")
    assert again.json["detail"].startswith("cannot trigger_delete invoice in status [deleted]")
    assert scene.list() == []
    assert draft["id"] in scene.list("includeDeleted=true")


def test_deleting_the_draft_of_a_part_deletes_the_rest_that_is_pending(app: Application) -> None:
    scene = Scene.of(app)
    running = {"from": "2025-01-01T00:00:00Z", "to": "2900-01-01T00:00:00Z"}
    scene.use(3)
    draft = scene.invoice(usage(period=running, invoiceAt=running["to"]))
    pending = [id_ for id_ in scene.list() if id_ != draft["id"]]
    assert len(pending) == 1
    ask(scene.app, "DELETE", f"{INVOICES}/{draft['id']}")
    assert scene.list() == []


def test_lists_are_filtered_and_ordered(scene: Scene) -> None:
    february = {"from": "2025-02-01T00:00:00Z", "to": "2025-03-01T00:00:00Z"}
    late = scene.invoice(fee(period=february, invoiceAt=february["to"]))
    early = scene.invoice(fee())
    scene.act(early, "approve")
    pending = scene.add(fee())["invoice"]
    # The gathering invoice is used again, and so it is the oldest.
    assert scene.list() == [pending["id"], late["id"], early["id"]]
    assert scene.list("statuses=paid&statuses=gathering") == [pending["id"], early["id"]]
    assert scene.list("extendedStatuses=draft.manual_approval_needed") == [late["id"]]
    assert scene.list("extendedStatuses=draft") == []
    assert scene.list("periodStartAfter=2025-02-01T00:00:00Z") == [late["id"]]
    assert scene.list("periodStartBefore=2025-01-31T00:00:00Z") == [pending["id"], early["id"]]
    assert scene.list("issuedAfter=2025-01-01T00:00:00Z") == [early["id"]]
    assert scene.list("createdAfter=2800-01-01T00:00:00Z") == []
    assert scene.list("orderBy=periodStart&order=DESC")[0] == late["id"]
    assert scene.list("orderBy=issuedAt")[0] == early["id"]
    assert scene.list("orderBy=customer.name&pageSize=2&page=2") == [early["id"]]
    assert scene.list(f"customers={early['id']}") == []


@pytest.mark.parametrize(("query", "shown"), [("", False), ("expand=lines", True), ("expand=workflow.apps", False)])
def test_lists_show_lines_where_they_are_asked_for(scene: Scene, query: str, shown: bool) -> None:
    scene.invoice(fee())
    items = ask(scene.app, "GET", f"{INVOICES}?{query}").json["items"]
    assert ["lines" in item for item in items] == [shown]


@pytest.mark.parametrize(("query", "shown"), [("", True), ("?expand=lines", True), ("?expand=preceding", False)])
def test_an_invoice_has_its_lines_but_where_something_else_is_asked_for(scene: Scene, query: str, shown: bool) -> None:
    assert ("lines" in scene.get(scene.invoice(fee()), query)) == shown


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_invoice_is_not_found(scene: Scene, method: str) -> None:
    answer = ask(scene.app, method, f"{INVOICES}/01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert (answer.status, answer.json["detail"]) == (404, "invoice not found: db: billing_invoice not found")


def test_void_and_taxes_are_as_unfinished_as_in_openmeter(scene: Scene) -> None:
    invoice = scene.invoice(fee())
    body = {"reason": "twice", "action": {"percentage": 100, "action": {"type": "discard"}}}
    for answer in (
        ask(scene.app, "POST", f"{INVOICES}/{invoice['id']}/void", body),
        ask(scene.app, "POST", f"{INVOICES}/{invoice['id']}/taxes/recalculate"),
    ):
        assert (answer.status, answer.body) == (501, b"")


def test_gathering_invoices_keep_their_lines_through_an_update(scene: Scene) -> None:
    gathering = scene.add(fee(invoiceAt="2090-01-01T00:00:00Z"))["invoice"]
    line = fee("12.005", id=gathering["lines"][0]["id"], invoiceAt="2091-01-01T00:00:00Z")
    updated = scene.update(gathering, line, fee("1", "New")).json
    assert updated["collectionAt"] == PERIOD["to"]
    assert [each["price"]["amount"] for each in updated["lines"]] == ["12.01", "1"]
    assert scene.get(gathering)["totals"]["total"] == "13.01"


def test_a_gathering_invoice_without_lines_is_deleted(scene: Scene) -> None:
    gathering = scene.add(fee(), usage())["invoice"]
    refused = ask(scene.app, "DELETE", f"{INVOICES}/{gathering['id']}")
    assert refused.json["extensions"]["code"] == "cannot_update_charge_managed_line"
    assert "deletedAt" in scene.update(gathering).json
    assert ask(scene.app, "DELETE", f"{INVOICES}/{gathering['id']}").status == 204
    assert scene.list() == []


def simulate(scene: Scene, *lines: dict[str, Any], **members: Any) -> Any:
    body = {"currency": "USD", "lines": list(lines)} | members
    return ask(scene.app, "POST", f"{BILLING}/customers/{scene.customer}/invoices/simulate", body)


def test_a_simulated_invoice_is_invalid_and_stored_nowhere(scene: Scene) -> None:
    found = simulate(scene, usage(quantity="3", preLinePeriodQuantity="8"), fee(quantity="7")).json
    assert (found["number"], status(found)) == ("INV-SIMULATED", "draft.invalid")
    assert [line["quantity"] for line in found["lines"]] == ["1", "3"]
    assert found["validationIssues"][0]["message"] == "invalid line engine type: "
    assert scene.list() == []


def test_a_simulated_line_without_sense_is_refused_with_its_path(scene: Scene) -> None:
    answer = simulate(scene, usage("-2", quantity="3"), currency="XXQ")
    assert answer.json["detail"].splitlines()[0] == "currency: invalid fiat currency code: XXQ"
    paths = [issue["path"] for issue in answer.json["extensions"]["additionalIssues"]]
    assert paths == ["/lines/0", "/lines/0"]


def test_simulating_no_lines_fails(scene: Scene) -> None:
    assert simulate(scene).status == 500


def test_what_is_billed_in_parts_can_not_be_taken_back(scene: Scene) -> None:
    running = {"from": "2025-01-01T00:00:00Z", "to": "2900-01-01T00:00:00Z"}
    first = scene.invoice(usage(period=running, invoiceAt=running["to"]))
    scene.act(first, "snapshot-quantities")
    scene.act(first, "approve")
    ask(scene.app, "POST", "/_devkit/clock", {"by": "P1D"})
    second = ask(scene.app, "POST", f"{INVOICES}/invoice", {"customerId": scene.customer}).json[0]
    deleted = ask(scene.app, "DELETE", f"{INVOICES}/{second['id']}")
    assert deleted.json["extensions"]["component"] == "openmeter.lineengine.charge_usagebased"
    for refused in (deleted, scene.update(second, fee())):
        assert refused.status == 400
        assert refused.json["extensions"]["code"] == "cannot_edit_progressively_billed_usagebased_line"
