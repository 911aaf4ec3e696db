"""Writes the tables of docs/embedded-limits.md: from the ledger, the deviations and the recordings, never by hand.

python -m tests.fidelity.limits_page          (or `make docs`)
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from devkit.core.contract import contract
from devkit.core.operation_notes import operation_notes
from tests.fidelity import ledger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "embedded-limits.md"
BEGIN, END = "<!-- tables: written by `make docs` -->", "<!-- end of tables -->"


def updated(page: str) -> str:
    """The page with the tables of today between its two marks. Raises ValueError where it has them not."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def tables() -> str:
    return "\n\n".join(
        (
            "### Replays of recorded exchanges, by tag",
            table(("tag", "scenarios", "steps", "same status", "same shape", "same in every value"), replays()),
            "### Steps that differ on purpose",
            table(("scenario", "steps", "why"), differing()),
            "### Operations that answer 501, as the recorded OpenMeter does",
            table(("operation", "purpose", "answers 501"), not_done()),
        )
    )


def replays() -> Iterator[Sequence[str]]:
    """A row for each tag, and one for all of them."""
    by_tag = defaultdict(list)
    for name, score in ledger.recorded().items():
        by_tag[name.partition("/")[0]].append(score)
    for tag, scores in sorted(by_tag.items()):
        yield _replay_row(tag, scores)
    yield _replay_row("**all**", [score for scores in by_tag.values() for score in scores])


def differing() -> Iterator[Sequence[str]]:
    """A row for each scenario of deviations.yaml; steps are counted from 0, as there."""
    steps: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (scenario, step), reason in sorted(ledger.deviations().items()):
        steps[scenario, reason].append(step)
    for (scenario, reason), numbers in steps.items():
        yield f"`{scenario}`", ", ".join(map(str, numbers)), reason


def not_done() -> Iterator[Sequence[str]]:
    """A row for each operation that a recorded OpenMeter answered with 501: always, or the words with which it did."""
    answers: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for operation, status, text in _answers():
        answers[operation].append((status, text))
    for operation, seen in sorted(answers.items()):
        said = sorted({words for status, words in seen if status == 501})
        if said:
            done = any(status < 300 for status, _ in seen)
            yield (
                f"`{operation}`",
                operation_notes().operations[operation].summary,
                f"at times: {'; '.join(said)}" if done else "always",
            )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines: list[Sequence[str]] = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _replay_row(name: str, scores: Sequence[ledger.Score]) -> Sequence[str]:
    steps = sum(score.steps for score in scores)
    same = (sum(getattr(score, kind) for score in scores) for kind in ("status", "shape", "exact"))
    return name, str(len(scores)), str(steps), *(_share(number, steps) for number in same)


def _share(part: int, whole: int) -> str:
    """Never 100 % by rounding."""
    return "all" if part == whole else f"all but {whole - part}"


def _answers() -> Iterator[tuple[str, int, str]]:
    """Operation, status and the problem's detail of every recorded step that called an operation of OpenMeter."""
    for tag in ledger.tags():
        for _, scenario in ledger.scenarios(tag):
            for step in scenario["steps"]:
                operation = None if "to" in step else _operation(step["method"], step["path"])
                if operation:
                    body = step["response"].get("body")
                    detail = body.get("detail", "") if isinstance(body, dict) else ""
                    yield operation, step["response"]["status"], str(detail)


@cache
def _routes() -> Sequence[tuple[str, re.Pattern[str], str]]:
    """Method, path and id of all operations, literal paths before those with parameters."""
    operations = sorted(contract().operations.values(), key=lambda operation: operation.path.count("{"))
    return [(one.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path) + r"(\?.*)?"), one.id) for one in operations]


def _operation(method: str, path: str) -> str | None:
    return next((name for one, pattern, name in _routes() if one == method and pattern.fullmatch(path)), None)


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(updated(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
