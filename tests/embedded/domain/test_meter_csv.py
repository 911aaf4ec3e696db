from devkit.embedded.domain.meter_csv import meter_csv
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.domain.usage import UsageRow, usage_query

METER = {"id": "M", "slug": "m", "groupBy": {"model": "$.model", "type": "$.type"}}
CUSTOMER = {"id": "c", "name": "Acme", "key": "acme"}


def test_columns_stand_in_the_order_of_the_request() -> None:
    request = {"groupBy": ["type", "subject", "model"], "filterCustomerId": ["c"], "windowSize": "DAY"}
    query = usage_query(METER, request, lambda _: CUSTOMER)
    row = UsageRow(0, 0, 300, {"type": "in", "subject": "acme", "model": "a", "customer_id": "c"})
    assert meter_csv(query, [row], {}) == (
        "window_start,window_end,subject,type,model,customer_id,value\n"
        "1970-01-01T00:00:00Z,1970-01-02T00:00:00Z,acme,in,a,,300.000000\n"
    )


def test_display_names_where_a_subject_exists() -> None:
    query = usage_query(METER, {"subject": ["a", "b"]}, lambda _: None)
    rows = [UsageRow(0, 0, 1, {"subject": "a"}), UsageRow(0, 0, 2, {"subject": "b"})]
    assert meter_csv(query, rows, {"a": "Alice, the first"}).splitlines() == [
        "window_start,window_end,subject,subject_display_name,value",
        '1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,"Alice, the first",1.000000',
        "1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,b,,2.000000",
    ]


def test_values_have_six_decimals_and_never_an_exponent() -> None:
    query = usage_query(METER, {"from": parse("2024-01-01T00:00:00.9+02:00")}, lambda _: None)
    values = (18446744073709549568.0, 1e-7, -1e-9, 1e22, 1 / 3)
    lines = meter_csv(query, [UsageRow(0, 0, value, {}) for value in values], {}).splitlines()[1:]
    assert [line.split(",")[2] for line in lines] == [
        "18446744073709549568.000000",
        "0.000000",
        "-0.000000",
        "10000000000000000000000.000000",
        "0.333333",
    ]
    assert lines[0].startswith("2024-01-01T00:00:00+02:00,")


def test_fields_are_quoted_as_go_does() -> None:
    query = usage_query(METER, {"groupBy": ["model"]}, lambda _: None)
    texts = ['the "best"', "two\nlines", " blank", "\\.", "", "a b", "\u00a0x"]
    text = meter_csv(query, [UsageRow(0, 0, 1, {"model": model}) for model in texts], {})
    for field in ('"the ""best"""', '"two\nlines"', '" blank"', '"\\."', "", "a b", '"\u00a0x"'):
        assert f"00:01:00Z,{field},1.000000\n" in text
