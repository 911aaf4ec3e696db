"""Checks of the tag Portal. They need portal.enabled."""

from typing import Any

from devkit.checks import expect
from devkit.checks.registry import check
from devkit.checks.rows import JANUARY, day, expect_rows, row, use
from devkit.checks.scene import Scene

STRANGE_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlIG9mIGFub3RoZXIgc2VjcmV0"  # noqa: S105 - signed by nobody


@check("a token shows its subject's usage and nobody else's", operations=("createPortalToken", "queryPortalMeter"))
def token_shows_its_subject(scene: Scene) -> None:
    _need_portal(scene)
    event_type, alice, bob = scene.name("request"), scene.name("alice"), scene.name("bob")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.v", groupBy={"model": "$.model"})
    usage: list[tuple[str, str, dict[str, Any]]] = [
        (day(10, "08:00:00"), alice, {"v": 1, "model": "gpt-4"}),
        (day(11, "08:00:00"), alice, {"v": 2, "model": "gpt-3"}),
        (day(12, "08:00:00"), bob, {"v": 4, "model": "gpt-4"}),
    ]
    use(scene, event_type, *usage)
    created = scene.call("createPortalToken", body={"subject": alice}).body
    expect.contains("the token", created, {"subject": alice, "allowedMeterSlugs": []})
    headers = _bearer(expect.field("the token", created, "token"))

    def ask(query: dict[str, Any]) -> Any:
        return scene.call("queryPortalMeter", slug, query=query, headers=headers)

    expect_rows("of alice", ask(JANUARY), row(3, subject=alice))
    expect_rows("of alice, asking for bob", ask(JANUARY | {"subject": bob}), row(3, subject=alice))
    expect_rows("of alice, filtered", ask(JANUARY | {"filterGroupBy[model]": "gpt-4"}), row(1, subject=alice))
    first, second = row(1, day(10), day(11), subject=alice), row(2, day(11), day(12), subject=alice)
    expect_rows("of alice by day", ask(JANUARY | {"windowSize": "DAY"}), first, second)
    csv = scene.call("queryPortalMeter", slug, query=JANUARY, headers=headers | {"Accept": "text/csv"})
    expect.equal("the CSV's header", csv.text.partition("\n")[0], "window_start,window_end,subject,value")
    wrong = "validation error: invalid group by: color"
    scene.refused("queryPortalMeter", slug, query={"groupBy": "color"}, headers=headers, status=400, detail=wrong)


@check("a portal query without a good token is refused", operations=("queryPortalMeter",))
def query_needs_a_token(scene: Scene) -> None:
    _need_portal(scene)
    slug = scene.meter("count", "COUNT", event_type=scene.name("request"))
    token = scene.setup("createPortalToken", body={"subject": scene.name("alice")})["token"]
    good = scene.call("queryPortalMeter", slug, headers=_bearer(token))
    expect.equal("the usage of a subject without events", good.body, {"data": []})
    invalid = "invalid token: cannot parse claims: "
    refusals: list[tuple[dict[str, str], str]] = [
        ({}, "missing authorization header"),
        ({"Authorization": f"Basic {token}"}, "invalid authorization header"),
        (_bearer("nonsense"), f"{invalid}token is malformed: token contains an invalid number of segments"),
        (_bearer(STRANGE_TOKEN), f"{invalid}token signature is invalid: signature is invalid"),
    ]
    for headers, detail in refusals:
        scene.refused("queryPortalMeter", slug, headers=headers, status=401, detail=detail)
    missing = scene.slug("missing")
    unknown = f"not found error: meter not found: {missing}"
    scene.refused("queryPortalMeter", missing, headers=_bearer(token), status=404, detail=unknown)


@check("a token may be limited to some meters", operations=("createPortalToken", "queryPortalMeter"))
def token_of_some_meters(scene: Scene) -> None:
    _need_portal(scene)
    alice = scene.name("alice")
    allowed = scene.meter("allowed", "COUNT", event_type=scene.name("request"))
    other = scene.meter("other", "COUNT", event_type=scene.name("request"))
    wanted = {"subject": alice, "allowedMeterSlugs": [allowed], "expiresAt": "2090-01-01T00:00:00Z"}
    created = scene.call("createPortalToken", body=wanted).body
    expect.contains("the token", created, wanted)
    headers = _bearer(expect.field("the token", created, "token"))
    scene.call("queryPortalMeter", allowed, headers=headers)
    scene.refused("queryPortalMeter", other, headers=headers, status=401, detail="meter slug not allowed")

    missing = scene.slug("missing")
    schema = "request body has an error: doesn't match schema #/components/schemas/PortalToken: "
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"allowedMeterSlugs": [missing]}, 404, f"not found error: meter not found: {missing}"),
        (
            {"allowedMeterSlugs": []},
            400,
            "validation error: slug filter cannot be an empty array when provided",
        ),
        (
            {"subject": 5},
            400,
            f'{schema}Error at "/subject": value must be a string',
        ),
    ]
    for change, status, detail in refusals:
        scene.refused("createPortalToken", body={"subject": alice} | change, status=status, detail=detail)


@check(
    "listing and invalidating tokens is not implemented, as in OpenMeter",
    operations=("listPortalTokens", "invalidatePortalTokens"),
)
def tokens_are_not_kept(scene: Scene) -> None:
    _need_portal(scene)
    scene.refused("listPortalTokens", status=501, detail="not implemented error: listing tokens")
    high = 'parameter "limit" in query has an error: number must be at most 100'
    scene.refused("listPortalTokens", query={"limit": 101}, status=400, detail=high)
    body = {"subject": scene.name("alice")}
    none = "not implemented error: invalidate tokens"
    scene.refused("invalidatePortalTokens", body=body, status=501, detail=none)


def _need_portal(scene: Scene) -> None:
    told = scene.setup("listPortalTokens", status=(200, 501))
    if "noop adapter" in str(told):
        scene.skip("the portal is off on this server (portal.enabled)")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
