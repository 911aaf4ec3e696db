"""Checks of the tag Lookup Information."""

from devkit.checks import expect
from devkit.checks.registry import check
from devkit.checks.scene import Scene

FIRST = ["USD", "EUR", "GBP", "AUD", "CAD", "JPY"]
KNOWN = {
    "USD": {"name": "United States Dollar", "symbol": "$", "subunits": 2},
    "EUR": {"name": "Euro", "symbol": "€", "subunits": 2},
    "JPY": {"name": "Japanese Yen", "symbol": "¥", "subunits": 0},
    "KWD": {"name": "Kuwaiti Dinar", "subunits": 3},
    "HUF": {"name": "Hungarian Forint", "symbol": "Ft", "subunits": 0},
}
FEWEST = 150


@check("the currencies of ISO 4217, the common ones first", operations=("listCurrencies",))
def currencies_are_listed(scene: Scene) -> None:
    listed = scene.call("listCurrencies").body
    codes = expect.fields("the currencies", listed, "code")
    expect.equal("the first codes", codes[: len(FIRST)], FIRST)
    rest = codes[len(FIRST) :]
    expect.equal("the other codes", rest, sorted(set(rest)))
    expect.true(f"there are only {len(codes)} currencies", len(codes) >= FEWEST)
    expect.true("there is BTC, which is no currency of ISO 4217", "BTC" not in codes)
    by_code = dict(zip(codes, listed, strict=True))
    for code, facts in KNOWN.items():
        expect.contains(f"the currency {code}", by_code.get(code), facts)


@check("the progress of an unknown id is not found", operations=("getProgress",))
def progress_of_an_unknown_id(scene: Scene) -> None:
    unknown = scene.name("nothing")
    detail = f"not found error: progress not found for id: {unknown}"
    scene.refused("getProgress", unknown, status=404, detail=detail)


@check("a query's clientId changes nothing but its progress", operations=("getProgress", "queryMeter"))
def progress_of_a_query(scene: Scene) -> None:
    slug = scene.meter("count", "COUNT", event_type=scene.name("request"))
    client = scene.name("q")
    with_id = scene.call("queryMeter", slug, query={"clientId": client}).body
    expect.equal("the answer", with_id, scene.call("queryMeter", slug).body)
    answer = scene.either("getProgress", client, statuses=(200, 404))
    if answer.status == 200:
        done, total = (expect.field("the progress", answer.body, name) for name in ("success", "total"))
        expect.true(f"{done} of {total} rows were read", done <= total)
    else:
        expected = f"not found error: progress not found for id: {client}"
        expect.equal("the refusal of getProgress: detail", answer.body.get("detail"), expected)
