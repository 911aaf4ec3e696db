"""Sources of events, as Go's net/url prints them after parsing (the expected texts come from Go)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.uri_reference import normalise


@pytest.mark.parametrize(
    ("given_text", "normalised"),
    [
        ("api-gateway", "api-gateway"),
        ("has space", "has%20space"),
        (" ", "%20"),
        ("/path?x=1#y", "/path?x=1#y"),
        ("https://example.com/ü", "https://example.com/%C3%BC"),
        ("HTTP://Host/%7euser", "http://Host/%7euser"),
        ("urn:svc:a b", "urn:svc:a b"),
        ("mailto:a@b", "mailto:a@b"),
        ("a:b", "a:b"),
        ("a?b c", "a?b c"),
        ("a?", "a?"),
        ("a#", "a"),
        ("#", ""),
        ("a#b c", "a#b%20c"),
        ("//host/p", "//host/p"),
        ("///p", "///p"),
        ("http:///p", "http:///p"),
        ("http://", "http:"),
        ("http://u:p@h:80/x", "http://u:p@h:80/x"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("a/b:c", "a/b:c"),
        ("a%3Ab", "a%3Ab"),
        ('"^`{|}', "%22%5E%60%7B%7C%7D"),
        ("*", "*"),
    ],
)
def test_references_are_percent_encoded_as_go_does_it(given_text: str, normalised: str) -> None:
    assert normalise(given_text) == normalised


@pytest.mark.parametrize(
    "text", ["%zz", "%", ":a", "1:2", "a\x00", "http://h:x/", "http://[::1/", "http://a b/", "http://%41/", "//[x]"]
)
def test_what_go_cannot_parse_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        normalise(text)


@given(st.text(max_size=12))
def test_a_normalised_path_stays_as_it_is(text: str) -> None:
    path = "/" + "".join(letter for letter in text if letter not in "#?/%" and letter.isprintable())
    assert normalise(normalise(path)) == normalise(path)
