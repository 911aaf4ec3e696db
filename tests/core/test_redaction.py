"""What has the form of a secret, or was said to be one, is not shown; all else is."""

import logging

import pytest

from devkit.core.errors import DevkitError
from devkit.core.log_format import LogFormat
from devkit.core.redaction import hide, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Invalid API Key provided: sk_test_abc123", "Invalid API Key provided: sk_test_…"),
        ("Invalid API Key provided: rk_live_****1234.", "Invalid API Key provided: rk_live_…."),
        ("signed with (whsec_aB+/3==)", "signed with (whsec_…)"),
        ("https://user:pass@host/path", "https://…@host/path"),
        ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer …"),
        ("DEVKIT_TOKEN=hunter devkit up", "DEVKIT_TOKEN=… devkit up"),
    ],
)
def test_what_has_the_form_of_a_secret_is_not_shown(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "set STRIPE_API_KEY to a key that begins with sk_test_ or rk_test_",
        "set it to a key of Stripe's test mode, sk_test_…",
        "http://127.0.0.1:48888/api/v1/apps/01J/stripe/webhook",
        "https://example.com/?to=me@example.com",
        "write to me@example.com about http://localhost",
        "a Bearer token",
    ],
)
def test_all_else_is_shown_as_it_is(text):
    assert redacted(text) == text


def test_what_was_said_to_be_a_secret_is_not_shown_in_errors_and_logs():
    hide("correct horse battery", "")
    error = DevkitError(
        "no: correct horse battery", hint="not correct horse battery", evidence=["correct horse battery"]
    )
    assert (str(error), error.message, error.hint, error.evidence) == ("no: …", "no: …", "not …", ("…",))
    record = logging.LogRecord("devkit", logging.INFO, "", 1, "%s", ("correct horse battery",), None)
    assert LogFormat().format(record).endswith("devkit: …")
