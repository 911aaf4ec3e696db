"""The secrets of an instance."""

import base64
import hashlib
import hmac
import json
import stat

import pytest

from devkit.adapters.backends.compose.credentials import (
    credentials_file,
    new_credentials,
    read_credentials,
    svix_api_key,
    write_credentials,
)
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_they_are_kept_for_their_owner_alone(tmp_path):
    instance = Instance(tmp_path, "a")
    prepare_folder(instance)
    assert read_credentials(instance) is None
    write_credentials(instance, fresh := new_credentials())
    assert read_credentials(instance) == fresh
    assert stat.S_IMODE(credentials_file(instance).stat().st_mode) == 0o600


def test_no_two_instances_have_the_same_and_none_shows_them():
    first, second = new_credentials(), new_credentials()
    fields = first.__struct_fields__
    assert all(getattr(first, name) != getattr(second, name) for name in fields)
    assert not any(getattr(first, name) in repr(first) for name in fields)


def test_a_damaged_file_is_not_replaced_because_data_depends_on_it(tmp_path):
    instance = Instance(tmp_path, "a")
    prepare_folder(instance)
    credentials_file(instance).write_text("{}")
    with pytest.raises(DevkitError, match="cannot be read") as refused:
        read_credentials(instance)
    assert "restore" in (refused.value.hint or "")


def test_the_key_for_svix_is_a_token_that_its_secret_signs():
    head, claims, signature = svix_api_key("secret", 1_700_000_000).split(".")
    assert json.loads(decoded(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(decoded(claims))["sub"] == "org_23rb8YdGqMT0qIzpgGwdXfHirMu"
    assert decoded(signature) == hmac.new(b"secret", f"{head}.{claims}".encode(), hashlib.sha256).digest()
