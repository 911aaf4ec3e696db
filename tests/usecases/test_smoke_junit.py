"""JUnit reports: valid XML whatever the checks say."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.checks.coverage import coverage
from devkit.checks.outcomes import Call, Result
from devkit.core.contract import contract
from devkit.core.errors import UsageError
from devkit.usecases.smoke import SmokeReport
from devkit.usecases.smoke_junit import junit_xml, prepare_junit, write_junit


def _report(*results: Result) -> SmokeReport:
    found = coverage(contract(), results)
    return SmokeReport("http://127.0.0.1:1", "v1.0.0", "abc", results, found, seconds=1.25)


PASSED = Result("meters/a", "Meters", "it counts", "passed", 0.5, calls=(Call("getMeter", 200),))
FAILED = Result(
    "meters/b", "Meters", "it adds", "failed", 0.25, message="expected 1", hint="look", evidence=("GET /x", "-> 500")
)
SKIPPED = Result("portal/c", "Portal", "it opens", "skipped", 0.125, message="the portal is off")


def test_a_suite_for_each_tag_with_counts_and_times() -> None:
    root = ET.fromstring(junit_xml(_report(PASSED, FAILED, SKIPPED)))
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "1.250",
    }
    assert [(suite.get("name"), suite.get("tests"), suite.get("time")) for suite in root] == [
        ("Meters", "2", "0.750"),
        ("Portal", "1", "0.125"),
    ]
    assert [case.get("time") for case in root.iter("testcase")] == ["0.500", "0.250", "0.125"]


def test_failures_carry_the_sentence_the_evidence_and_the_hint() -> None:
    root = ET.fromstring(junit_xml(_report(PASSED, FAILED, SKIPPED)))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "expected 1"
    assert failure.text == "expected 1\nGET /x\n-> 500\nlook"
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "the portal is off"


def test_properties_name_the_server_and_the_versions() -> None:
    root = ET.fromstring(junit_xml(_report(PASSED)))
    properties = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert properties["url"] == "http://127.0.0.1:1"
    assert properties["server"] == "v1.0.0"
    assert properties["contract"] == contract().version
    assert properties["coverage"] == "1 of 153 operations"


@given(st.text(st.characters(codec=None)))
def test_any_text_makes_well_formed_xml(text: str) -> None:
    odd = Result("meters/b", "Meters", text, "failed", 0.1, message=text, evidence=(text,))
    root = ET.fromstring(junit_xml(_report(odd)))
    (case,) = root.iter("testcase")
    assert (case.get("name") or "").startswith("meters/b: ")


def test_control_characters_are_replaced_and_markup_is_escaped() -> None:
    odd = Result("meters/b", "Meters", "t", "failed", 0.1, message='a\x00b\x1b[0m <&"> \ud800 \ufffe ü😀')
    (failure,) = ET.fromstring(junit_xml(_report(odd))).iter("failure")
    assert failure.get("message") == 'a\ufffdb\ufffd[0m <&"> \ufffd \ufffd ü😀'


def test_the_folder_is_made_and_a_bad_place_is_a_clear_error(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "smoke.xml"
    prepare_junit(target)
    write_junit(_report(PASSED), target)
    assert ET.parse(target).getroot().tag == "testsuites"
    with pytest.raises(UsageError, match="cannot write"):
        prepare_junit(target / "below-a-file.xml")
    with pytest.raises(UsageError, match="cannot write"):
        write_junit(_report(PASSED), tmp_path)
