"""Secrets of an instance: kept for its owner alone, never shown, never lost by a command that does not know them."""

import stat
from pathlib import Path

import pytest

from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.secrets_file import Secrets, keep_secrets, read_secrets, secrets_file


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    prepare_folder(Instance(tmp_path))
    return Instance(tmp_path)


def test_what_is_not_given_stays_and_what_is_given_replaces(instance: Instance) -> None:
    first = keep_secrets(instance, stripe_key="sk_test_one", ngrok_token="one")
    assert keep_secrets(instance) == first
    second = keep_secrets(instance, stripe_key="sk_test_two")
    assert (second.stripe_key, second.ngrok_token, second.offline_key) == ("sk_test_two", "one", first.offline_key)
    assert read_secrets(instance) == second
    assert stat.S_IMODE(secrets_file(instance).stat().st_mode) == 0o600


def test_they_are_not_shown(instance: Instance) -> None:
    assert "sk_test" not in repr(keep_secrets(instance, stripe_key="sk_test_one"))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"stripe_key": 1}'])
def test_a_damaged_file_holds_none(instance: Instance, content: bytes) -> None:
    secrets_file(instance).write_bytes(content)
    assert read_secrets(instance) == Secrets()
    assert keep_secrets(instance, stripe_key="sk_test_one").stripe_key == "sk_test_one"


def test_a_folder_that_is_gone_is_told(instance: Instance) -> None:
    with pytest.raises(DevkitError, match="cannot write"):
        keep_secrets(Instance(instance.root, "other"))
