"""Signatures of webhooks, after Standard Webhooks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.webhook_signatures import SignatureState, is_secret, message_id, signature_state
from devkit.embedded.domain.notifications import signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
BODY = b'{"test": 2432232314}'
AT = 1614265330
#: The example of the specification.
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_example_of_the_specification_is_valid_under_both_names() -> None:
    renamed = {name.replace("webhook-", "svix-"): value for name, value in HEADERS.items()}
    for headers in (HEADERS, renamed):
        assert signature_state(headers, BODY, [OTHER, SECRET], AT) is SignatureState.valid
        assert message_id(headers) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize(
    ("headers", "body", "secrets", "now", "state"),
    [
        (HEADERS, BODY + b" ", [SECRET], AT, "invalid"),
        (HEADERS, BODY, [OTHER], AT, "invalid"),
        (HEADERS, BODY, ["whsec_"], AT, "invalid"),
        (HEADERS, BODY, [SECRET], AT + 299, "valid"),
        (HEADERS, BODY, [SECRET], AT + 301, "expired"),
        (HEADERS, BODY, [SECRET], AT - 301, "expired"),
        (HEADERS, BODY, [], AT, "unchecked"),
        ({}, BODY, [SECRET], AT, "missing"),
        ({**HEADERS, "webhook-signature": ""}, BODY, [SECRET], AT, "missing"),
        ({**HEADERS, "webhook-timestamp": "soon"}, BODY, [SECRET], AT, "invalid"),
        ({**HEADERS, "webhook-signature": "v2,g0hM9SsE"}, BODY, [SECRET], AT, "invalid"),
        ({**HEADERS, "webhook-signature": f"v1,AAAA {HEADERS['webhook-signature']}"}, BODY, [SECRET], AT, "valid"),
    ],
)
def test_the_state_of_a_signature(
    headers: dict[str, str], body: bytes, secrets: list[str], now: int, state: str
) -> None:
    assert signature_state(headers, body, secrets, now) == state


@given(body=st.binary(max_size=200), id_=st.text("abc", min_size=1), at=st.integers(0, 2**40))
def test_what_the_embedded_server_signs_is_valid(body: bytes, id_: str, at: int) -> None:
    signed = signatures.headers(SECRET, id_, at, body)
    assert signature_state(signed, body, [SECRET], at) is SignatureState.valid
    assert signature_state(signed, body + b"x", [SECRET], at) is SignatureState.invalid


@given(headers=st.dictionaries(st.sampled_from(list(HEADERS)), st.text()), body=st.binary())
def test_no_headers_are_too_much(headers: dict[str, str], body: bytes) -> None:
    assert signature_state(headers, body, [SECRET], AT) in ("missing", "invalid")


def test_a_secret_is_base64_of_something() -> None:
    assert is_secret(SECRET)
    assert is_secret(SECRET.removeprefix("whsec_"))
    assert not is_secret("whsec_")
    assert not is_secret("whsec_no secret")
