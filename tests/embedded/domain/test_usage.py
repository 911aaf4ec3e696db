from typing import Any

import pytest

from devkit.embedded.domain.errors import InternalFailure, Invalid, NotFound, Refusal
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.domain.usage import UsageRow, effective_start, result, usage_query

METER = {"id": "M", "slug": "m", "groupBy": {"model": "$.model", "value": "$.v", "customer_id": "$.c"}}
CUSTOMERS: dict[str, dict[str, Any]] = {
    "c2": {"id": "c2", "name": "Bea", "key": "acme", "usageAttribution": {"subjectKeys": ["web", "app"]}},
    "c1": {"id": "c1", "name": "Ann", "usageAttribution": {"subjectKeys": ["app"]}},
    "c0": {"id": "c0", "name": "Cy"},
}
NOON, ONE = parse("2024-01-10T13:00:00+01:00"), parse("2024-01-10T13:00:00.10Z")


def ask(**request: Any) -> Any:
    return usage_query(METER, request, CUSTOMERS.get)


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        ({"groupBy": ["model", "nope"]}, Invalid("invalid group by: nope")),
        ({"groupBy": ["customerId"]}, Invalid("invalid group by: customerId")),
        ({"filterGroupBy": {"color": []}}, Invalid("invalid group by filter: color")),
        ({"filterGroupBy": {"subject": ["a"]}}, Invalid("invalid group by filter: subject")),
        (
            {"filterGroupBy": {"model": []}, "advancedMeterGroupByFilters": {"model": {}}},
            Invalid("advanced meter group by filters and filter group by cannot be used together"),
        ),
        ({"advancedMeterGroupByFilters": {"x": {}}}, Invalid("meter does not have group by: x")),
        ({"filterGroupBy": {"model": [""]}}, Invalid("validation error: filter is invalid: format mismatch")),
        ({"from": NOON, "to": parse("2024-01-10T12:00:00Z")}, Invalid("from and to cannot be equal")),
        ({"from": ONE, "to": NOON}, Invalid("from must be before to")),
        ({"groupBy": ["customer_id"]}, Invalid("customer filter is required with customer_id group by")),
        (
            {"from": ONE, "to": NOON, "advancedMeterGroupByFilters": {"x": {"$eq": "a", "$ne": "b"}}},
            Invalid("from must be before to\nvalidation error: filter is invalid: multiple operators are set"),
        ),
        (
            {"filterCustomerId": ["c0"]},
            Invalid("validation error: usage attribution must have a key or subject keys"),
        ),
        ({"filterCustomerId": ["c1", "x", "y"]}, NotFound("customer with id x not found")),
        ({"windowTimeZone": "Mars", "from": ONE, "to": NOON}, Invalid("invalid time zone: unknown time zone Mars")),
    ],
)
def test_what_is_refused(request_: dict[str, Any], refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as caught:
        ask(**request_)
    assert caught.value.detail == refusal.detail


@pytest.mark.parametrize(
    "request_",
    [
        {"groupBy": ["value"]},
        {"windowTimeZone": "Local", "windowSize": "DAY"},
        {"filterGroupBy": {"customer_id": ["x"]}},
    ],
)
def test_what_openmeter_fails_on(request_: dict[str, Any]) -> None:
    with pytest.raises(InternalFailure):
        ask(**request_)


def test_the_zone_of_the_server_does_without_windows() -> None:
    assert ask(windowTimeZone="Local").window_size is None


def test_subjects_and_customers_group_after_what_is_asked_for() -> None:
    query = ask(groupBy=["model"], subject=["web"], filterCustomerId=["c2", "c1"])
    assert query.group_by == ("model", "subject", "customer_id")
    assert query.subjects == ("web",)
    assert query.customers == {"app": "c1", "acme": "c2", "web": "c2"}
    assert ask(subject=[], filterCustomerId=[]).group_by == ("subject",)


def test_empty_lists_of_values_filter_nothing() -> None:
    assert ask(filterGroupBy={"model": [], "value": ["1"]}).filters == {"value": {"$in": ["1"]}}


def test_the_later_start_counts() -> None:
    meter = {**METER, "eventFrom": "2024-01-10T12:30:00.5Z"}
    assert effective_start(usage_query(meter, {}, CUSTOMERS.get)) == 1704889800
    assert effective_start(usage_query(meter, {"from": NOON}, CUSTOMERS.get)) == 1704889800
    assert effective_start(usage_query(meter, {"from": ONE}, CUSTOMERS.get)) == 1704891600
    assert effective_start(ask()) is None


def test_bounds_are_echoed_as_they_came() -> None:
    query = ask(**{"from": NOON, "to": ONE})
    assert result(query, [UsageRow(0, 0, 5, {})]) == {
        "from": "2024-01-10T13:00:00+01:00",
        "to": "2024-01-10T13:00:00.1Z",
        "data": [
            {
                "value": 5,
                "windowStart": "2024-01-10T13:00:00+01:00",
                "windowEnd": "2024-01-10T13:00:00.1Z",
                "subject": None,
                "groupBy": {},
            }
        ],
    }


def test_without_bounds_whole_minutes_around_the_data() -> None:
    (row,) = result(ask(), [UsageRow(61, 119, 5, {})])["data"]
    assert (row["windowStart"], row["windowEnd"]) == ("1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z")


def test_groups_of_a_row() -> None:
    query = ask(groupBy=["model", "subject"], filterCustomerId=["c1"], windowSize="DAY")
    row = UsageRow(0, 0, 1, {"model": "a", "subject": "app", "customer_id": "c1"})
    body = result(query, [row])
    assert body["windowSize"] == "DAY"
    assert body["data"] == [
        {
            "value": 1,
            "windowStart": "1970-01-01T00:00:00Z",
            "windowEnd": "1970-01-02T00:00:00Z",
            "subject": "app",
            "customerId": "c1",
            "groupBy": {"model": "a"},
        }
    ]
