"""The user's own address, and no address."""

import pytest

from devkit.adapters.tunnels.none import NoTunnel
from devkit.adapters.tunnels.reach import GATEWAY_HEADER
from devkit.adapters.tunnels.static import StaticTunnel, checked_url
from devkit.core.errors import DevkitError, UsageError
from tests.servers import free_port
from tests.upstream import Upstream


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://openmeter.example.com/", "https://openmeter.example.com"),
        (" https://example.com:8443/in/here/ ", "https://example.com:8443/in/here"),
        ("http://8.8.8.8", "http://8.8.8.8"),
    ],
)
def test_a_public_address_is_taken(given: str, url: str) -> None:
    assert StaticTunnel(given).start(1) == url


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https://example.com:99999",
        "https://[::1",
        "https://example.com/?a=1",
        "https://example.com/?",
        "https://example.com/#a",
        "https://exa mple.com",
        "https://example.com/\r\nx",
        "http://localhost:8888",
        "http://app.localhost",
        "http://127.0.0.1:8888",
        "http://2130706433",
        "http://10.0.0.1",
        "http://[::1]:8888",
        "http://printer.local",
        "http://intranet",
    ],
)
def test_what_stripe_could_not_reach_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_url(given)
    assert refused.value.hint


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as refused:
        checked_url("https://me:planted-secret@example.com")
    assert "planted-secret" not in f"{refused.value} {refused.value.hint}"


def test_an_address_of_this_machine_is_taken_with_stand_ins() -> None:
    assert checked_url("http://127.0.0.1:8080/", allow_private=True) == "http://127.0.0.1:8080"


def test_it_stands_where_the_address_leads_to_the_own_gateway(behind: Upstream) -> None:
    tunnel = StaticTunnel(f"http://127.0.0.1:{behind.port}", gateway="mine", allow_private=True)
    assert tunnel.standing().problem == "the tunnel is not started"
    behind.answer[GATEWAY_HEADER] = "mine"
    assert tunnel.start(1234) == tunnel.standing().url == tunnel.url

    behind.answer[GATEWAY_HEADER] = "other"
    assert "another devkit instance" in tunnel.standing().problem
    del behind.answer[GATEWAY_HEADER]
    assert "does not lead to devkit's gateway; it must forward to http://127.0.0.1:1234" in tunnel.standing().problem
    tunnel.stop()
    assert tunnel.standing().url is None


def test_an_address_that_does_not_lead_here_does_not_open(behind: Upstream) -> None:
    tunnel = StaticTunnel(f"http://127.0.0.1:{behind.port}", gateway="mine", allow_private=True)
    with pytest.raises(DevkitError, match="it must forward to") as refused:
        tunnel.start(1234)
    assert refused.value.hint


def test_an_address_where_nobody_answers_is_told() -> None:
    tunnel = StaticTunnel(f"http://127.0.0.1:{free_port()}", gateway="mine", allow_private=True)
    with pytest.raises(DevkitError, match="cannot be reached"):
        tunnel.start(1)
    assert "cannot be reached" in tunnel.standing().problem


def test_an_address_that_is_not_tried_stands() -> None:
    tunnel = StaticTunnel("https://example.com")
    assert tunnel.start(1) == tunnel.standing().url == "https://example.com"


def test_no_tunnel_has_no_address_and_no_problem() -> None:
    tunnel = NoTunnel()
    tunnel.start(1)
    standing = tunnel.standing()
    tunnel.stop()

    assert (standing.url, standing.problem) == (None, "")
