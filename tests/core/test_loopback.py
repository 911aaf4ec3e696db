"""Addresses of this machine itself."""

import pytest

from devkit.core.loopback import is_loopback


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:48888", "https://127.8.9.1/a", "http://localhost", "http://[::1]:1", "http://a.localhost"]
)
def test_this_machine_is_told(url):
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://10.0.0.1", "http://localhost.example.com", "x", "http://[1"]
)
def test_all_else_is_elsewhere(url):
    assert not is_loopback(url)
