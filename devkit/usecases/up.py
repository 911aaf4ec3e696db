"""`devkit up`: brings an instance up, proves that it counts events, and fills it. Done twice, it changes nothing."""

from collections.abc import Callable
from typing import Any

import msgspec

from devkit.core.errors import DevkitError
from devkit.core.instance import prepare_folder
from devkit.core.lock import locked
from devkit.core.progress import Event as ProgressEvent
from devkit.core.progress import Listener, RunStarted, StepDone, StepFailed, StepSkipped
from devkit.core.state import timestamp
from devkit.usecases.outside import open_tunnel, without_tunnel
from devkit.usecases.runner import Outcome, Run, Step, Tell, run
from devkit.usecases.services import preflight, start_services, wait_until_healthy
from devkit.usecases.session import Session
from devkit.usecases.stripe_steps import customers_at_stripe, install_stripe_app, without_stripe


def prove_that_it_counts(session: Session, _tell: Tell) -> Outcome[Session]:
    """One event in, its count out; once for each start of the server."""
    if session.known.proven_at:
        return Outcome(session, f"proven at {session.known.proven_at}")

    from devkit.usecases.prove_ingest import prove_ingest

    with session.client() as client:
        seconds = prove_ingest(client, deadline=session.backend.proof_within)
    session = session.remember(msgspec.structs.replace(session.known, proven_at=timestamp()))
    return Outcome(session, f"an event was counted after {seconds * 1000:.0f} ms", changed=True)


def apply_seeds(session: Session, tell: Tell) -> Outcome[Session]:
    """Every pack that was asked for. Applying looks first, so it is repeated each time."""
    from devkit.usecases.seed import apply_pack

    with session.client() as client:
        link = customers_at_stripe(session, client)
        summaries = [apply_pack(client, pack, _progress(tell), link) for pack in session.settings.seed]
    seeds = tuple(dict.fromkeys((*session.known.seeds, *session.settings.seed)))
    if seeds != session.known.seeds:
        session = session.remember(msgspec.structs.replace(session.known, seeds=seeds))
    session = session.reporting(seeds=[msgspec.to_builtins(summary) for summary in summaries])
    detail = "; ".join(f"{summary.pack}: {summary}" for summary in summaries)
    return Outcome(session, detail, changed=any(summary.changed for summary in summaries))


def send_streams(session: Session, tell: Tell) -> Outcome[Session]:
    """The streams of the packs; those that this instance has had already are left out."""
    from devkit.usecases.stream import send_pack_streams, streams_fingerprint

    summaries = []
    with session.client() as client:
        for pack in session.settings.seed:
            if session.known.streams.get(pack) == streams_fingerprint(pack):
                continue
            summary = send_pack_streams(client, pack, _progress(tell, unit="events"))
            summaries.append(summary)
            streams = {**session.known.streams, pack: summary.fingerprint}
            session = session.remember(msgspec.structs.replace(session.known, streams=streams))
    session = session.reporting(streams=[msgspec.to_builtins(summary) for summary in summaries])
    if not summaries:
        return Outcome(session, "sent already")
    sent = [f"{summary.pack}: {summary}" for summary in summaries if summary.streams]
    return Outcome(session, "; ".join(sent) or "the packs have no streams", changed=bool(sent))


def run_smoke_checks(session: Session, tell: Tell) -> Outcome[Session]:
    """The smoke checks; one that fails fails the step."""
    from devkit.usecases.smoke import as_data, run_smoke
    from devkit.usecases.stripe_connection import connection_of

    connection = connection_of(session)
    report = run_smoke(
        session.known.url,
        token=session.known.api_token,
        on_event=_Checks(tell).hear,
        stripe=connection.access if connection else None,
        stripe_reaches=connection is not None,
    )
    session = session.reporting(smoke=as_data(report))
    if not report.ok:
        raise DevkitError(
            report.summary(),
            evidence=[f"{result.name}: {result.message}" for result in report.failed],
            hint="devkit smoke runs the checks again and shows each of them",
        )
    return Outcome(session, report.summary())


def without_seeds(session: Session) -> str | None:
    return None if session.settings.seed else "no seed pack asked for (--seed)"


def without_smoke(session: Session) -> str | None:
    return None if session.settings.smoke else "not asked for (--smoke)"


UP = (
    Step("preflight", preflight),
    Step("start services", start_services),
    Step("wait until healthy", wait_until_healthy),
    Step("prove ingest", prove_that_it_counts),
    Step("tunnel", open_tunnel, skip_when=without_tunnel),
    Step("Stripe app and webhook", install_stripe_app, skip_when=without_stripe),
    Step("seed", apply_seeds, skip_when=without_seeds),
    Step("send streams", send_streams, skip_when=without_seeds),
    Step("smoke", run_smoke_checks, skip_when=without_smoke),
)


def up(session: Session, listener: Listener, *, on_wait: Callable[[str], None] = lambda _: None) -> Run[Session]:
    """Runs the steps, alone on this instance. Raises what the failed step raised."""
    prepare_folder(session.instance)
    with locked(session.instance, on_wait=on_wait):
        return run("up", UP, session, listener, result=summary)


def summary(session: Session) -> dict[str, Any]:
    """What came out, for programs."""
    state = session.state
    return {
        "instance": session.instance.name,
        "folder": str(session.instance.folder),
        "backend": session.backend.name,
        "url": state.url if state else None,
        "pid": state.process.pid if state and state.process else None,
        "ports": state.ports if state else {},
        "notes": list(session.notes),
        **session.report,
    }


def _progress(tell: Tell, unit: str = "") -> Callable[[str, float | None, float | None], None]:
    def told(message: str, done: float | None, total: float | None) -> None:
        tell(message, done=done, total=total, unit=unit)

    return told


class _Checks:
    """Tells of the steps of the smoke run as progress of the one step in which they run."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._total = self._done = 0

    def hear(self, event: ProgressEvent) -> None:
        if isinstance(event, RunStarted):
            self._total = len(event.steps)
        elif isinstance(event, StepDone | StepFailed | StepSkipped):
            self._done += 1
            self._tell(done=self._done, total=self._total, unit="checks")
