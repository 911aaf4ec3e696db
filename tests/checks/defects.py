"""Defects, and the checks that must notice each. Together they catch every check that there is."""

from dataclasses import dataclass, replace

from tests.checks import lies
from tests.checks.lying_proxy import Lie, Said


@dataclass(frozen=True)
class Defect:
    """tags: those whose checks run; noticed: exactly the checks of these tags that fail, without the tag."""

    lie: Lie
    tags: tuple[str, ...]
    noticed: tuple[str, ...] = ()


NO_CONTENT = Said(204, {}, b"")
DEFECTS: dict[str, Defect] = {
    "values are one too high": Defect(
        lies.rows(lambda row: row | {"value": row["value"] + 1}), ("meters", "portal", "lookup_information")
    ),
    "rows have no groupBy": Defect(lies.rows(lies.without("groupBy")), ("meters", "portal")),
    "rows of a subject name another": Defect(
        lies.rows(lambda row: row | {"subject": row["subject"] and "someone"}), ("meters", "portal")
    ),
    "windows start an hour late": Defect(lies.rows(lies.an_hour_later), ("meters",)),
    "windows are labelled UTC": Defect(lies.rows(lies.in_utc), ("meters",)),
    "the zone is ignored": Defect(lies.asking(("queryMeter",), "windowTimeZone"), ("meters", "portal")),
    "group filters are ignored": Defect(
        lies.asking(lies.QUERIES, "filterGroupBy[model]", "advancedMeterGroupByFilters"),
        ("meters", "portal"),
    ),
    "windows come last first": Defect(
        lies.altered(lies.QUERIES, lambda answer: answer | {"data": answer["data"][::-1]}), ("meters",)
    ),
    "rows come twice": Defect(
        lies.altered(lies.QUERIES, lambda answer: answer | {"data": answer["data"] * 2}), ("meters", "portal")
    ),
    "CSV has two decimals": Defect(lies.text("queryMeter", lambda csv: csv.replace("0000\n", "\n")), ("meters",)),
    "the subjects of a meter are unordered": Defect(
        lies.altered(("listMeterSubjects",), lambda subjects: subjects[::-1]), ("meters",)
    ),
    "group-by values miss one": Defect(lies.altered(("listMeterGroupByValues",), lambda found: found[1:]), ("meters",)),
    "a created meter answers 201": Defect(lies.told("createMeter", 200, 201), ("meters",)),
    "a conflict answers 400": Defect(lies.told("createMeter", 409, 400), ("meters",)),
    "meters have no slug": Defect(lies.altered(("getMeter",), lies.without("slug")), ("meters",)),
    "an update keeps the name": Defect(
        lies.altered(("updateMeter",), lambda meter: meter | {"name": "Tokens"}), ("meters",)
    ),
    "a feature protects no meter": Defect(
        lies.refusals(("deleteMeter",), lambda said: NO_CONTENT if said.status == 409 else said), ("meters",)
    ),
    "deleting deletes nothing": Defect(
        lies.always(("deleteMeter", "deleteSubject"), NO_CONTENT), ("meters", "subjects")
    ),
    "the list of meters ignores the order": Defect(lies.asking(("listMeters",), "order"), ("meters",)),
    "refusals are plain JSON": Defect(
        lies.refusals(
            ("createMeter", "queryPortalMeter", "getSubject", "getProgress"),
            lambda said: replace(said, headers={"content-type": "application/json"}),
        ),
        ("meters", "portal", "subjects", "lookup_information"),
    ),
    "refusals have other words": Defect(
        lies.refusals(("listEvents", "listEventsV2", "ingestEvents", "upsertSubject", "queryMeterPost"), lies.shouting),
        ("events", "subjects", "meters"),
    ),
    "refusals have another title": Defect(
        lies.problems(("listEvents", "listPortalTokens"), lambda problem: problem | {"title": "Error"}),
        ("events", "portal"),
    ),
    "the last event of a batch is lost": Defect(
        lies.sending(("ingestEvents",), lies.loses_the_last_of_a_batch), ("events", "debug")
    ),
    "duplicates are stored": Defect(lies.never_the_same_source(), ("events",)),
    "events are listed twice": Defect(lies.listed(lambda items: [one for one in items for _ in (1, 2)]), ("events",)),
    "events are listed oldest first": Defect(lies.listed(lambda items: items[::-1]), ("events",)),
    "events carry no data": Defect(
        lies.listed(lambda items: [one | {"event": lies.without("data")(one["event"])} for one in items]), ("events",)
    ),
    "events have the time of another day": Defect(
        lies.listed(lambda items: [one | {"event": one["event"] | {"time": "2024-01-01T00:00:00Z"}} for one in items]),
        ("events",),
    ),
    "cursors never end": Defect(
        lies.altered(("listEventsV2",), lambda page: {"nextCursor": "MjAyMC0wMS0wMVQwMDowMDowMFosWg=="} | page),
        ("events",),
    ),
    "the v1 list ignores its range": Defect(lies.asking(("listEvents",), "from", "to"), ("events",)),
    "validation errors are not told": Defect(
        lies.listed(lambda items: [lies.without("validationError")(one) for one in items]), ("events",)
    ),
    "every event is accepted": Defect(lies.refusals(("ingestEvents",), lambda _: NO_CONTENT), ("events",)),
    "a bad batch is stored in part": Defect(lies.stores_the_good_of_a_bad_batch, ("events",)),
    "late events are moved to today": Defect(
        lies.sending(
            ("ingestEvents",),
            lambda body: (
                [lies.without("time")(one) if one.get("time", "") < "2024" else one for one in body]
                if isinstance(body, list)
                else body
            ),
        ),
        ("events",),
    ),
    "subjects lose their metadata": Defect(
        lies.altered(("upsertSubject",), lambda found: [one | {"metadata": {}} for one in found]), ("subjects",)
    ),
    "subjects are listed last first": Defect(lies.altered(("listSubjects",), lambda found: found[::-1]), ("subjects",)),
    "any token opens the portal": Defect(
        lies.refusals(
            ("queryPortalMeter",), lambda said: Said(200, {"content-type": "application/json"}, b'{"data":[]}')
        ),
        ("portal",),
    ),
    "tokens allow every meter": Defect(
        lies.sending(("createPortalToken",), lies.without("allowedMeterSlugs")), ("portal",)
    ),
    "tokens can be listed": Defect(
        lies.always(("listPortalTokens",), Said(200, {"content-type": "application/json"}, b"[]")), ("portal",)
    ),
    "the counter is one too high": Defect(
        lies.text("getDebugMetrics", lambda said: said.replace("} 3.0", "} 4.0")), ("debug",)
    ),
    "the metrics have no header": Defect(
        lies.text("getDebugMetrics", lambda said: said.partition("events events\n")[2]), ("debug",)
    ),
    "there is no euro": Defect(
        lies.altered(("listCurrencies",), lambda found: [one for one in found if one["code"] != "EUR"]),
        ("lookup_information",),
    ),
    "the yen has cents": Defect(
        lies.altered(("listCurrencies",), lambda found: [one | {"subunits": one["subunits"] or 2} for one in found]),
        ("lookup_information",),
    ),
    "any progress is done": Defect(
        lies.refusals(
            ("getProgress",),
            lambda _: Said(
                200,
                {"content-type": "application/json"},
                b'{"success":2,"failed":0,"total":1,"updatedAt":"2024-01-01T00:00:00Z"}',
            ),
        ),
        ("lookup_information",),
    ),
}
