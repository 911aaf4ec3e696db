"""The secrets of an instance: made once, kept for its owner alone, as long as its data."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from pathlib import Path

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, cannot_write
from devkit.core.redaction import hide

# Svix takes this organisation for the one that owns everything on a server of one's own.
_SVIX_ORGANISATION = "org_23rb8YdGqMT0qIzpgGwdXfHirMu"
_TEN_YEARS = 315_360_000  # seconds


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """svix_api_key is a token that svix_jwt_secret signs. kafka_cluster is no secret; it must not change either."""

    postgres_password: str
    clickhouse_password: str
    svix_password: str
    svix_jwt_secret: str
    svix_api_key: str
    portal_token_secret: str
    kafka_cluster: str

    def __post_init__(self) -> None:
        hide(self.postgres_password, self.clickhouse_password, self.svix_password)
        hide(self.svix_jwt_secret, self.svix_api_key, self.portal_token_secret)

    def __repr__(self) -> str:
        return "Credentials(…)"


def credentials_file(instance: Instance) -> Path:
    return instance.folder / "credentials.json"


def read_credentials(instance: Instance) -> Credentials | None:
    """None where there are none yet. Raises DevkitError where the file is damaged."""
    path = credentials_file(instance)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DevkitError(
            f"{path} cannot be read: {error}",
            hint="it holds the passwords of the data: restore it, or devkit destroy the instance and start anew",
        ) from error


def write_credentials(instance: Instance, credentials: Credentials) -> None:
    """Keeps them, 0600. Raises DevkitError where the file cannot be written."""
    path = credentials_file(instance)
    try:
        write_atomically(path, msgspec.json.format(msgspec.json.encode(credentials), indent=2) + b"\n")
    except OSError as error:
        raise cannot_write(path, error) from error


def new_credentials() -> Credentials:
    """Random ones. The passwords are hexadecimal: they stand in URLs and SQL as they are."""
    jwt_secret = secrets.token_hex(32)
    return Credentials(
        postgres_password=secrets.token_hex(16),
        clickhouse_password=secrets.token_hex(16),
        svix_password=secrets.token_hex(16),
        svix_jwt_secret=jwt_secret,
        svix_api_key=svix_api_key(jwt_secret, int(time.time())),
        portal_token_secret=secrets.token_hex(32),
        kafka_cluster=base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
    )


def svix_api_key(jwt_secret: str, now: int) -> str:
    """The token (JWT, HS256) with which OpenMeter speaks to Svix. now: seconds since the epoch."""
    claims = {"iss": "svix-server", "sub": _SVIX_ORGANISATION, "iat": now, "nbf": now, "exp": now + _TEN_YEARS}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(jwt_secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encoded(signature)}"


def _part(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
