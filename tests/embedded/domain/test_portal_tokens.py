"""Portal tokens: what they say, and who may read with them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.domain.errors import Unauthorized
from devkit.embedded.domain.portal_tokens import PortalClaims, authenticate, issue, read
from devkit.embedded.http.go_json import decode_whole

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SECRET = "a secret"


def token(**changes: Any) -> str:
    given: dict[str, Any] = {"id_": "1", "namespace": "default", "subject": "acme", "meter_slugs": ["calls"]}
    given |= {"expires_at": NOW + timedelta(hours=1), "now": NOW}
    return issue(SECRET, **(given | changes))


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refusal(authorization: str, slug: str = "calls", now: datetime = NOW) -> str:
    with pytest.raises(Unauthorized) as refused:
        authenticate(SECRET, authorization, slug, now, decode_whole)
    return refused.value.detail


def test_a_token_gives_back_its_claims() -> None:
    claims = authenticate(SECRET, f"  Bearer {token()} ", "calls", NOW, decode_whole)
    assert claims == PortalClaims("acme", ("calls",), NOW + timedelta(hours=1))


def test_a_token_without_meters_opens_all_of_them() -> None:
    assert authenticate(SECRET, f"Bearer {token(meter_slugs=[])}", "anything", NOW, decode_whole).subject == "acme"


def test_a_token_is_a_jwt_with_openmeters_claims() -> None:
    header, claims, _ = (
        json.loads(base64.urlsafe_b64decode(piece + "==")) if n < 2 else piece
        for n, piece in enumerate(token().split("."))
    )
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims == {
        "iss": "openmeter",
        "sub": "acme",
        "exp": 1735693200,
        "iat": 1735689600,
        "Namespace": "default",
        "Id": "1",
        "AllowedMeterSlugs": ["calls"],
    }


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        ("", "missing authorization header"),
        ("   ", "missing authorization header"),
        ("Bearer", "invalid authorization header"),
        ("bearer x", "invalid authorization header"),
        ("Basic x", "invalid authorization header"),
        ("Bearer a b", "invalid authorization header"),
    ],
)
def test_the_header_names_one_bearer_token(authorization: str, text: str) -> None:
    assert refusal(authorization) == text


HEADER = part({"alg": "HS256"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "token is malformed: token contains an invalid number of segments"),
        ("a.b", "token is malformed: token contains an invalid number of segments"),
        ("a+b.c.d", "token is malformed: could not base64 decode header: illegal base64 data at input byte 1"),
        ("a.b.c", "token is malformed: could not base64 decode header: illegal base64 data at input byte 0"),
        ("eyJ.e30.x", "token is malformed: could not base64 decode header: illegal base64 data at input byte 2"),
        (
            "nonsense.nonsense.nonsense",
            (
                "token is malformed: could not JSON decode header:"
                " invalid character '\\u009e' looking for beginning of value"
            ),
        ),
        (
            f"{part([1])}.e30.x",
            (
                "token is malformed: could not JSON decode header:"
                " json: cannot unmarshal array into Go value of type map[string]interface {}"
            ),
        ),
        (f"{HEADER}..x", "token is malformed: could not JSON decode claim: unexpected end of JSON input"),
        (
            f"{part({'alg': 'none'})}.e30.*",
            "token is malformed: could not base64 decode signature: illegal base64 data at input byte 0",
        ),
        (f"{HEADER}.!.x", "token is malformed: could not base64 decode claim: illegal base64 data at input byte 0"),
        (f"{part({})}.e30.xQ", "token is unverifiable: signing method (alg) is unspecified"),
        (f"{part({'alg': 'XS256'})}.e30.xQ", "token is unverifiable: signing method (alg) is unavailable"),
        (f"{part({'alg': 'none'})}.e30.xQ", "token signature is invalid: signing method none is invalid"),
        (f"{HEADER}.e30.xQ", "token signature is invalid: signature is invalid"),
    ],
)
def test_what_is_no_token_of_ours_is_refused_in_the_words_of_golang_jwt(text: str, reason: str) -> None:
    assert refusal(f"Bearer {text}") == f"invalid token: cannot parse claims: {reason}"


def test_a_token_ends() -> None:
    expired = refusal(f"Bearer {token()}", now=NOW + timedelta(hours=1))
    assert expired == "invalid token: cannot parse claims: token has invalid claims: token is expired"


def test_another_secret_is_another_signature() -> None:
    with pytest.raises(Unauthorized, match=r"signature is invalid$"):
        read("another secret", token(), NOW, decode_whole)


def test_a_token_is_for_its_meters_and_for_a_subject() -> None:
    assert refusal(f"Bearer {token()}", slug="tokens") == "meter slug not allowed"
    assert refusal(f"Bearer {token(subject='')}") == "invalid subject"
