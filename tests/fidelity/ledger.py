"""The ledger of replays: per scenario, how many of its steps a server answers like the recorded OpenMeter.

    python -m tests.fidelity.ledger                    compare the embedded server with ledger.json
    python -m tests.fidelity.ledger --update           write what has risen; what fell is refused
    python -m tests.fidelity.ledger --url URL meters   another server, some tags

Scenarios with payments want the stand-in of Stripe behind the server: one is started beside the embedded server, and
--stripe names the one behind another server; without it they are left out.
deviations.yaml lists the steps that differ on purpose, each with its reason.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml

from tests.servers import embedded_server, stripe_standin

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the replayer imports its parts by their bare names

import stripe_side  # noqa: E402
from scenario import Outcome, Replayer  # noqa: E402

RECORDINGS = HERE / "recordings"
LEDGER = HERE / "ledger.json"
DEVIATIONS = HERE / "deviations.yaml"
#: No embedded answer takes longer to come true; the recorded server's 30 s would make a missing tag cost an hour.
PATIENCE = 3.0
#: Where the recorded server took more than a minute; the embedded one waits a few seconds for a second delivery.
LONG_PATIENCE = 15.0
#: From here on a server whose clock can be moved is not waited for; what it sends to others takes its time in the end.
LONG_PAUSE = 1.0
LONG_PAUSE_OF_SENDERS = 4.0
SENDERS = ("app-stripe", "notifications")


class ImpatientReplayer(Replayer):  # type: ignore[misc]  # the replayer is untyped
    """Polls for a short while only, and neither polls nor pauses once the server lacked an operation."""

    lacking = False
    ids: dict[str, str]

    def replay(self) -> list[Outcome]:
        return [self._step(i, step) for i, step in enumerate(self.scenario["steps"])]

    def _step(self, index: int, step: dict[str, Any]) -> Outcome:
        if not self.lacking:
            self._pause(step.get("pause", 0))
        patience = LONG_PATIENCE if "within" in step else PATIENCE
        deadline = time.monotonic() + (patience if step.get("poll") and not self.lacking else 0)
        while True:
            saved = dict(self.ids)
            response = self.send(step)
            outcome = self.judge(index, step, step["response"], response)
            self.lacking |= response.status_code == 501 and not outcome.status
            if outcome.exact or self.lacking or time.monotonic() >= deadline:
                return outcome
            self.ids = saved
            time.sleep(0.1)

    def _pause(self, seconds: float) -> None:
        """Lets time pass on the server: by its clock where that can be moved, or here."""
        if seconds >= (LONG_PAUSE_OF_SENDERS if self.scenario["tag"] in SENDERS else LONG_PAUSE):
            moved = self.http.post("/_devkit/clock", json={"by": f"PT{seconds:g}S"})
            if moved.status_code == 200:
                return
        time.sleep(seconds)


@dataclass(frozen=True)
class Score:
    """How many steps of a scenario there are, and how many match in status, in shape and exactly."""

    steps: int
    status: int
    shape: int
    exact: int


def tags() -> list[str]:
    """The tags that have recordings."""
    return sorted(folder.name for folder in RECORDINGS.iterdir() if folder.is_dir())


def scenarios(tag: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name in the ledger, scenario) of the recordings of a tag."""
    for file in sorted((RECORDINGS / tag).glob("*.json")):
        yield f"{tag}/{file.stem}", json.loads(file.read_text())


def needs_stripe(scenario: Mapping[str, Any]) -> bool:
    """Whether it wants the stand-in of Stripe behind the server."""
    return "stripe" in scenario.get("needs", ())


def replay(url: str, tag: str, stripe: str | None = None) -> dict[str, list[Outcome]]:
    """Replays the recordings of a tag against a server. stripe: the stand-in behind it; else some are left out."""
    with ExitStack() as open_clients:
        http = open_clients.enter_context(httpx.Client(base_url=url, timeout=60))
        at_stripe = open_clients.enter_context(stripe_side.client(stripe)) if stripe else None
        return {
            name: ImpatientReplayer(scenario, http, at_stripe).replay()
            for name, scenario in scenarios(tag)
            if at_stripe or not needs_stripe(scenario)
        }


def score(outcomes: Iterable[Outcome]) -> Score:
    rows = [(1, o.status, o.shape, o.exact) for o in outcomes]
    return Score(*(sum(row[i] for row in rows) for i in range(4)))


def recorded() -> dict[str, Score]:
    """What ledger.json says."""
    return {name: Score(**row) for name, row in json.loads(LEDGER.read_text()).items()} if LEDGER.exists() else {}


def deviations() -> dict[tuple[str, int], str]:
    """(scenario, step) → reason, of the steps that differ on purpose."""
    rows = yaml.safe_load(DEVIATIONS.read_text()) or []
    return {(row["scenario"], step): row["reason"] for row in rows for step in row["steps"]}


def fallen(before: dict[str, Score], now: dict[str, Score]) -> list[str]:
    """A line for each scenario of `now` that matches less than the ledger says."""
    return [
        f"{name}: {new} after {old}"
        for name, new in now.items()
        if (old := before.get(name)) and (new.status, new.shape, new.exact) < (old.status, old.shape, old.exact)
    ]


def write(scores: dict[str, Score]) -> None:
    rows = {name: vars(score) for name, score in sorted(scores.items())}
    LEDGER.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items()) + "\n}\n")


def report(tag: str, total: Score) -> None:
    parts = (f"{getattr(total, kind) / (total.steps or 1):7.1%} {kind}" for kind in ("status", "shape", "exact"))
    print(f"{tag:24} {total.steps:5} steps: {', '.join(parts)}", flush=True)


@contextmanager
def server(url: str | None, stripe: str | None = None) -> Iterator[tuple[str, str | None]]:
    """The given server with the stand-in behind it, or an embedded one and a stand-in that both go away."""
    if url:
        yield url, stripe
        return
    with TemporaryDirectory() as folder, stripe_standin() as address:
        variables = {"DEVKIT_STRIPE_API_BASE": address}
        with embedded_server(Path(folder) / "data", variables=variables) as started:
            yield started, address


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a running server; else an embedded one is started")
    parser.add_argument("--stripe", help="the stand-in of Stripe behind that server")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("tags", nargs="*", default=[], help="only these")
    options = parser.parse_args()
    before = recorded()
    now: dict[str, Score] = {}
    with server(options.url, options.stripe) as (url, stripe):
        for tag in options.tags or tags():
            outcomes = replay(url, tag, stripe)
            now |= {name: score(results) for name, results in outcomes.items()}
            report(tag, score(o for results in outcomes.values() for o in results))
    worse = fallen(before, now)
    print(*worse, sep="\n")
    if options.update and not worse:
        write(before | now)
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
