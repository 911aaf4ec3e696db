"""Which account at Stripe the smoke checks get."""

from pathlib import Path

import pytest

from devkit.core.errors import UsageError
from devkit.usecases.recall import open_session
from devkit.usecases.smoke_account import account_for

KEY = {"STRIPE_API_KEY": "sk_test_mine"}


def test_without_an_instance_only_what_is_asked_for_is_used(tmp_path: Path) -> None:
    session = open_session(tmp_path, {}, {})
    for elsewhere in (True, False):
        assert account_for(session, KEY, elsewhere=elsewhere, asked=False) == (None, False)
        access, reaches = account_for(session, KEY, elsewhere=elsewhere, asked=True)
        assert (access is not None and access.key, reaches) == ("sk_test_mine", False)


def test_an_account_that_was_asked_for_and_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="STRIPE_API_KEY is not set"):
        account_for(open_session(tmp_path, {}, {}), {}, elsewhere=True, asked=True)
