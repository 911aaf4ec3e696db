"""Every operation has words of our own."""

from devkit.core.contract import contract
from devkit.core.operation_notes import LONGEST_SUMMARY, operation_notes

#: Where the contract promises something else than what comes, the look-up says so.
SURPRISES = {
    "createMeter": "200",
    "createSubscriptionAddon": "200",
    "nextPlan": "200",
    "testNotificationRule": "200",
    "appStripeWebhook": "201",
    "listPortalTokens": "501",
    "invalidatePortalTokens": "501",
    "voidInvoiceAction": "501",
    "recalculateInvoiceTaxAction": "501",
    "marketplaceOAuth2InstallGetURL": "501",
    "marketplaceOAuth2InstallAuthorize": "501",
    "ingestEvents": "charset",
    "listEvents": "32 days",
    "updateMeter": "groupBy",
    "createPlan": "upToAmount",
    "getCustomerEntitlementValueV2": "hasAccess",
    "getCustomerAccess": "hasAccess",
    "createNotificationChannel": "500",
}


def test_exactly_the_operations_of_the_contract_have_notes() -> None:
    assert set(operation_notes().operations) == set(contract().operations)


def test_summaries_are_one_line_each_and_differ() -> None:
    summaries = [note.summary for note in operation_notes().operations.values()]

    assert [summary for summary in summaries if not 0 < len(summary) <= LONGEST_SUMMARY or "\n" in summary] == []
    assert len({summary.lower() for summary in summaries}) == len(summaries)


def test_gotchas_are_sentences_and_none_stands_twice() -> None:
    for name, note in operation_notes().operations.items():
        assert len(set(note.gotchas)) == len(note.gotchas), name
        assert [line for line in note.gotchas if not line.endswith(".") or len(line) > 300] == [], name


def test_what_surprises_most_is_told() -> None:
    notes = operation_notes().operations

    assert [name for name, word in SURPRISES.items() if not any(word in line for line in notes[name].gotchas)] == []
