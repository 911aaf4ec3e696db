"""Signatures of deliveries, after Standard Webhooks: an HMAC-SHA256 of `<id>.<timestamp>.<body>`, in base64."""

import base64
import hashlib
import hmac

from devkit.embedded.domain.notifications.channels import SECRET_PREFIX


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header of signatures. timestamp: epoch seconds"""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that tell a receiver what it got, and from whom."""
    return {
        "svix-id": message_id,
        "svix-timestamp": str(timestamp),
        "svix-signature": sign(secret, message_id, timestamp, body),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))
