"""Signatures after Standard Webhooks."""

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.notifications import signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_example_of_the_specification() -> None:
    body = b'{"test": 2432232314}'
    signed = signatures.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(body=st.binary(max_size=100), other=st.binary(max_size=100))
def test_another_body_another_time_or_another_id_has_another_signature(body: bytes, other: bytes) -> None:
    signed = signatures.sign(SECRET, "msg_1", 1_700_000_000, body)
    assert signed != signatures.sign(SECRET, "msg_1", 1_700_000_001, body)
    assert signed != signatures.sign(SECRET, "msg_2", 1_700_000_000, body)
    assert (signed == signatures.sign(SECRET, "msg_1", 1_700_000_000, other)) == (body == other)
