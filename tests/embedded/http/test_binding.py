"""Parameters as handlers get them, and the texts for those that cannot be read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.core.contract import Contract, Parameter, contract
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.http import deep_parameters
from devkit.embedded.http.binding import Binding
from devkit.embedded.http.pipeline import Application
from devkit.embedded.http.queries import EscapeError, parse, routed_path, unescape
from tests.embedded.asgi import ask

FACTS = contract()
PARSE_INT = "error binding string parameter: strconv.ParseInt: parsing"


def bound(operation: str, query: str) -> dict[str, Any]:
    return Binding(FACTS, FACTS.operations[operation]).query(parse(query.encode()))


def refusal(operation: str, query: str) -> str:
    with pytest.raises(Malformed) as refused:
        bound(operation, query)
    return refused.value.detail


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (b"a=1&a=2&b=", {"a": ["1", "2"], "b": [""]}),
        (b"a", {"a": [""]}),
        (b"a=x+y%20z", {"a": ["x y z"]}),
        (b"a=%C3%A9&%61=b", {"a": ["é", "b"]}),
        (b"a=%zz&b=1", {"b": ["1"]}),
        (b"a=1;b=2&c=3", {"c": ["3"]}),
        (b"&&", {}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"a=%FF", {"a": ["\ufffd"]}),
    ],
)
def test_a_query_reads_as_in_go(query: bytes, values: dict[str, list[str]]) -> None:
    assert parse(query) == values


def test_escapes() -> None:
    assert unescape(b"a%2Fb%25") == b"a/b%"
    for broken in (b"%", b"%1", b"%zz", b"a%2"):
        with pytest.raises(EscapeError):
            unescape(broken)
    assert routed_path(b"/a%20b") == b"/a b"
    assert routed_path(b"/a%2Fb") == b"/a%2Fb"


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_truth_has_six_spellings(text: str) -> None:
    assert bound("listMeters", f"includeDeleted={text}") == {"includeDeleted": True}


def test_values_have_their_types() -> None:
    found = bound("listEvents", "from=2024-01-01T00:00:00%2B02:00&limit=5&customerId=a&customerId=b&subject=")
    assert found["from"] == datetime(2023, 12, 31, 22, tzinfo=UTC)
    assert found["from"].text == "2024-01-01T00:00:00+02:00"
    assert {name: found[name] for name in ("limit", "customerId", "subject")} == {
        "limit": 5,
        "customerId": ["a", "b"],
        "subject": "",
    }


def test_a_date_time_given_twice_counts_once() -> None:
    assert bound("listEvents", "from=2024-01-01T00:00:00Z&from=soon")["from"].text == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("operation", "query", "text"),
    [
        (
            "listMeters",
            "page=99999999999999999999",
            f'page: {PARSE_INT} "99999999999999999999": value out of range',
        ),
        (
            "listMeters",
            "page=1_0",
            'page: error binding string parameter: strconv.ParseInt: parsing "1_0": invalid syntax',
        ),
        (
            "listMeters",
            "order=ASC&order=ASC",
            "order: parameter 'order' is not exploded, but is specified multiple times",
        ),
        (
            "listEvents",
            "from=2024-02-30T00:00:00Z",
            (
                "from: error parsing '2024-02-30T00:00:00Z' as RFC3339 or 2006-01-02 time: parsing time"
                ' "2024-02-30T00:00:00Z": extra text: "T00:00:00Z"'
            ),
        ),
        (
            "listEvents",
            "from=2024-02-30",
            (
                "from: error parsing '2024-02-30' as RFC3339 or 2006-01-02 time:"
                ' parsing time "2024-02-30": day out of range'
            ),
        ),
        (
            "listAddons",
            "keyVersion[a][0]=1&keyVersion[a][1]=x",
            (
                "keyVersion: error assigning value to destination: error binding map: error assigning slice:"
                " error binding array element 1: expected a valid int, got x"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_words_of_the_runtime(operation: str, query: str, text: str) -> None:
    name = text.partition(":")[0]
    assert refusal(operation, query) == f"invalid param format {name}: Invalid format for parameter {text}"


def test_deep_objects_are_read() -> None:
    assert bound("queryMeter", "filterGroupBy[model]=a&filterGroupBy[type]=b")["filterGroupBy"] == {
        "model": "a",
        "type": "b",
    }
    assert bound("listAddons", "keyVersion[a][1]=2&keyVersion[a][0]=1")["keyVersion"] == {"a": [1, 2]}
    assert "filterGroupBy" not in bound("queryMeter", "filterGroupBy=a")


def test_a_json_parameter_keeps_what_its_type_knows() -> None:
    found = bound(
        "listEventsV2",
        'filter={"Subject":{"$eq":"a","$no":1},"type":null,"other":1,"time":{"$gt":"2024-01-01T00:00:00Z"}}',
    )
    assert found["filter"] == {"subject": {"$eq": "a"}, "time": {"$gt": datetime(2024, 1, 1, tzinfo=UTC)}}
    assert "filter" not in bound("listEventsV2", "filter=")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('{"a":"x"}', "json: cannot unmarshal string into Go value of type api.FilterString"),
        ('{"a":{"$eq":true}}', "json: cannot unmarshal bool into Go struct field FilterString.$eq of type string"),
        ('{"a":{"$in":[1]}}', "json: cannot unmarshal number into Go struct field FilterString.$in of type string"),
        (
            '{"a":{"$and":[{"$eq":1}]}}',
            "json: cannot unmarshal number into Go struct field FilterString.$and.$eq of type string",
        ),
        ("{}}", "invalid character '}' after top-level value"),
    ],
)
def test_json_of_another_type_is_refused_in_the_words_of_go(query: str, text: str) -> None:
    name = "advancedMeterGroupByFilters"
    lead = f"unmarshaling param {name}: Error unmarshaling parameter {name} as JSON: "
    assert refusal("queryMeter", f"{name}={query}") == lead + text


NUMBERS = {"type": "array", "items": {"type": "integer"}}
DEEP = {"type": "object", "properties": {"flag": {"type": "boolean"}}, "additionalProperties": NUMBERS}
NOTHING = Contract(version="", tags=(), operations={}, schemas={})


def decoded(query: str) -> Any:
    return deep_parameters.decode(NOTHING, "p", DEEP, parse(query.encode()))


def test_the_validator_decodes_deep_objects_too() -> None:
    assert decoded("p[a][1]=2&p[a][0]=1&p[flag]=true") == {"a": [1, 2], "flag": True}
    assert decoded("p[a][2]=3") == {"a": [None, None, 3]}
    assert decoded("q[a]=1") is None


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("p[a]=1", "path a: array items must be set with indexes"),
        ("p[a][0]=1&p[a][0]=2", "path a.0: array items must be set with indexes"),
        ("p[a][x]=1", "path a: could not convert value map to array: array indexes must be integers"),
        ("p[a][99999999]=1", "path a: could not convert value map to array: array index is too sparse"),
        ("p[a][0]=x", "path a.0: value x: an invalid integer: invalid syntax"),
        ("p[flag]=perhaps", "path flag: value perhaps: an invalid boolean: invalid syntax"),
        ("p[flag][x]=1", "path flag: path is not convertible to primitive"),
    ],
)
def test_deep_objects_that_cannot_be_decoded(query: str, text: str) -> None:
    with pytest.raises(deep_parameters.Undecodable) as refused:
        decoded(query)
    assert str(refused.value) == text


def test_a_leading_zero_means_eight_to_the_validator_alone(app: Application) -> None:
    assert bound("listMeters", "page=010") == {"page": 10}
    assert ask(app, "GET", "/api/v1/meters?page=010").status == 200
    octal = ask(app, "GET", "/api/v1/meters?page=08")
    assert (
        octal.json["detail"] == 'parameter "page" in query has an error: value 08: an invalid integer: invalid syntax'
    )


def test_a_required_parameter_is_missed() -> None:
    parameter = Parameter(
        "x", "query", required=True, style="form", explode=False, schema={"type": "string"}, content=None
    )
    operation = FACTS.operations["listMeters"]
    only = type(operation)(**{**operation.__dict__, "parameters": (parameter,)})
    with pytest.raises(Malformed, match=r"^required param missing x: Query argument x is required, but not found$"):
        Binding(FACTS, only).query({})
