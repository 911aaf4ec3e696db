"""What makes no sense in a line of a standard invoice, whoever wants it there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from devkit.embedded.domain.billing.line_inputs import NO_TIME, currency_problem
from devkit.embedded.domain.billing.lines import Line, is_flat
from devkit.embedded.domain.billing.price_problems import price_problem
from devkit.embedded.domain.billing.refusals import MESSAGES
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.issues import Issue

_EMPTY = "invoice_create_ubp_line_period_is_empty"
_INVALID = "validation error: "


@dataclass(frozen=True)
class Problem:
    """A text as refusals tell it, and the issues in it: a text that joins several has one for each."""

    text: str
    issues: tuple[Issue, ...]


def line_problems(line: Line, currency: str) -> list[Problem]:
    """All that is wrong with the line."""
    return [*_common(line, currency), *(() if is_flat(line) else _metered(line))]


def invoice_problems(currency: str, lines: Sequence[Line]) -> list[Problem]:
    """All that is wrong with an invoice of this currency with these lines, each with the path to its place."""
    found = []
    if problem := currency_problem(currency):
        found.append(Problem(f"currency: {problem}", (Issue(problem, field="/currency"),)))
    texts, issues = [], []
    for number, line in enumerate(lines):
        if problems := line_problems(line, currency):
            texts.append(f"{number}: " + "\n".join(each.text for each in problems))
            issues += [Issue(issue.message, issue.code, f"/lines/{number}") for issue in _issues(problems)]
    return [*found, Problem("lines: " + "\n".join(texts), tuple(issues))] if texts else found


def _common(line: Line, currency: str) -> Iterator[Problem]:
    if line["period"]["from"] > line["period"]["to"]:
        yield _problem("period: ", "from must be before to")
    if line["invoiceAt"] == NO_TIME:
        yield _problem("", "invoice at is required")
    if problem := currency_problem(currency):
        yield _problem("currency: ", problem)
    if problem := price_problem(line["price"]):
        messages = [each.rpartition(_INVALID)[2] for each in problem.split("\n")]
        yield Problem(f"price: {problem}", tuple(Issue(message) for message in messages))


def _metered(line: Line) -> Iterator[Problem]:
    period, invoice_at = line["period"], line["invoiceAt"]
    if invoice_at < period["to"]:
        times = f"({_go_time(invoice_at)}) must be after period end ({_go_time(period['to'])})"
        yield _problem("", f"invoice at {times} for usage based line")
    if period["from"] >= period["to"]:
        yield Problem(MESSAGES[_EMPTY], (Issue(MESSAGES[_EMPTY], _EMPTY),))


def _problem(place: str, message: str) -> Problem:
    return Problem(place + message, (Issue(message),))


def _issues(problems: Iterable[Problem]) -> list[Issue]:
    return [issue for problem in problems for issue in problem.issues]


def _go_time(text: str) -> str:
    """How Go prints an instant in UTC."""
    return instant(text).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
