"""The secrets of an instance, in a file that only its owner reads: the agent and later commands need them again."""

import secrets
from pathlib import Path

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.instance import Instance, cannot_write
from devkit.core.redaction import hide


class Secrets(msgspec.Struct, frozen=True, omit_defaults=True):
    """stripe_key: of the test mode; offline_key: opens the account at the stand-in; ngrok_token: the authtoken.

    identity: who the instance is for strangers. No secret, but it must last as long as they do.
    """

    identity: str = ""
    stripe_key: str = ""
    offline_key: str = ""
    ngrok_token: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


def secrets_file(instance: Instance) -> Path:
    return instance.folder / "secrets.json"


def read_secrets(instance: Instance) -> Secrets:
    """Empty ones where there is no file, or none that can be understood: they are given again by the next `up`."""
    try:
        found = msgspec.json.decode(secrets_file(instance).read_bytes(), type=Secrets)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Secrets()
    hide(found.stripe_key, found.offline_key, found.ngrok_token)
    return found


def keep_secrets(
    instance: Instance, *, stripe_key: str = "", ngrok_token: str = "", new_identity: bool = False
) -> Secrets:
    """Writes down what is given; what is not given stays as it was. Raises DevkitError where it cannot."""
    known = read_secrets(instance)
    kept = Secrets(
        identity=secrets.token_hex(8) if new_identity or not known.identity else known.identity,
        stripe_key=stripe_key or known.stripe_key,
        offline_key=known.offline_key or f"sk_test_offline{secrets.token_hex(12)}",
        ngrok_token=ngrok_token or known.ngrok_token,
    )
    if kept != known:
        try:
            write_atomically(secrets_file(instance), msgspec.json.encode(kept))
        except OSError as error:
            raise cannot_write(secrets_file(instance), error) from error
    return kept
