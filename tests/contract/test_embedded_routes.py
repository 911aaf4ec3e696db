"""Every operation of the contract has a route in the embedded server, or is on the list of those that answer 501."""

import re

import httpx
import pytest

from devkit.cli import boundary
from devkit.cli.app import app
from devkit.core.contract import Operation, contract
from devkit.core.examples import example_body, example_parameter
from devkit.embedded.app import HANDLERS

FACTS = contract()


def test_every_route_is_an_operation_of_the_contract() -> None:
    assert {name: route.operation for name, route in HANDLERS.items()} == {name: name for name in HANDLERS}
    assert set(HANDLERS) <= set(FACTS.operations)


def test_the_printed_list_says_of_every_operation_whether_it_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(app, ["serve", "--coverage"]) == 0

    printed = re.findall(r"^  (yes|501)  (\w+)$", capsys.readouterr().out, re.MULTILINE)
    assert len(printed) == len(FACTS.operations)
    assert {name for answered, name in printed if answered == "yes"} == set(HANDLERS)
    assert {name for answered, name in printed if answered == "501"} == set(FACTS.operations) - set(HANDLERS)


def test_an_operation_without_a_route_answers_501_and_names_itself(embedded_url: str) -> None:
    with httpx.Client(base_url=embedded_url) as client:
        for name in sorted(set(FACTS.operations) - set(HANDLERS)):
            answer = _send(client, FACTS.operations[name])

            assert answer.status_code == 501, name
            assert name in answer.json()["detail"]


def _send(client: httpx.Client, operation: Operation) -> httpx.Response:
    values = {one.name: example_parameter(FACTS, one) for one in operation.parameters if one.required}
    path = re.sub(r"\{(\w+)\}", lambda found: str(values.pop(found[1])), operation.path)
    return client.request(operation.method, path, params=values, json=example_body(FACTS, operation))
