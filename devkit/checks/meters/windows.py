"""Windows of a meter query: their bounds in UTC and in zones that change their clocks."""

from devkit.checks.registry import check
from devkit.checks.rows import JANUARY, day, expect_rows, row, use
from devkit.checks.scene import Scene

BUDAPEST = {"windowTimeZone": "Europe/Budapest"}


@check("MINUTE, HOUR, DAY and MONTH windows, only where there is usage", operations=("queryMeter",))
def windows_in_utc(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    times = [day(10, "08:00:00"), day(10, "08:00:59"), day(10, "08:01:00"), day(10, "09:30:00"), day(12, "23:59:59")]
    use(scene, event_type, *[(time, alice, {"value": 2**n}) for n, time in enumerate(times)])
    expected = {
        "MINUTE": [
            row(3, day(10, "08:00:00"), day(10, "08:01:00")),
            row(4, day(10, "08:01:00"), day(10, "08:02:00")),
            row(8, day(10, "09:30:00"), day(10, "09:31:00")),
            row(16, day(12, "23:59:00"), day(13)),
        ],
        "HOUR": [
            row(7, day(10, "08:00:00"), day(10, "09:00:00")),
            row(8, day(10, "09:00:00"), day(10, "10:00:00")),
            row(16, day(12, "23:00:00"), day(13)),
        ],
        "DAY": [row(15, day(10), day(11)), row(16, day(12), day(13))],
        "MONTH": [row(31)],
    }
    for size, rows in expected.items():
        expect_rows(f"{size} windows", scene.call("queryMeter", slug, query=JANUARY | {"windowSize": size}), *rows)
    cut = {"from": day(10, "08:00:30"), "to": day(12), "windowSize": "DAY"}
    expect_rows("a window that the range cuts", scene.call("queryMeter", slug, query=cut), row(14, day(10), day(11)))


@check("days of 23 and 25 hours where the clocks change", operations=("queryMeter", "queryMeterPost"))
def days_where_clocks_change(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    spring = ["2024-03-30T22:59:59Z", "2024-03-30T23:00:00Z", "2024-03-31T21:59:59Z", "2024-03-31T22:00:00Z"]
    autumn = ["2024-10-26T21:59:59Z", "2024-10-26T22:00:00Z", "2024-10-27T22:59:59Z", "2024-10-27T23:00:00Z"]
    use(scene, event_type, *[(time, alice, {"value": 2**n}) for n, time in enumerate(spring + autumn)])
    asked = {"from": "2024-03-01T00:00:00Z", "to": "2024-11-30T00:00:00Z", **BUDAPEST}
    expect_rows(
        "days in Budapest",
        scene.call("queryMeter", slug, query=asked | {"windowSize": "DAY"}),
        row(1, "2024-03-30T00:00:00+01:00", "2024-03-31T00:00:00+01:00"),
        row(6, "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        row(8, "2024-04-01T00:00:00+02:00", "2024-04-02T00:00:00+02:00"),
        row(16, "2024-10-26T00:00:00+02:00", "2024-10-27T00:00:00+02:00"),
        row(96, "2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00"),
        row(128, "2024-10-28T00:00:00+01:00", "2024-10-29T00:00:00+01:00"),
    )
    expect_rows(
        "months in Budapest",
        scene.call("queryMeterPost", slug, body=asked | {"windowSize": "MONTH"}),
        row(7, "2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        row(8, "2024-04-01T00:00:00+02:00", "2024-05-01T00:00:00+02:00"),
        row(240, "2024-10-01T00:00:00+02:00", "2024-11-01T00:00:00+01:00"),
    )


@check("the hour that is skipped and the hour that comes twice", operations=("queryMeter",))
def hours_where_clocks_change(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    times = ["2024-03-31T00:30:00Z", "2024-03-31T01:30:00Z", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"]
    use(scene, event_type, *[(time, alice, {"value": 2**n}) for n, time in enumerate(times)])
    expect_rows(
        "hours in Budapest",
        scene.call("queryMeter", slug, query={"windowSize": "HOUR", **BUDAPEST}),
        row(1, "2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00"),
        row(2, "2024-03-31T03:00:00+02:00", "2024-03-31T04:00:00+02:00"),
        row(4, "2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00"),
        row(8, "2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00"),
    )
    kathmandu = scene.call("queryMeter", slug, query={"windowSize": "DAY", "windowTimeZone": "Asia/Kathmandu"})
    expect_rows(
        "days in Kathmandu, 5:45 ahead",
        kathmandu,
        row(3, "2024-03-31T00:00:00+05:45", "2024-04-01T00:00:00+05:45"),
        row(12, "2024-10-27T00:00:00+05:45", "2024-10-28T00:00:00+05:45"),
    )
