"""How Stripe signs what it sends to a webhook endpoint."""

import hashlib
import hmac

HEADER = "Stripe-Signature"


def sign(secret: str, body: bytes, at: int) -> str:
    """The value of the header. at: seconds since 1970."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
