"""The coverage ledger: which operations the checks proved, counted from the calls that they made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devkit.checks.outcomes import Call, Result
from devkit.core.contract import Contract

# Operations that cannot do both, whatever is sent, and why.
ONE_SIDED: Mapping[str, str] = {
    "listSubjects": "takes no input that could be refused",
    "listCurrencies": "takes no input that could be refused",
    "getDebugMetrics": "takes no input that could be refused",
    "listPortalTokens": "OpenMeter does not implement it: always refused",
    "invalidatePortalTokens": "OpenMeter does not implement it: always refused",
    "getProgress": "succeeds only where the progress manager is on, which it is not by default",
    "recalculateInvoiceTaxAction": "OpenMeter does not implement it: always refused",
    "voidInvoiceAction": "OpenMeter does not implement it: always refused",
    "marketplaceOAuth2InstallGetURL": "OpenMeter does not implement it: always refused",
    "marketplaceOAuth2InstallAuthorize": "OpenMeter does not implement it: always refused",
}

#: Succeed only with the Stripe app, which needs an account there.
OF_STRIPE = (
    "marketplaceAppAPIKeyInstall",
    "getCustomerStripeAppData",
    "upsertCustomerStripeAppData",
    "createCustomerStripePortalSession",
    "updateStripeAPIKey",
    "appStripeWebhook",
    "createStripeCheckoutSession",
)


@dataclass(frozen=True)
class Row:
    """One operation: how often the checks that passed called it and were served, and how often refused."""

    operation: str
    tags: tuple[str, ...]
    served: int
    refused: int

    @property
    def exercised(self) -> bool:
        return self.served + self.refused > 0

    @property
    def one_sided(self) -> bool:
        """Whether only successes or only refusals were seen."""
        return self.exercised and not (self.served and self.refused)


@dataclass(frozen=True)
class TagRow:
    tag: str
    exercised: int
    operations: int
    served: int
    refused: int


@dataclass(frozen=True)
class Coverage:
    """A row for each operation of the contract."""

    rows: tuple[Row, ...]

    @property
    def exercised(self) -> int:
        return sum(row.exercised for row in self.rows)

    def by_tag(self) -> list[TagRow]:
        """The tags of which something was exercised. An operation of two tags counts under both."""
        tags = dict.fromkeys(tag for row in self.rows if row.exercised for tag in row.tags)
        return [_tag_row(tag, [row for row in self.rows if tag in row.tags]) for tag in tags]

    def as_text(self) -> str:
        """`23 of 153 operations`."""
        return f"{self.exercised} of {len(self.rows)} operations"


def coverage(contract: Contract, results: Iterable[Result]) -> Coverage:
    """What the calls of the checks that passed amount to."""
    calls = [call for result in results if result.status == "passed" for call in result.calls]
    served, refused = _counts(calls, refused=False), _counts(calls, refused=True)
    return Coverage(
        tuple(
            Row(operation.id, operation.tags, served.get(operation.id, 0), refused.get(operation.id, 0))
            for operation in contract.operations.values()
        )
    )


def undeclared(declared: Iterable[str], calls: Iterable[Call]) -> str | None:
    """One sentence where what a check says it exercises and what it called are not the same."""
    said, called = set(declared), {call.operation for call in calls}
    if missing := sorted(said - called):
        return f"the check says that it exercises {', '.join(missing)}, but it never called it"
    if surplus := sorted(called - said):
        return f"the check called {', '.join(surplus)} without saying so"
    return None


def _counts(calls: Iterable[Call], *, refused: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in calls:
        if call.refused is refused:
            found[call.operation] = found.get(call.operation, 0) + 1
    return found


def _tag_row(tag: str, rows: list[Row]) -> TagRow:
    return TagRow(
        tag=tag,
        exercised=sum(row.exercised for row in rows),
        operations=len(rows),
        served=sum(row.served > 0 for row in rows),
        refused=sum(row.refused > 0 for row in rows),
    )
