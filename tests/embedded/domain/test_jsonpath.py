import pytest

from devkit.embedded.domain.jsonpath import Elements, Member, is_valid, parse


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.a.b_1", (Member("a"), Member("b_1"))),
        ("$.0.1x", (Member("0"), Member("1x"))),
        ('$."any text"', (Member("any text"),)),
        ('$["x"]["a\\"b"]', (Member("x"), Member('a"b'))),
        ("$['it''s']", (Member("it's"),)),
        ("$['']", (Member(""),)),
        ("$[word]", (Member("word"),)),
        ("$.$ref[$x]", (Member("$ref"), Member("$x"))),
        ("$[0]", (Elements(((0, 1),)),)),
        ("$[1 to 3]", (Elements(((1, 3),)),)),
        ("$.a[0, 2 TO 4]", (Member("a"), Elements(((0, 1), (2, 4))))),
        ("$.a[*].b", (Member("a"), Elements(((0, None),)), Member("b"))),
        (" $ . a [ 0 ] ", (Member("a"), Elements(((0, 1),)))),
    ],
)
def test_paths_that_clickhouse_takes(text: str, steps: tuple[object, ...]) -> None:
    assert parse(text) == steps


@pytest.mark.parametrize(
    "text",
    ["", "a", ".a", "$a", "$.", "$..a", "$.*", "$.a-b", "$.é", "$.@", '$.""', '$."a', "$[", "$[]", "$[-1]", "$[a b]",
     "$[3 to 1]", "$[1 to 1]", "$[0", "$['a", "$[?(@.a)]", "$.a()", "$.a b", "$[99999999999]"],
)  # fmt: skip
def test_paths_that_clickhouse_refuses(text: str) -> None:
    assert not is_valid(text)
