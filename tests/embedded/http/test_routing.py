"""Finding the operation of a path."""

import pytest

from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route, Router, by_operation


@pytest.fixture
def router() -> Router[str]:
    found: Router[str] = Router()
    for method, path in (
        ("GET", "/a/{x}"),
        ("GET", "/a/b"),
        ("POST", "/a/{y}"),
        ("GET", "/{z}/b/c"),
        ("PUT", "/a/{x}/q/{y}"),
    ):
        found.add(method, path, f"{method} {path}")
    return found


def test_a_literal_segment_wins_over_a_parameter(router: Router[str]) -> None:
    assert router.find("GET", b"/a/b") == ("GET /a/b", {})
    assert router.find("GET", b"/a/c") == ("GET /a/{x}", {"x": b"c"})
    assert router.find("POST", b"/a/b") == ("POST /a/{y}", {"y": b"b"})


def test_a_literal_that_leads_nowhere_is_left_again(router: Router[str]) -> None:
    assert router.find("GET", b"/a/b/c") == ("GET /{z}/b/c", {"z": b"a"})


def test_a_parameter_may_be_empty_inside_a_path_but_not_at_its_end(router: Router[str]) -> None:
    assert router.find("PUT", b"/a//q/1") == ("PUT /a/{x}/q/{y}", {"x": b"", "y": b"1"})
    with pytest.raises(LookupError):
        router.find("GET", b"/a/")


def test_another_method_is_known_from_an_unknown_path(router: Router[str]) -> None:
    assert router.find("DELETE", b"/a/b") is None
    with pytest.raises(LookupError):
        router.find("GET", b"/x/y")


def test_two_rows_for_one_operation_are_a_mistake() -> None:
    def handler(_: Call) -> Reply:
        return Reply(204)

    with pytest.raises(ValueError, match="two routes answer listMeters"):
        by_operation([[Route("listMeters", handler)], [Route("listMeters", handler)]])
