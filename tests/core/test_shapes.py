"""Shapes: all problems at once, each with its place, path and way out."""

import pytest

from devkit.core.errors import InputError
from devkit.core.shapes import Anything, Fields, Flag, InputProblems, ListOf, MapOf, Number, Shape, Text, read
from devkit.core.yaml_source import parse

PERSON = Fields(
    {
        "name": Text("Who.", longest=5),
        "age": Number("Years.", whole=True, least=0, most=150),
        "height": Number(above=0),
        "colour": Text(choices=("red", "green")),
        "awake": Flag(),
        "tags": ListOf(Text(), fewest=1, most=2),
        "notes": MapOf(Text(), key="[a-z]+", key_says="lower-case"),
        "extra": Anything(),
    },
    required=("name",),
    elsewhere={"surname": "there are only names"},
)


def problems(text: str, shape: Shape = PERSON) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        read(shape, parse(text, "f"))
    return [str(problem) for problem in caught.value.problems]


def test_what_fits_is_read_as_plain_values() -> None:
    text = "{name: Ann, age: 3, height: 1.2, colour: red, awake: true, tags: [a], notes: {a: b}, extra: [1, {x: null}]}"
    assert read(PERSON, parse(text, "f")) == parse(text, "f").plain()


def test_what_is_not_given_is_left_out() -> None:
    assert read(PERSON, parse("name: Ann", "f")) == {"name": "Ann"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "f:1:1: name is missing"),
        ("[]", "f:1:1: expected a mapping, found a list"),
        ("{name: Ann, agee: 3}", "f:1:13: agee: unknown key (did you mean 'age'?)"),
        ("{name: Ann, NAME: 3}", "f:1:13: NAME: unknown key (did you mean 'name'?)"),
        ("{name: Ann, surname: B}", "f:1:13: surname: unknown key (there are only names)"),
        ("{name: 5}", "f:1:8: name: expected text, found 5 (put it in quotes to make it text)"),
        ("{name: true}", "f:1:8: name: expected text, found true (put it in quotes to make it text)"),
        ("{name: }", "f:1:8: name: expected text, found nothing"),
        ("{name: ''}", "f:1:8: name: must not be empty"),
        ("{name: Annabel}", "f:1:8: name: longer than 5 characters"),
        ("{name: Ann, age: x}", "f:1:18: age: expected a whole number, found 'x'"),
        ("{name: Ann, age: 1.5}", "f:1:18: age: expected a whole number, found 1.5"),
        ("{name: Ann, age: true}", "f:1:18: age: expected a whole number, found true"),
        ("{name: Ann, age: -1}", "f:1:18: age: must be at least 0, found -1"),
        ("{name: Ann, age: 151}", "f:1:18: age: must be at most 150, found 151"),
        ("{name: Ann, height: 0}", "f:1:21: height: must be above 0, found 0"),
        ("{name: Ann, colour: gren}", "f:1:21: colour: 'gren' is none of red, green (did you mean 'green'?)"),
        ("{name: Ann, awake: yes}", "f:1:20: awake: expected true or false, found 'yes'"),
        ("{name: Ann, tags: a}", "f:1:19: tags: expected a list, found 'a' (start each item with `- `)"),
        ("{name: Ann, tags: []}", "f:1:19: tags: needs at least 1 item"),
        ("{name: Ann, tags: [a, b, c]}", "f:1:19: tags: has at most 2 items"),
        ("{name: Ann, tags: [a, 2]}", "f:1:23: tags[1]: expected text, found 2 (put it in quotes to make it text)"),
        ("{name: Ann, notes: {A: b}}", "f:1:21: notes: the key 'A' is not lower-case"),
    ],
)
def test_a_problem_names_its_place_its_path_and_the_way_out(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    found = problems("awake: 1\nage: x\nnamee: Ann\n")
    assert [line.split(":")[1] for line in found] == ["1", "1", "2", "3"]


def test_one_problem_is_the_message_and_several_are_the_evidence() -> None:
    with pytest.raises(InputError) as one:
        read(PERSON, parse("name: 5", "f"))
    assert one.value.message.startswith("f:1:7: name: expected text")
    assert one.value.exit_code == 2
    with pytest.raises(InputError) as two:
        read(PERSON, parse("name: 5\nage: x", "f"))
    assert two.value.message == "f: 2 problems"
    assert len(two.value.evidence) == 2


def test_the_schema_says_what_the_reader_checks() -> None:
    schema = PERSON.schema()
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["age"] == {"description": "Years.", "type": "integer", "minimum": 0, "maximum": 150}
    assert schema["properties"]["colour"]["enum"] == ["red", "green"]
