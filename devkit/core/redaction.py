"""What must not be shown: secrets that this process has been given, and all that has the form of one.

Errors (core/errors.py), logs (core/log_format.py), bug reports and smoke reports go through `redacted`.
"""

import re

_SHORTEST = 8  # letters; shorter ones are words, and would take the words out of other sentences

_known: set[str] = set()
# The first group stays. Stripe's keys and the secrets that sign webhooks; a name and password in a URL; a credential
# in a header; a variable that says what it holds.
_FORMS = (
    re.compile(r"\b((?:sk|rk|pk)_(?:test|live)_|whsec_)[\w*+/=.-]*[\w*+/=-]"),
    re.compile(r"(://)[^\s/?#@'\"]+(?=@)"),
    re.compile(r"\b((?:Bearer|Basic) )[\w.~+/=-]{8,}"),
    re.compile(r"\b([A-Z][A-Z0-9_]*(?:TOKEN|KEY|SECRET|PASSWORD)=)[^\s'\"]+"),
)


def hide(*secrets: str) -> None:
    """From now on `redacted` knows these."""
    _known.update(secret for secret in secrets if len(secret) >= _SHORTEST)


def redacted(text: str) -> str:
    """The text with `…` in the place of every secret."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "…")
    for form in _FORMS:
        text = form.sub(r"\1…", text)
    return text
