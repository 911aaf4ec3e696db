"""How an instance is to be reached from outside, and the step of `up` that waits until it is."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from devkit.adapters.backends.agent_process import agent_change, end_agent, forget_outside, launch_agent
from devkit.adapters.backends.base import Change
from devkit.core.agent_files import agent_of
from devkit.core.errors import DevkitError, UsageError, failure
from devkit.core.machine import lives_elsewhere, register
from devkit.core.outside import NOTHING, Outside, Wish, read_outside
from devkit.core.processes import Process, is_alive, same
from devkit.core.secrets_file import keep_secrets
from devkit.core.state import State
from devkit.usecases.recall import with_memory
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session

OPEN_WITHIN = 30.0  # seconds; an ngrok agent that says nothing is given up after twenty
_POLL = 0.05
_UNKNOWN = "https://not-known-yet.invalid"
_OFFLINE = Wish(provider="ngrok", offline=True)


def with_wish(session: Session, environment: Mapping[str, str] = os.environ) -> Session:
    """The session with what its instance wants of the outside, decided and not yet written down.

    What nobody says now stays as the instance has it. Raises UsageError for what cannot be used, a live key among it,
    and MissingToolError where an ngrok was asked for that is not there.
    """
    wish, reason = _decided(session, environment)
    if session.backend.offsets and not wish.offline and session.settings.stripe_key:
        from devkit.adapters.stripe import StripeAccess

        StripeAccess(session.settings.stripe_key, wish.stripe_base or None)  # refuses a live key before anything starts
    return replace(session, wish=wish, wish_reason=reason)


def with_wish_remembered(session: Session) -> Session:
    """Writes it down, with the secrets that the agent needs, before the agent starts."""
    if not session.wish.anything:
        return _remembering(session, wish=session.wish, public_url="")
    settings, instance = session.settings, session.instance
    if session.wish.offline:
        kept = keep_secrets(instance)
    else:
        kept = keep_secrets(instance, stripe_key=settings.stripe_key, ngrok_token=settings.ngrok_token)
        if lives_elsewhere(kept.identity, instance):
            kept = keep_secrets(instance, new_identity=True)
        register(kept.identity, instance)
    return _remembering(session, wish=session.wish, identity=kept.identity)


def _remembering(session: Session, **members: Any) -> Session:
    changed = msgspec.structs.replace(session.known, **members)
    return session.remember(changed) if changed != session.known else session


def start_agent(session: Session, tell: Tell) -> tuple[Session, tuple[Change, ...]]:
    """The agent of a backend that does not live in it: runs where the outside is wanted, and ends where it is not.

    The backend learns the public address, so that OpenMeter starts with it.
    """
    change = planned_agent(session)
    if change:
        tell(str(change))
    if session.wish.anything:
        session = _with_agent(session, change)
    elif change:
        end_agent(session.instance, None)
        forget_outside(session.instance)
    return session, (change,) if change else ()


def _with_agent(session: Session, change: Change | None) -> Session:
    """Raises DevkitError where the agent ends, or does not serve what OpenMeter needs of it."""
    process = agent_of(session.instance)
    if change:
        launch = launch_agent(session.instance)
        launch.release()
        process = launch.process  # a process that has only begun may not be found by its command line yet
    said = _said_in_time(session, process)
    if session.wish.offline and not said.stripe_outside:
        # OpenMeter would call Stripe itself.
        raise DevkitError("the agent does not serve Stripe's stand-in to containers", hint="devkit logs agent says why")
    url = _address_in_time(session) or session.known.public_url
    return with_stripe_reached(_remembering(session, public_url=url))


def _said_in_time(session: Session, process: Process | None) -> Outside:
    """What the agent says once it has opened everything but the tunnel. Raises DevkitError."""
    deadline = time.monotonic() + OPEN_WITHIN
    while (said := running_outside(session)) is None or process is None or not same(said.process, process):
        if process is None or not is_alive(process):
            raise DevkitError("the agent ended while it started", hint="devkit logs agent says why")
        if time.monotonic() > deadline:
            raise DevkitError(f"the agent said nothing within {OPEN_WITHIN:g} s", hint="devkit logs agent says why")
        time.sleep(_POLL)
    return said


def with_stripe_reached(session: Session, *, planned: bool = False) -> Session:
    """With --offline the backend learns how its containers reach the agent's stand-in of Stripe, once that runs.

    planned: before that, too, as something that is different for sure
    """
    if not session.wish.offline or session.backend.name != "compose":
        return session
    from devkit.adapters.backends.compose.backend import Compose
    from devkit.adapters.backends.compose.blueprint import Offline
    from devkit.adapters.certificates import offline_certificates

    said = read_outside(session.instance)
    port = said.stripe_outside if said else 0
    if not isinstance(session.backend, Compose) or not (port or planned):
        return session
    authority = offline_certificates(session.instance.folder).authority_text if port else _UNKNOWN
    return replace(session, backend=replace(session.backend, offline=Offline(authority, port)))


def as_planned(session: Session) -> tuple[Session, str]:
    """The session with what a start would know of the outside, and the public address; it only looks.

    What the agent would find out first, an address or a port, is something that is different for sure.
    """
    if not session.wish.anything:
        return session, ""
    said, known = running_outside(session), session.state
    kept = known.public_url if known and known.wish == session.wish else ""
    url = (said.tunnel.url if said and said.wish == session.wish else "") or kept or session.wish.url or _UNKNOWN
    return with_stripe_reached(session, planned=True), url


def planned_agent(session: Session) -> Change | None:
    """What `start_agent` would do."""
    running = agent_of(session.instance)
    if not session.wish.anything:
        return Change("agent", "stop", "no tunnel is wanted any more") if running else None
    return agent_change(session.instance, running, session.wish)


def _address_in_time(session: Session) -> str | None:
    """None where there is no tunnel yet: the step that waits for it says why."""
    try:
        return opened(session).tunnel.url
    except DevkitError:
        return None


def not_reached(session: Session) -> DevkitError:
    """Why an instance that is remembered has no outside now."""
    name = session.instance.name
    if session.state is None or not session.running:
        return DevkitError(f"instance {name} does not run", hint="devkit up")
    if session.state.wish.anything:
        return DevkitError(f"the agent of instance {name} has ended, and its tunnel with it", hint="devkit up")
    hint = "devkit up --offline, or STRIPE_API_KEY and devkit up --tunnel ngrok"
    return DevkitError(f"instance {name} has no tunnel, and so no Stripe app of devkit's", hint=hint)


def running(session: Session) -> tuple[Session, Outside]:
    """The instance and what its agent says. Raises DevkitError where it has no tunnel."""
    session = with_memory(session)
    outside = running_outside(session)
    if outside is None:
        raise not_reached(session)
    return session, outside


def open_tunnel(session: Session, tell: Tell) -> Outcome[Session]:
    """Waits until the agent's tunnel stands. One that is down already is opened anew: the cause may be mended.

    One that nobody asked for by name is left out where it does not open; the agent goes on trying.
    """
    try:
        outside = _open(session, tell)
    except DevkitError as error:
        if session.wish.offline or session.settings.tunnel != "auto":
            raise
        note = f"no tunnel: {error.message}" + (f" ({error.hint})" if error.hint else "")
        return Outcome(session.noting(note), error.message, skipped=True)
    url = outside.tunnel.url or ""
    changed = url != session.known.public_url
    session = _remembering(session, public_url=url)
    session = session.reporting(tunnel={"provider": session.wish.provider, "url": url, "gateway": outside.gateway})
    by = "ngrok's stand-in" if session.wish.offline else session.wish.provider
    return Outcome(session, f"{url} leads to the gateway ({by})", changed=changed)


def _open(session: Session, tell: Tell) -> Outside:
    outside = running_outside(session)
    if outside is None:
        raise DevkitError("the agent says nothing about its tunnel", hint="devkit logs shows what it does")
    if outside.tunnel.problem:
        from devkit.adapters.agent_control import AgentControl

        tell(f"it was down: {outside.tunnel.problem}")
        AgentControl(outside).restart_tunnel()
    return opened(session)


def without_tunnel(session: Session) -> str | None:
    return None if session.wish.anything else session.wish_reason


def running_outside(session: Session) -> Outside | None:
    """What the running agent says; None where none runs that serves the outside."""
    said = read_outside(session.instance)
    return said if said and said.control and is_alive(said.process) else None


def opened(session: Session) -> Outside:
    """Waits until the tunnel stands. Raises DevkitError with its problem where that takes too long."""
    deadline = time.monotonic() + OPEN_WITHIN
    while True:
        outside = running_outside(session)
        if outside is None:
            raise DevkitError("the agent has ended", hint="devkit logs shows why; devkit up starts it anew")
        if outside.tunnel.url:
            return outside
        if outside.tunnel.attempt or time.monotonic() > deadline:
            problem = outside.tunnel.problem or f"the tunnel did not open within {OPEN_WITHIN:g} s"
            hint = outside.tunnel.hint or "devkit tunnel status; --tunnel none goes without"
            raise failure(outside.tunnel.exit_code, problem, hint=hint)
        time.sleep(_POLL)


def _decided(session: Session, environment: Mapping[str, str]) -> tuple[Wish, str]:
    settings, kept = session.settings, _kept(session.state)
    if not session.backend.offsets:
        if settings.offline or settings.tunnel not in ("auto", NOTHING):
            raise UsageError(
                "an OpenMeter that runs elsewhere needs no tunnel from here", hint="leave --tunnel and --offline out"
            )
        return Wish(), "OpenMeter runs elsewhere"
    if settings.offline or (kept.offline and not settings.given("offline") and settings.tunnel == "auto"):
        if settings.given("tunnel") and settings.tunnel not in ("auto", "ngrok"):
            raise UsageError(f"--offline opens a stand-in of ngrok, not {settings.tunnel}", hint="leave --tunnel out")
        if os.name != "posix":
            raise UsageError("the stand-in of ngrok runs on POSIX systems only", hint="use WSL, or --tunnel none")
        return _OFFLINE, ""
    return _of_tunnel(session, Wish() if kept.offline else kept, environment)


def _of_tunnel(session: Session, kept: Wish, environment: Mapping[str, str]) -> tuple[Wish, str]:
    settings, base = session.settings, session.settings.stripe_base
    if settings.tunnel == "auto" and kept.anything and not settings.tunnel_url:
        return kept, ""
    if settings.tunnel == "auto" and not settings.stripe_key:
        return Wish(), "STRIPE_API_KEY is not set, so nothing would come through it (--offline needs none)"
    # Loaded here: an `up` that opens no tunnel must be quick.
    from devkit.adapters.tunnels.choice import Wanted, choose

    token = {"NGROK_AUTHTOKEN": settings.ngrok_token} if settings.ngrok_token else {}
    wanted = Wanted(settings.tunnel, settings.tunnel_url, session.instance.folder, allow_private=bool(base))
    chosen = choose(wanted, {**environment, **token})
    provider = chosen.tunnel.provider
    wish = Wish(provider=provider, url=settings.tunnel_url, stripe_base=base) if provider != NOTHING else Wish()
    return wish, "not wanted (--tunnel none)" if settings.tunnel == NOTHING else chosen.reason


def _kept(state: State | None) -> Wish:
    return state.wish if state else Wish()
