"""What `doctor` says of the outside: whether a tunnel and Stripe could be had, and how those of the instances are."""

import os
import urllib.request
from collections.abc import Iterator, Mapping

from devkit.core.errors import DevkitError, MissingToolError
from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.outside import Outside, read_outside
from devkit.core.processes import is_alive
from devkit.core.state import State, read_state
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import looked_at

_NOT_ASKED = "devkit up --offline does without"


def prospects(session: Session, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """What an `up` could have here. Nobody is asked over the network."""
    return [_ngrok(session, environment), _stripe_key(session), *_proxies()]


def outside_of(instance: Instance) -> list[Finding]:
    """Tunnel, app and webhook of an instance, as they are now; nothing for one without."""
    outside = read_outside(instance)
    try:
        state = read_state(instance)
    except DevkitError:
        return []  # the row of the instance itself says so
    if outside is None or state is None or not state.wish.anything:
        return []
    if not is_alive(outside.process):
        return [*_agent_gone(instance, state), *_strays(instance)]
    return [_tunnel(instance, state, outside), *_strays(instance), *_webhook(instance, state, outside)]


def _ngrok(session: Session, environment: Mapping[str, str]) -> Finding:
    from devkit.adapters.tunnels.ngrok.binary import find_binary
    from devkit.adapters.tunnels.ngrok.token import find_token

    asked = session.settings.tunnel == "ngrok"
    try:
        binary = find_binary(environment)
    except MissingToolError as error:
        hint = error.hint or "" if asked else ""
        return Finding("ngrok", "failure" if asked else "ok", f"{error.message}; {_NOT_ASKED}", hint)
    if not (session.settings.ngrok_token or find_token(environment)):
        hint = "set NGROK_AUTHTOKEN to yours, from https://dashboard.ngrok.com/get-started/your-authtoken"
        return Finding("ngrok", "failure" if asked else "ok", f"{binary}, but no authtoken; {_NOT_ASKED}", hint)
    return Finding("ngrok", "ok", f"{binary}, and an authtoken is there")


def _stripe_key(session: Session) -> Finding:
    from devkit.adapters.stripe import access_with

    if not session.settings.stripe_key:
        return Finding("Stripe key", "ok", f"STRIPE_API_KEY is not set; {_NOT_ASKED}")
    try:
        access_with(session.settings.stripe_key, None)
    except DevkitError as error:
        return Finding("Stripe key", "failure", error.message, error.hint or "")
    origin = session.settings.values["stripe-api-key"].origin
    return Finding("Stripe key", "ok", f"of the test mode, from {origin}")


def _proxies() -> Iterator[Finding]:
    if urllib.request.getproxies().get("http") and not urllib.request.proxy_bypass("127.0.0.1"):
        yield Finding(
            "proxy",
            "warning",
            "HTTP_PROXY would take requests to this machine, too",
            "export NO_PROXY=127.0.0.1,localhost",
        )


def _tunnel(instance: Instance, state: State, outside: Outside) -> Finding:
    from devkit.adapters.tunnels.reach import problem_with

    name = f"tunnel of {instance.name}"
    if not outside.tunnel.url:
        return Finding(name, "failure", outside.tunnel.problem or "it is not open yet", outside.tunnel.hint)
    problem = problem_with(outside.tunnel.url, state.identity)
    if problem:
        return Finding(name, "failure", problem, f"devkit tunnel restart --name {instance.name}")
    return Finding(name, "ok", f"{outside.tunnel.url} leads here")


def _agent_gone(instance: Instance, state: State) -> Iterator[Finding]:
    """Where it is a process beside the services. The row of the instance says nothing of it then."""
    if state.backend == "compose" and state.started_at:
        detail = "the agent has ended, and its tunnel with it"
        yield Finding(f"tunnel of {instance.name}", "failure", detail, f"devkit up --name {instance.name} starts it")


def _strays(instance: Instance) -> Iterator[Finding]:
    """Agents of ngrok that an agent of devkit left when it was killed."""
    from devkit.core.processes import running_with

    found = list(running_with(["--config", str(instance.folder / "ngrok.yml")]))
    outside = read_outside(instance)
    expected = 1 if outside is not None and is_alive(outside.process) else 0
    if len(found) > expected:
        pids = ", ".join(str(process.pid) for process, _ in found)
        hint = f"devkit up --name {instance.name} ends what is too many"
        yield Finding(
            f"ngrok of {instance.name}", "warning", f"{len(found)} run where {expected} should: pid {pids}", hint
        )


def _webhook(instance: Instance, state: State, outside: Outside) -> Iterator[Finding]:
    """What Stripe and OpenMeter say of it; only where an app was installed."""
    if not outside.webhook.app:
        return
    try:
        found = looked_at(instance, state, outside)
    except DevkitError as error:
        yield Finding(f"Stripe of {instance.name}", "failure", error.message, error.hint or "")
        return
    for each in found:
        yield Finding(f"{each.check} of {instance.name}", each.level, each.detail, each.hint)
