"""Signatures of webhooks, and which events can be read."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.stripe_app.webhooks import TOLERANCE, check_event, check_signature, signature, unsupported

NOW = 1_750_000_000
BODY = b'{"id": "evt_1"}'
SECRET = "whsec_secret"


def header(body: bytes = BODY, secret: str = SECRET, signed_at: int = NOW) -> str:
    return f"t={signed_at},v1={signature(body, secret, signed_at).hex()}"


def refusal(header_: str, now: float = NOW) -> str:
    with pytest.raises(Invalid) as refused:
        check_signature(BODY, header_, SECRET, now)
    return refused.value.detail.removeprefix("failed to construct webhook event: ")


@given(st.binary(), st.text(st.characters(codec="utf-8"), min_size=1), st.integers(0, 2**40))
def test_what_is_signed_with_the_secret_is_taken(body: bytes, secret: str, signed_at: int) -> None:
    check_signature(body, header(body, secret, signed_at), secret, signed_at + TOLERANCE)


@given(st.binary(), st.binary())
def test_another_body_is_not(signed: bytes, body: bytes) -> None:
    assume(signed != body)
    with pytest.raises(Invalid, match="no valid signature"):
        check_signature(body, header(signed), SECRET, NOW)


@given(st.text(st.characters(codec="latin-1")))
def test_no_header_that_was_made_up_passes(made_up: str) -> None:
    with pytest.raises(Invalid):
        check_signature(BODY, made_up, SECRET, NOW)


@pytest.mark.parametrize(
    ("given_header", "problem"),
    [
        ("", "webhook has no Stripe-Signature header"),
        ("nonsense", "webhook has invalid Stripe-Signature header"),
        ("t=1=2", "webhook has invalid Stripe-Signature header"),
        ("t=soon,v1=abc", "webhook has invalid Stripe-Signature header"),
        (f"t={2**63},v1=ab", "webhook has invalid Stripe-Signature header"),
        ("t=1738411200", "webhook had no valid signature"),
        ("v1=abc", "webhook had no valid signature"),
        ("t=1738411200,v0=00", "webhook had no valid signature"),
        (f"t={NOW},v1=00", "webhook had no valid signature"),
        ("v1=00", "timestamp wasn't within tolerance"),
        (header(signed_at=NOW - TOLERANCE - 1), "timestamp wasn't within tolerance"),
        (header(secret="whsec_another"), "webhook had no valid signature"),
    ],
)
def test_the_refusal_says_what_is_wrong(given_header: str, problem: str) -> None:
    assert refusal(given_header) == problem


def test_one_of_several_signatures_is_enough_and_the_future_is_no_problem() -> None:
    both = f"{header(secret='whsec_old')},{header(signed_at=NOW).partition(',')[2]}"
    check_signature(BODY, both, SECRET, NOW)
    check_signature(BODY, header(signed_at=NOW + 3600), SECRET, NOW)


@pytest.mark.parametrize("version", ["2024-09-30.acacia", "2024-12-18.acacia", "x.acacia.y"])
def test_events_of_the_same_release_train_are_read(version: str) -> None:
    check_event({"api_version": version, "data": {"object": {}}})


@pytest.mark.parametrize("version", ["2025-03-31.basil", "2023-10-16", "", None])
def test_events_of_another_one_are_not(version: str | None) -> None:
    with pytest.raises(Invalid, match=f"API version {version or ''}, but .* expects API version 2024-09-30.acacia"):
        check_event({"api_version": version, "data": {"object": {}}})


@pytest.mark.parametrize(
    ("about", "found"), [("text", "string"), (5, "number"), (1.5, "number"), (True, "bool"), (["list"], "array")]
)
def test_an_event_is_about_an_object(about: Any, found: str) -> None:
    with pytest.raises(Invalid, match=f"cannot unmarshal {found} into Go struct field Event.data"):
        check_event({"api_version": "2024-09-30.acacia", "data": {"object": about}})


def test_an_event_that_nobody_asked_for_is_named() -> None:
    assert unsupported({"type": "charge.succeeded"}).detail == "unsupported event type: charge.succeeded"
