"""The official Stripe CLI against the stand-in, where Node is present."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devkit.standins.stripe.server import Server
from tests.standins.stripe.conftest import KEY


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Node is not installed")
    folder = tmp_path_factory.mktemp("stripe-cli")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "@stripe/cli@1.52.0"]
    subprocess.run(command, cwd=folder, check=True, timeout=300)
    return next(path for path in folder.glob("node_modules/@stripe/cli-*/bin/stripe*") if path.is_file())


@pytest.fixture
def run(program: Path, server: Server, tmp_path: Path) -> Callable[..., Any]:
    def run(*arguments: str) -> Any:
        environment = {"HOME": str(tmp_path), "STRIPE_API_KEY": KEY, "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
        done = subprocess.run(
            [program, *arguments, "--api-base", server.url],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return json.loads(done.stdout[done.stdout.index("{") :])

    return run


@pytest.mark.node
def test_the_cli_makes_an_invoice_and_has_it_paid(run: Callable[..., Any]) -> None:
    payer = run("customers", "create", "--name", "Acme")["id"]
    draft = run("invoices", "create", "-d", f"customer={payer}")["id"]
    run("invoiceitems", "create", "-d", f"customer={payer}", "-d", f"invoice={draft}", "-d", "amount=1250")
    assert run("invoices", "finalize_invoice", draft)["amount_due"] == 1250
    assert run("invoices", "pay", draft)["status"] == "paid"
    assert [one["type"] for one in run("events", "list", "--limit", "2")["data"]] == [
        "invoice.payment_succeeded",
        "invoice.paid",
    ]
    assert run("invoices", "create")["error"]["param"] == "customer"
