"""Channels."""

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import CHANNELS, NOBODY, SECRET, channel, detail, make_channel, make_rule


def test_a_secret_is_made_where_none_is_given(app: Application) -> None:
    body = channel()
    del body["signingSecret"]
    one, other = (ask(app, "POST", CHANNELS, body).json["signingSecret"] for _ in range(2))
    assert one.startswith("whsec_")
    assert len(one) == len("whsec_") + 44
    assert one != other


def test_an_update_replaces_everything_and_wants_the_secret(app: Application) -> None:
    id_ = make_channel(app, customHeaders={"X-Team": "a"}, metadata={"a": "b"}, disabled=True)
    body = channel(name="Other", metadata={})
    changed = ask(app, "PUT", f"{CHANNELS}/{id_}", body).json
    assert (changed["name"], changed["disabled"], changed["metadata"]) == ("Other", False, {})
    assert "customHeaders" not in changed
    assert ask(app, "GET", f"{CHANNELS}/{id_}").json == changed
    del body["signingSecret"]
    assert detail(ask(app, "PUT", f"{CHANNELS}/{id_}", body)) == (
        400,
        "validation error: secret length must be between 32 to 100 chars without the optional prefix",
    )


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"url": ""}, "missing URL"),
        (
            {"url": "", "signingSecret": "whsec_" + "a" * 33},
            "missing URL\ninvalid signing secret: validation error: invalid base64 string",
        ),
    ],
)
def test_everything_wrong_with_a_body_is_told(app: Application, members: dict[str, str], refused: str) -> None:
    status, told = detail(ask(app, "POST", CHANNELS, channel(**members)))
    assert (status, told) == (400, f"validation error: validation error: {refused}")


@pytest.mark.parametrize(
    "members",
    [
        {"url": "ftp://example.com/hook"},
        {"url": "example.com"},
        {"url": "http://[::1"},
        {"url": "http://exa mple.com"},
        {"url": "http://example.com:port"},
        {"url": "https://"},
        {"customHeaders": {"X-Team": "für"}},
        {"signingSecret": SECRET.removeprefix("whsec_")},
        {"customHeaders": {"Content-Type": "text/plain"}},
        {"customHeaders": {"X Team": "a"}},
        {"customHeaders": {"X-Team": "a\nb"}},
        {"customHeaders": {"svix-id": "mine"}},
    ],
)
def test_what_cannot_be_delivered_to_is_a_failure_and_leaves_no_channel(
    app: Application, members: dict[str, object]
) -> None:
    assert detail(ask(app, "POST", CHANNELS, channel(**members))) == (500, "")
    assert ask(app, "GET", f"{CHANNELS}?includeDisabled=true").json["totalCount"] == 0


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "HTTPS://example.com/a b?c=d#e", "http://[::1]:9/hook", "https://user:pw@host/x"]
)
def test_addresses_of_many_kinds_will_do(app: Application, url: str) -> None:
    made = ask(app, "POST", CHANNELS, channel(url=url))
    assert (made.status, made.json["url"]) == (201, url)


def test_a_channel_that_a_rule_uses_stays(app: Application) -> None:
    id_ = make_channel(app)
    rule_id = make_rule(app, id_, disabled=True)
    place = f"[namespace=default channel.id={id_}]: [{rule_id}]"
    assert detail(ask(app, "DELETE", f"{CHANNELS}/{id_}")) == (
        400,
        f"validation error: failed to delete channel as it is assigned to one or more rules {place}",
    )


def test_a_deleted_channel_can_be_read_and_deleted_but_not_changed(app: Application) -> None:
    id_ = make_channel(app)
    assert [ask(app, "DELETE", f"{CHANNELS}/{id_}").status for _ in range(2)] == [204, 204]
    gone = ask(app, "GET", f"{CHANNELS}/{id_}").json
    assert gone["disabled"]
    assert gone["deletedAt"] == gone["updatedAt"]
    assert detail(ask(app, "PUT", f"{CHANNELS}/{id_}", channel())) == (409, "not allowed to update deleted channel")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_channel(app: Application, method: str) -> None:
    body = channel() if method == "PUT" else None
    refused = f"resource with id {NOBODY} not found in default namespace"
    assert detail(ask(app, method, f"{CHANNELS}/{NOBODY}", body)) == (404, refused)


def test_a_list_shows_the_newest_first_and_disabled_ones_when_asked(app: Application) -> None:
    first, second, third = make_channel(app), make_channel(app, disabled=True), make_channel(app)

    def ids(query: str) -> list[str]:
        return [item["id"] for item in ask(app, "GET", f"{CHANNELS}{query}").json["items"]]

    assert ids("") == [third, first]
    assert ids("?includeDisabled=true") == [third, second, first]
    assert ids("?includeDisabled=true&order=ASC&pageSize=2") == [first, second]
    ask(app, "PUT", f"{CHANNELS}/{first}", channel())
    assert ids("?orderBy=updatedAt") == [first, third]
