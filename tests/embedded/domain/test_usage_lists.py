from datetime import UTC, datetime, timedelta

import pytest

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.usage_lists import subject_bounds, value_bounds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
METER = {"groupBy": {"model": "$.model"}}
DAY = timedelta(days=1)


def test_values_are_of_the_last_day_unless_asked_otherwise() -> None:
    assert value_bounds(METER, "model", None, None, NOW) == ((NOW - DAY).timestamp(), None)
    assert value_bounds(METER, "model", None, NOW, NOW) == (None, NOW.timestamp())
    assert value_bounds(METER, "model", NOW - 30 * DAY, NOW, NOW) == ((NOW - 30 * DAY).timestamp(), NOW.timestamp())


@pytest.mark.parametrize(
    ("key", "start", "end", "problem"),
    [
        ("subject", None, NOW, "group by key is not valid for this meter"),
        ("model", NOW - 90 * DAY, None, "from time must not be more than 90 days ago"),
        ("model", NOW, NOW, "from and to cannot be equal"),
        ("model", NOW, NOW - DAY, "from time must be before to time"),
        ("model", NOW, NOW + 31 * DAY, "time window must be less than 30 days"),
        (
            "x",
            NOW - 900 * DAY,
            NOW,
            "group by key is not valid for this meter\n"  # noqa: ISC004 - the last element of a tuple
            "from time must not be more than 90 days ago\n"
            "time window must be less than 30 days",
        ),
    ],
)
def test_ranges_of_values_that_are_refused(
    key: str, start: datetime | None, end: datetime | None, problem: str
) -> None:
    with pytest.raises(Invalid) as caught:
        value_bounds(METER, key, start, end, NOW)
    assert caught.value.detail == problem


def test_subjects_have_no_default_range() -> None:
    assert subject_bounds(None, None) == (None, None)
    assert subject_bounds(NOW - timedelta(milliseconds=1), None) == (NOW.timestamp() - 1, None)
    with pytest.raises(Invalid, match="from and to cannot be equal"):
        subject_bounds(NOW, NOW)
    with pytest.raises(Invalid, match="from time must be before to time"):
        subject_bounds(NOW, NOW - DAY)
