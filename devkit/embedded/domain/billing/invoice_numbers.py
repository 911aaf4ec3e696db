"""The numbers of invoices: `DRAFT-ACCO-12` is the twelfth draft, this one for Acme Corporation."""

from dataclasses import dataclass

from text_unidecode import unidecode

_NO_NAME = "UNKN"


@dataclass(frozen=True)
class Sequence:
    """One way of numbering, with a counter of its own that all customers share.

    counter:       the name of the counter
    with_currency: whether the number tells the currency too
    """

    prefix: str
    counter: str
    with_currency: bool = False


GATHERING = Sequence("GATHER", "invoices/gathering", with_currency=True)
DRAFT = Sequence("DRAFT", "invoices/draft")
SANDBOX = Sequence("OM-SANDBOX", "invoices/app/sandbox")
CUSTOM_INVOICING = Sequence("INV", "invoices/custom-invoicing")


def number(sequence: Sequence, customer_name: str, currency: str, count: int) -> str:
    """The number of an invoice, the `count`th of its sequence."""
    parts = [sequence.prefix, customer_prefix(customer_name), *([currency] if sequence.with_currency else []), count]
    return "-".join(str(part) for part in parts)


def is_draft_number(text: str) -> bool:
    """Whether an app has yet to give the invoice its number."""
    return text.startswith(f"{DRAFT.prefix}-")


def customer_prefix(name: str) -> str:
    """Up to four letters of a name, in capitals: two of each of its first two words, four of its only one."""
    ascii_name: str = unidecode(name)
    words = ascii_name.upper().split(" ")
    if words == [""]:
        return _NO_NAME
    if len(words) == 1:
        return words[0][:4]
    return words[0][:2] + words[1][:2]
