"""`devkit tunnel`: how the instance is reached from outside, and opening it anew."""

import time
from dataclasses import dataclass

from devkit.core.errors import DevkitError
from devkit.core.outside import Outside
from devkit.usecases.outside import opened, running, running_outside
from devkit.usecases.session import Session

_REPAIRED_WITHIN = 10.0  # seconds
_POLL = 0.1


@dataclass(frozen=True)
class TunnelStatus:
    """url: the public address, None where there is none; problem, hint: why, and the way out.

    gateway: where the tunnel leads on this machine; webhook: what Stripe has, empty where there is no app
    """

    instance: str
    provider: str
    url: str | None
    problem: str = ""
    hint: str = ""
    since: str = ""
    gateway: str = ""
    webhook: str = ""
    offline: bool = False


def tunnel_status(session: Session) -> TunnelStatus:
    """What the agent says, and whether the address really leads to this instance's gateway. Raises DevkitError."""
    session, outside = running(session)
    problem, hint = outside.tunnel.problem, outside.tunnel.hint
    if outside.tunnel.url:
        from devkit.adapters.tunnels.reach import problem_with

        problem = problem_with(outside.tunnel.url, session.known.identity)
        hint = "devkit tunnel restart opens it anew" if problem else ""
    return _as_status(session, outside, problem, hint)


def restart_tunnel(session: Session) -> TunnelStatus:
    """Opens it anew, and returns when the webhook endpoint has followed, where there is one. Raises DevkitError."""
    from devkit.adapters.agent_control import AgentControl

    session, outside = running(session)
    AgentControl(outside).restart_tunnel()
    outside = opened(session)
    deadline = time.monotonic() + _REPAIRED_WITHIN
    while outside.webhook.app and not outside.webhook.url.startswith(f"{outside.tunnel.url}/"):
        if time.monotonic() > deadline:
            problem = outside.webhook.problem or "the webhook endpoint still has the old address"
            raise DevkitError(problem, hint=outside.webhook.hint or "devkit stripe sync tries it now")
        time.sleep(_POLL)
        outside = running_outside(session) or outside
    return _as_status(session, outside, outside.tunnel.problem, outside.tunnel.hint)


def _as_status(session: Session, outside: Outside, problem: str, hint: str) -> TunnelStatus:
    return TunnelStatus(
        instance=session.instance.name,
        provider=outside.wish.provider,
        url=outside.tunnel.url,
        problem=problem,
        hint=hint,
        since=outside.tunnel.since,
        gateway=f"http://127.0.0.1:{outside.gateway}",
        webhook=outside.webhook.url,
        offline=outside.wish.offline,
    )
