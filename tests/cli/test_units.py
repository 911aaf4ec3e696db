from datetime import timedelta

import pytest

from devkit.cli.units import age_of, duration_text, size_text
from devkit.core.errors import UsageError


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (3_400, "3.4 kB"),
        (999_000, "999.0 kB"),
        (131_000_000, "131.0 MB"),
        (5e12, "5000.0 GB"),
    ],
)
def test_sizes(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (3600, "1 h"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations_name_their_two_largest_parts(seconds, text):
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "age"),
    [("90m", timedelta(minutes=90)), ("0h", timedelta()), (" 48h ", timedelta(hours=48)), ("7d", timedelta(days=7))],
)
def test_ages(text, age):
    assert age_of(text, "--older-than") == age


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5h", "7 d", "99999999999d", "1w"])
def test_what_is_no_age_is_refused(text):
    with pytest.raises(UsageError, match="--older-than must be an age such as"):
        age_of(text, "--older-than")
