"""A smoke report as JUnit XML, the form that CI systems read: a test suite for each API tag."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from devkit import __version__
from devkit.checks.outcomes import Result
from devkit.core.contract import contract
from devkit.core.errors import UsageError
from devkit.usecases.smoke import SmokeReport

# XML 1.0 has no way to write these, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def prepare_junit(path: Path) -> None:
    """Makes sure before the run that the report can be written. Raises UsageError where it cannot."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()


def write_junit(report: SmokeReport, path: Path) -> None:
    """Raises UsageError where the file cannot be written."""
    with _writing(path):
        path.write_bytes(junit_xml(report))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        hint = "the JUnit report needs a file in a writable folder"
        raise UsageError(f"cannot write {path}: {reason}", hint=hint) from error


def junit_xml(report: SmokeReport) -> bytes:
    """UTF-8 XML. Times are seconds."""
    root = ET.Element("testsuites", _counts("devkit smoke", report.results, report.seconds))
    for tag in dict.fromkeys(result.tag for result in report.results):
        results = [result for result in report.results if result.tag == tag]
        suite = ET.SubElement(root, "testsuite", _counts(tag, results, sum(result.seconds for result in results)))
        _properties(suite, report)
        for result in results:
            _case(suite, result)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _counts(name: str, results: Iterable[Result], seconds: float) -> dict[str, str]:
    statuses = [result.status for result in results]
    return {
        "name": name,
        "tests": str(len(statuses)),
        "failures": str(statuses.count("failed")),
        "errors": "0",
        "skipped": str(statuses.count("skipped")),
        "time": f"{seconds:.3f}",
    }


def _properties(suite: ET.Element, report: SmokeReport) -> None:
    values = {
        "url": report.url,
        "server": report.server,
        "contract": contract().version,
        "devkit": __version__,
        "coverage": report.coverage.as_text(),
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _case(suite: ET.Element, result: Result) -> None:
    name = f"{result.name}: {result.title}"
    place = f"devkit.checks.{result.name.partition('/')[0]}"
    case = ET.SubElement(suite, "testcase", name=_clean(name), classname=place, time=f"{result.seconds:.3f}")
    if result.status == "skipped":
        ET.SubElement(case, "skipped", message=_clean(result.message))
    if result.status == "failed":
        failure = ET.SubElement(case, "failure", message=_clean(result.message), type="CheckFailed")
        failure.text = _clean("\n".join([result.message, *result.evidence, *([result.hint] if result.hint else [])]))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
