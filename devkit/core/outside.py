"""How an instance is reached from outside: what was decided (in state.json), and what the agent says (outside.json)."""

from pathlib import Path

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.instance import Instance
from devkit.core.processes import Process

NOTHING = "none"  # the tunnel provider of an instance that nothing reaches


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an instance wants of the outside.

    provider: of the tunnel: ngrok, static or none; url: the user's own address, or ngrok's reserved domain
    offline:  stand-ins take the places of Stripe and ngrok
    stripe_base: where another stand-in of Stripe is; empty for Stripe itself
    """

    provider: str = NOTHING
    url: str = ""
    offline: bool = False
    stripe_base: str = ""

    @property
    def anything(self) -> bool:
        return self.provider != NOTHING

    def __str__(self) -> str:
        if self.offline:
            return "stand-ins for Stripe and ngrok"
        return f"tunnel {self.provider}" + (f" at {self.url}" if self.url else "")


class TunnelReport(msgspec.Struct, frozen=True):
    """How the tunnel is. url: its public address, None where it has none; problem and hint: why, and the way out.

    since: RFC 3339; attempt: starts in vain; exit_code: of a command that needs the tunnel
    """

    url: str | None = None
    problem: str = ""
    hint: str = ""
    attempt: int = 0
    since: str = ""
    exit_code: int = 1


class WebhookReport(msgspec.Struct, frozen=True):
    """How the Stripe app and its webhook endpoint were when they were looked at last.

    repairs: what was put right, newest last; problem and hint: why it could not be
    verified_at: when an event of Stripe's was seen to come this way; empty since the last change
    """

    app: str = ""
    account: str = ""
    endpoint: str = ""
    url: str = ""
    looked_at: str = ""
    verified_at: str = ""
    repairs: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent says. gateway, control, stripe: ports on loopback, 0 where there is none.

    token:   what the control server wants to see; a secret
    stripe_outside: where containers reach the stand-in of Stripe, as a port of the engine's host; 0 for nowhere
    """

    wish: Wish
    process: Process
    token: str = ""
    control: int = 0
    gateway: int = 0
    stripe: int = 0
    stripe_outside: int = 0
    tunnel: TunnelReport = TunnelReport()
    webhook: WebhookReport = WebhookReport()

    def __repr__(self) -> str:
        return f"Outside({self.wish})"

    @property
    def stripe_base(self) -> str | None:
        """Where the stand-in of Stripe is, None for Stripe itself."""
        return f"http://127.0.0.1:{self.stripe}" if self.stripe else self.wish.stripe_base or None


def outside_file(instance: Instance) -> Path:
    return instance.folder / "outside.json"


def read_outside(instance: Instance) -> Outside | None:
    """None where no agent has said anything that can be understood."""
    try:
        return msgspec.json.decode(outside_file(instance).read_bytes(), type=Outside)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_outside(instance: Instance, outside: Outside) -> None:
    """Raises OSError where the folder cannot be written."""
    write_atomically(outside_file(instance), msgspec.json.encode(outside))
