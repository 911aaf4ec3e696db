"""devkit stripe trigger, as typed; and that devkit smoke finds the Stripe account of the instance."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.core.agent_files import agent_of
from devkit.core.instance import instances_in
from devkit.core.processes import end
from tests.cli.program import Program
from tests.servers import first_of_free_block


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """devkit with an instance that has stand-ins for Stripe and ngrok."""
    program = Program(tmp_path_factory.mktemp("offline").resolve(), first_of_free_block())
    program("up", "--offline")
    yield program
    for instance in instances_in(program.folder):
        if agent := agent_of(instance):
            end(agent, grace=5)


def _key(program: Program) -> str:
    secrets = json.loads((program.folder / ".devkit" / "default" / "secrets.json").read_text())
    return str(secrets["offline_key"])


def test_a_paid_invoice_comes_back_through_the_tunnel(offline: Program) -> None:
    answer = offline("stripe", "trigger", "invoice.paid")
    assert "OpenMeter: invoice paid" in answer.err
    assert "OpenMeter: invoice paid" not in answer.out
    rows = dict(line.split("  ", 1) for line in answer.out.splitlines())
    assert rows["Stripe customer"].strip().startswith("cus_")
    assert rows["invoice at"].strip().startswith("https://invoice.stripe.com/")
    assert _key(offline) not in answer.out + answer.err


def test_programs_get_one_envelope_or_events_and_then_it(offline: Program) -> None:
    answer = offline("stripe", "trigger", "checkout", "--output", "json")
    assert answer.data["links"]["checkout"].startswith("https://checkout.stripe.com/")
    assert _key(offline) not in answer.out
    lines = offline("stripe", "trigger", "setup_intent.succeeded", "-o", "ndjson").out.splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds[:2] == ["run_started", "step_started"]
    assert kinds[-3:] == ["step_done", "run_finished", "result"]


def test_the_list_needs_no_instance(tmp_path: Path) -> None:
    program = Program(tmp_path, 1)
    names = [line.split()[0] for line in program("stripe", "trigger", "--list").out.splitlines()]
    assert names[:2] == ["checkout", "invoice.paid"]
    data = program("stripe", "trigger", "--list", "--output", "json").data
    assert [each["name"] for each in data["triggers"]] == names


def test_what_cannot_be_done_is_refused_with_a_way_out(tmp_path: Path) -> None:
    program = Program(tmp_path, 1)
    assert "devkit stripe trigger --list" in program("stripe", "trigger", code=2).err
    assert "did you mean invoice.paid?" in program("stripe", "trigger", "invoice.pay", code=2).err
    assert "hint: devkit up" in program("stripe", "trigger", "invoice.paid", code=1).err


def test_smoke_takes_the_account_of_the_instance(offline: Program) -> None:
    answer = offline("smoke", "--tag", "app-stripe", "--output", "json")
    found = {each["name"]: each["status"] for each in answer.data["checks"]}
    assert found["app_stripe/invoice-is-paid-at-stripe"] == "passed"
    assert set(found.values()) == {"passed"}
    assert _key(offline) not in answer.out + answer.err
