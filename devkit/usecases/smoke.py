"""Runs smoke checks against a server and tells what it proved.

`run_smoke(url, tags=…, on_event=…)` is what `devkit smoke` and the smoke step of `up` call.
"""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event as Flag
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from devkit.adapters.clock import ahead_of
from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.checks.coverage import Coverage, coverage
from devkit.checks.outcomes import Result
from devkit.checks.registry import Check, checks_of
from devkit.checks.runner import Conditions, run_check
from devkit.core.contract import contract
from devkit.core.errors import UnreachableError, UsageError
from devkit.core.progress import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
)

WORKERS = 6
WAIT = 60.0


@dataclass(frozen=True)
class SmokeReport:
    """What a run of the checks found. `server` is the version that the server names, empty where it names none."""

    url: str
    server: str
    token: str
    results: tuple[Result, ...]
    coverage: Coverage
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.failed

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.status == "failed"]

    @property
    def passed(self) -> list[Result]:
        return [result for result in self.results if result.status == "passed"]

    @property
    def skipped(self) -> list[Result]:
        return [result for result in self.results if result.status == "skipped"]

    @property
    def unreachable(self) -> bool:
        """Whether the server went away during the run."""
        return any(result.unreachable for result in self.results)

    def summary(self) -> str:
        """`31 checks passed, 1 failed, 2 skipped; 23 of 153 operations`."""
        counts = [f"{len(self.passed)} {'check' if len(self.passed) == 1 else 'checks'} passed"]
        counts += [
            f"{len(found)} {word}" for found, word in ((self.failed, "failed"), (self.skipped, "skipped")) if found
        ]
        return f"{', '.join(counts)}; {self.coverage.as_text()}"


def run_smoke(
    url: str,
    *,
    token: str = "",
    tags: Sequence[str] = (),
    on_event: Listener = lambda _event: None,
    wait: float = WAIT,
    keep: bool = False,
    workers: int = WORKERS,
    stripe: StripeAccess | None = None,
    stripe_reaches: bool = False,
) -> SmokeReport:
    """Runs the checks of these tags (all where none is given), several at a time.

    token: what the server wants to see, empty for none
    wait: seconds that an accepted event may take to become visible; keep: leave behind what the checks create;
    stripe: an account that the server reaches, too, for the checks of the Stripe app; stripe_reaches: whether its
    webhooks reach the server.
    Events arrive in the caller's thread, one step for each check. Raises UsageError for an unknown tag and
    UnreachableError where no OpenMeter answers at the start; a server that goes away later is told in the report.
    """
    checks = checks_of(tags)
    started = monotonic()
    with _client(url, token) as client:
        server = _greet(client)
        on_event(RunStarted("smoke", tuple(check.name for check in checks)))
        ahead = ahead_of(client.url)
        conditions = Conditions(
            client,
            token=secrets.token_hex(3),
            wait=wait,
            keep=keep,
            stop=Flag(),
            ahead=ahead,
            stripe=stripe,
            stripe_reaches=stripe_reaches,
        )
        results = _run_all(checks, conditions, on_event, workers)
    found = coverage(contract(), results)
    report = SmokeReport(client.url, server, conditions.token, results, found, monotonic() - started)
    on_event(RunFinished("smoke", report.ok, changed=False, seconds=report.seconds, result=as_data(report)))
    return report


def as_data(report: SmokeReport) -> dict[str, Any]:
    """The report as plain data, for JSON output."""
    return {
        "url": report.url,
        "server": report.server,
        "token": report.token,
        "ok": report.ok,
        "passed": len(report.passed),
        "failed": len(report.failed),
        "skipped": len(report.skipped),
        "seconds": round(report.seconds, 3),
        "checks": [_check_data(result) for result in report.results],
        "coverage": {
            "exercised": report.coverage.exercised,
            "operations": len(report.coverage.rows),
            "tags": [vars(row) for row in report.coverage.by_tag()],
            "rows": [
                {"operation": row.operation, "served": row.served, "refused": row.refused}
                for row in report.coverage.rows
                if row.exercised
            ],
        },
    }


def _check_data(result: Result) -> dict[str, Any]:
    told = {"message": result.message, "hint": result.hint, "evidence": list(result.evidence)}
    return {
        "name": result.name,
        "tag": result.tag,
        "title": result.title,
        "status": result.status,
        "seconds": round(result.seconds, 3),
        **{key: value for key, value in told.items() if value},
    }


def _run_all(checks: Sequence[Check], conditions: Conditions, on_event: Listener, workers: int) -> tuple[Result, ...]:
    """The results in the order of the checks. Events go through a queue, so that one thread alone talks."""
    told: SimpleQueue[Event | Result | Exception] = SimpleQueue()
    submitted = Flag()

    def work(number: int, check: Check) -> None:
        submitted.wait()
        told.put(StepStarted(check.name))
        try:
            result = _gone(check) if conditions.stop.is_set() else run_check(check, number, conditions)
            if result.unreachable:
                conditions.stop.set()
            told.put(result)
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that waits for the result
            told.put(error)

    found: dict[str, Result] = {}
    with _pool(workers, conditions.stop) as pool:
        try:
            for number, check in enumerate(checks):
                pool.submit(work, number, check)
        except BaseException:
            conditions.stop.set()  # nobody waits for a thread whose start was interrupted: it must find nothing to do
            raise
        finally:
            submitted.set()
        while len(found) < len(checks):
            match told.get():
                case Result() as result:
                    found[result.name] = result
                    on_event(_event_of(result))
                case Exception() as error:
                    raise error
                case event:
                    on_event(event)
    return tuple(found[check.name] for check in checks)


@contextmanager
def _pool(workers: int, stop: Flag) -> Iterator[ThreadPoolExecutor]:
    """Threads for checks. On an interruption those that run end early and clean up; the others never start."""
    pool = ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="smoke")
    try:
        yield pool
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _event_of(result: Result) -> Event:
    match result.status:
        case "passed":
            return StepDone(result.name, "", changed=False, seconds=result.seconds)
        case "skipped":
            return StepSkipped(result.name, result.message)
        case "failed":
            return StepFailed(result.name, result.message, result.hint, result.evidence, result.seconds)


def _gone(check: Check) -> Result:
    return Result(check.name, check.tag, check.title, "skipped", 0, message="the server no longer answers")


def _client(url: str, token: str) -> OpenMeter:
    """Raises UsageError for what is no URL."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(f"{url!r} is not a URL", hint="it starts with http:// or https://")
    return OpenMeter(url, token=token or None)


def _greet(client: OpenMeter) -> str:
    """The server's version. Raises UnreachableError where nothing, or no OpenMeter, answers."""
    answer = client.send("listCurrencies")
    if answer.status_code == httpx.codes.NOT_FOUND and "x-powered-by" not in answer.headers:
        raise UnreachableError(
            f"{client.url} answers, but not as OpenMeter does: 404 for its list of currencies",
            hint="the URL is that of the API's root, such as http://127.0.0.1:48888",
        )
    return _version(client)


def _version(client: OpenMeter) -> str:
    try:
        told = client.http.get("/version").json()
    except (httpx.HTTPError, ValueError):
        return ""
    return str(told.get("version", "")) if isinstance(told, dict) else ""
