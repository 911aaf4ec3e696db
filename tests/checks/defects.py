"""Defects, and the checks that must notice each. Together they catch every check that there is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from devkit.checks.registry import checks_of
from tests.checks import lies
from tests.checks.lying_proxy import Lie, Said


@dataclass(frozen=True)
class Defect:
    """noticed: for each tag whose checks run, exactly those that fail, without the tag; perhaps none."""

    lie: Lie
    noticed: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return sorted(f"{tag}/{name}" for tag, names in self.noticed.items() for name in names.split())


NO_CONTENT = Said(204, {}, b"")
JSON = {"content-type": "application/json"}
DONE = b'{"success":2,"failed":0,"total":1,"updatedAt":"2024-01-01T00:00:00Z"}'
EVERY_METER_CHECK = " ".join(check.name.partition("/")[2] for check in checks_of(["meters"]))
ROW_CHECKS = (
    "days-where-clocks-change event-from-is-a-lower-bound every-aggregation filtered-usage grouped-usage "
    "hours-where-clocks-change nothing-to-count range-of-a-query usage-of-a-customer windows-in-utc"
)
LIST_CHECKS = "batches-are-stored cursors-lead-through-all v1-list-filters v2-list-filters validation-errors-are-told"

DEFECTS: dict[str, Defect] = {
    "values are one too high": Defect(
        lies.rows(lambda row: row | {"value": row["value"] + 1}),
        {"meters": ROW_CHECKS, "portal": "token-shows-its-subject", "lookup_information": ""},
    ),
    "rows have no groupBy": Defect(
        lies.rows(lies.without("groupBy")),
        {"meters": ROW_CHECKS + " post-equals-get senseless-queries-are-refused", "portal": "token-shows-its-subject"},
    ),
    "rows of a subject name another": Defect(
        lies.rows(lambda row: row | {"subject": row["subject"] and "someone"}),
        {"meters": "grouped-usage usage-of-a-customer", "portal": "token-shows-its-subject"},
    ),
    "windows start an hour late": Defect(lies.rows(lies.an_hour_later), {"meters": ROW_CHECKS}),
    "windows are labelled UTC": Defect(
        lies.rows(lies.in_utc), {"meters": "days-where-clocks-change hours-where-clocks-change range-of-a-query"}
    ),
    "the zone is ignored": Defect(
        lies.asking(("queryMeter",), "windowTimeZone"),
        {
            "meters": "days-where-clocks-change hours-where-clocks-change "
            "post-equals-get senseless-queries-are-refused",
            "portal": "",
        },
    ),
    "group filters are ignored": Defect(
        lies.asking(lies.QUERIES, "filterGroupBy[model]", "advancedMeterGroupByFilters"),
        {"meters": "filtered-usage", "portal": "token-shows-its-subject"},
    ),
    "windows come last first": Defect(
        lies.altered(lies.QUERIES, lambda answer: answer | {"data": answer["data"][::-1]}),
        {"meters": "days-where-clocks-change hours-where-clocks-change post-equals-get windows-in-utc"},
    ),
    "rows come twice": Defect(
        lies.altered(lies.QUERIES, lambda answer: answer | {"data": answer["data"] * 2}),
        {"meters": ROW_CHECKS + " post-equals-get", "portal": "token-shows-its-subject"},
    ),
    "CSV has two decimals": Defect(
        lies.text("queryMeter", lambda csv: csv.replace("0000\n", "\n")), {"meters": "usage-as-csv"}
    ),
    "the subjects of a meter are unordered": Defect(
        lies.altered(("listMeterSubjects",), lambda subjects: subjects[::-1]), {"meters": "subjects-of-a-meter"}
    ),
    "group-by values miss one": Defect(
        lies.altered(("listMeterGroupByValues",), lambda found: found[1:]), {"meters": "values-of-a-group-by"}
    ),
    "a created meter answers 201": Defect(lies.told("createMeter", 200, 201), {"meters": EVERY_METER_CHECK}),
    "a conflict answers 400": Defect(
        lies.told("createMeter", 409, 400), {"meters": "impossible-definitions-are-refused"}
    ),
    "meters have no slug": Defect(
        lies.altered(("getMeter",), lies.without("slug")),
        {"meters": "created-meter-reads-back deleted-meter-frees-its-slug update-replaces-what-can-change"},
    ),
    "an update keeps the name": Defect(
        lies.altered(("updateMeter",), lambda meter: meter | {"name": "Tokens"}),
        {"meters": "update-replaces-what-can-change"},
    ),
    "a feature protects no meter": Defect(
        lies.refusals(("deleteMeter",), lambda said: NO_CONTENT if said.status == 409 else said),
        {"meters": "meter-in-use-is-protected"},
    ),
    "deleting deletes nothing": Defect(
        lies.always(("deleteMeter", "deleteSubject"), NO_CONTENT),
        {
            "meters": "deleted-meter-frees-its-slug meter-in-use-is-protected meters-are-listed",
            "subjects": "deleted-subject-frees-its-key subjects-are-listed",
        },
    ),
    "the list of meters ignores the order": Defect(
        lies.asking(("listMeters",), "order"), {"meters": "meters-are-listed"}
    ),
    "refusals are plain JSON": Defect(
        lies.refusals(
            ("createMeter", "queryPortalMeter", "getSubject", "getProgress"),
            lambda said: replace(said, headers=JSON),
        ),
        {
            "meters": "impossible-definitions-are-refused",
            "portal": "query-needs-a-token token-of-some-meters token-shows-its-subject",
            "subjects": "deleted-subject-frees-its-key impossible-subjects-are-refused upsert-creates-and-changes",
            "lookup_information": "progress-of-a-query progress-of-an-unknown-id",
        },
    ),
    "refusals have other words": Defect(
        lies.refusals(("listEvents", "listEventsV2", "ingestEvents", "upsertSubject", "queryMeterPost"), lies.shouting),
        {
            "events": "bad-event-refuses-its-batch batches-are-stored malformed-events-are-refused "
            "v1-list-refuses v2-list-refuses",
            "subjects": "impossible-subjects-are-refused",
            "meters": "senseless-queries-are-refused usage-of-a-customer",
        },
    ),
    "refusals have another title": Defect(
        lies.problems(("listEvents", "listPortalTokens"), lambda problem: problem | {"title": "Error"}),
        {"events": "v1-list-refuses", "portal": "tokens-are-not-kept"},
    ),
    "the last event of a batch is lost": Defect(
        lies.sending(("ingestEvents",), lies.loses_the_last_of_a_batch),
        {
            "events": LIST_CHECKS,
            "debug": "metrics-count-todays-events",
        },
    ),
    "duplicates are stored": Defect(
        lies.never_the_same_source(), {"events": "duplicates-are-dropped one-event-is-stored"}
    ),
    "events are listed twice": Defect(
        lies.listed(lambda items: [one for one in items for _ in (1, 2)]),
        {
            "events": LIST_CHECKS
            + " bad-event-refuses-its-batch duplicates-are-dropped late-and-future-events-count one-event-is-stored"
        },
    ),
    "events are listed oldest first": Defect(
        lies.listed(lambda items: items[::-1]),
        {"events": LIST_CHECKS + " duplicates-are-dropped"},
    ),
    "events carry no data": Defect(
        lies.listed(lambda items: [one | {"event": lies.without("data")(one["event"])} for one in items]),
        {"events": "batches-are-stored duplicates-are-dropped one-event-is-stored"},
    ),
    "events have the time of another day": Defect(
        lies.listed(lambda items: [one | {"event": one["event"] | {"time": "2024-01-01T00:00:00Z"}} for one in items]),
        {"events": "missing-time-is-now one-event-is-stored"},
    ),
    "cursors never end": Defect(
        lies.altered(("listEventsV2",), lambda page: {"nextCursor": "MjAyMC0wMS0wMVQwMDowMDowMFosWg=="} | page),
        {"events": "cursors-lead-through-all v2-list-refuses"},
    ),
    "the v1 list ignores its range": Defect(
        lies.asking(("listEvents",), "from", "to"), {"events": "v1-list-filters v1-list-refuses"}
    ),
    "validation errors are not told": Defect(
        lies.listed(lambda items: [lies.without("validationError")(one) for one in items]),
        {"events": "validation-errors-are-told"},
    ),
    "every event is accepted": Defect(
        lies.refusals(("ingestEvents",), lambda _: NO_CONTENT),
        {"events": "bad-event-refuses-its-batch batches-are-stored malformed-events-are-refused"},
    ),
    "a bad batch is stored in part": Defect(
        lies.stores_the_good_of_a_bad_batch, {"events": "bad-event-refuses-its-batch"}
    ),
    "late events are moved to today": Defect(
        lies.sending(
            ("ingestEvents",),
            lambda body: (
                [lies.without("time")(one) if one.get("time", "") < "2024" else one for one in body]
                if isinstance(body, list)
                else body
            ),
        ),
        {"events": "late-and-future-events-count"},
    ),
    "subjects lose their metadata": Defect(
        lies.altered(("upsertSubject",), lambda found: [one | {"metadata": {}} for one in found]),
        {"subjects": "upsert-creates-and-changes"},
    ),
    "subjects are listed last first": Defect(
        lies.altered(("listSubjects",), lambda found: found[::-1]), {"subjects": "subjects-are-listed"}
    ),
    "any token opens the portal": Defect(
        lies.refusals(("queryPortalMeter",), lambda said: Said(200, JSON, b'{"data":[]}')),
        {"portal": "query-needs-a-token token-of-some-meters token-shows-its-subject"},
    ),
    "tokens allow every meter": Defect(
        lies.sending(("createPortalToken",), lies.without("allowedMeterSlugs")), {"portal": "token-of-some-meters"}
    ),
    "tokens can be listed": Defect(
        lies.always(("listPortalTokens",), Said(200, JSON, b"[]")), {"portal": "tokens-are-not-kept"}
    ),
    "the counter is one too high": Defect(
        lies.text("getDebugMetrics", lambda said: said.replace("} 3.0", "} 4.0")),
        {"debug": "metrics-count-todays-events"},
    ),
    "the metrics have no header": Defect(
        lies.text("getDebugMetrics", lambda said: said.partition("events events\n")[2]),
        {"debug": "metrics-count-todays-events"},
    ),
    "there is no euro": Defect(
        lies.altered(("listCurrencies",), lambda found: [one for one in found if one["code"] != "EUR"]),
        {"lookup_information": "currencies-are-listed"},
    ),
    "the yen has cents": Defect(
        lies.altered(("listCurrencies",), lambda found: [one | {"subunits": one["subunits"] or 2} for one in found]),
        {"lookup_information": "currencies-are-listed"},
    ),
    "any progress is done": Defect(
        lies.refusals(("getProgress",), lambda _: Said(200, JSON, DONE)),
        {"lookup_information": "progress-of-a-query progress-of-an-unknown-id"},
    ),
    "features lose their filters": Defect(
        lies.altered(("createFeature",), lies.without("advancedMeterGroupByFilters")),
        {"product_catalog": "created-feature-reads-back features-are-listed"},
    ),
    "features in use are archived": Defect(
        lies.refusals(("deleteFeature",), lambda _: NO_CONTENT), {"product_catalog": "archived-feature-frees-its-key"}
    ),
    "what is published stays a draft": Defect(
        lies.altered(("publishPlan", "publishAddon"), lambda made: made | {"status": "draft"}),
        {"product_catalog": "life-of-a-plan life-of-an-addon"},
    ),
    "every version is the first one": Defect(
        lies.altered(("createPlan", "nextPlan", "createAddon"), lambda made: made | {"version": 1}),
        {"product_catalog": "versions-of-a-plan versions-and-lists"},
    ),
    "an update forgets the pro-rating": Defect(
        lies.altered(
            ("updatePlan",), lambda made: made | {"proRatingConfig": {"enabled": False, "mode": "prorate_prices"}}
        ),
        {"product_catalog": "update-of-a-draft"},
    ),
    "prices have two decimals": Defect(
        lies.altered(("createPlan",), lies.priced(lambda price: price | {"amount": "1.00"})),
        {"product_catalog": "life-of-a-plan versions-of-a-plan rate-cards-read-back prices-by-usage"},
    ),
    "warnings of drafts are kept quiet": Defect(
        lies.altered(("createPlan", "createPlanAddon"), lambda made: made | {"validationErrors": None}),
        {"product_catalog": "warnings-and-criticals add-ons-that-do-not-fit"},
    ),
    "add-ons have no limit": Defect(
        lies.sending(("createPlanAddon",), lies.without("maxQuantity")),
        {"product_catalog": "life-of-an-assignment add-ons-that-do-not-fit"},
    ),
    "the catalog is listed oldest first": Defect(
        lies.altered(("listPlans", "listAddons"), lambda page: page | {"items": page["items"][::-1]}),
        {"product_catalog": "plans-are-listed versions-and-lists"},
    ),
    "entitlements come without their grant": Defect(
        lies.sending(lies.ENTITLING, lies.without("issue", "issueAfterReset")),
        {
            "entitlements": "access-of-a-customer history-of-an-entitlement "
            "life-of-a-customers-entitlement life-of-a-subjects-entitlement "
            "override-of-a-subjects-entitlement reset-of-an-entitlement "
            "value-of-an-entitlement"
        },
    ),
    "conflicts do not name the other entitlement": Defect(
        lies.problems(("createEntitlement",), lies.without("extensions")),
        {"entitlements": "life-of-a-subjects-entitlement"},
    ),
    "balances are one too low": Defect(
        lies.altered(
            lies.VALUES, lambda value: value | {"balance": value["balance"] - 1} if value.get("balance") else value
        ),
        {
            "entitlements": "grants-of-a-customer grants-of-a-subject override-of-a-subjects-entitlement "
            "reset-of-an-entitlement value-of-an-entitlement voided-grant-stays-listed"
        },
    ),
    "everything may be used": Defect(
        lies.altered(
            ("getCustomerAccess",),
            lambda access: {
                "entitlements": {key: one | {"hasAccess": True} for key, one in access["entitlements"].items()}
            },
        ),
        {"entitlements": "access-of-a-customer"},
    ),
    "configurations are text as it came": Defect(
        lies.altered(("createEntitlement",), lambda made: made | ({"config": "{}"} if "config" in made else {})),
        {"entitlements": "entitlements-without-usage"},
    ),
    "the history misses its last hour": Defect(
        lies.altered(("getEntitlementHistory",), lambda said: said | {"windowedHistory": said["windowedHistory"][:-1]}),
        {"entitlements": "history-of-an-entitlement"},
    ),
    "resets reset nothing": Defect(
        lies.always(("resetEntitlementUsage", "resetCustomerEntitlementUsageV2"), NO_CONTENT),
        {"entitlements": "reset-of-an-entitlement"},
    ),
    "grants never end": Defect(
        lies.altered(("createGrant",), lies.without("expiresAt")), {"entitlements": "grants-of-a-subject"}
    ),
    "grants do not recur": Defect(
        lies.sending(("createCustomerEntitlementGrantV2",), lies.without("recurrence")),
        {"entitlements": "grants-of-a-customer"},
    ),
    "grants cannot be voided": Defect(
        lies.always(("voidGrant",), NO_CONTENT), {"entitlements": "voided-grant-stays-listed"}
    ),
    "the lists of entitlements ignore the feature": Defect(
        lies.asking(("listEntitlements", "listEntitlementsV2"), "feature"), {"entitlements": "entitlements-are-listed"}
    ),
    "deleted entitlements stay": Defect(
        lies.always(("deleteEntitlement",), NO_CONTENT),
        {"entitlements": "entitlements-are-listed life-of-a-subjects-entitlement"},
    ),
    "an override loses its grants": Defect(
        lies.sending(("overrideCustomerEntitlementV2",), lies.without("grants")),
        {"entitlements": "override-of-a-customers-entitlement"},
    ),
    "customers lose their address": Defect(
        lies.sending(("createCustomer",), lies.without("billingAddress")),
        {"customers": "created-customer-reads-back update-replaces-a-customer"},
    ),
    "subjects belong to anyone": Defect(
        lies.refusals(("createCustomer",), lambda said: replace(said, status=400) if said.status == 409 else said),
        {"customers": "customers-do-not-collide"},
    ),
    "an update forgets the currency": Defect(
        lies.altered(("updateCustomer",), lies.without("currency")), {"customers": "update-replaces-a-customer"}
    ),
    "deleted customers stay": Defect(
        lies.altered(("getCustomer",), lies.without("deletedAt")), {"customers": "deleted-customer-frees-its-key"}
    ),
    "the list of customers ignores the subject": Defect(
        lies.asking(("listCustomers",), "subject"), {"customers": "customers-are-listed"}
    ),
    "the subscriptions of a customer are of any status": Defect(
        lies.asking(("listCustomerSubscriptions",), "status"), {"customers": "subscriptions-of-a-customer"}
    ),
    "any app is there": Defect(
        lies.refusals(("upsertCustomerAppData", "deleteCustomerAppData"), lambda said: NO_CONTENT),
        {"customers": "app-data-of-a-customer"},
    ),
    "Stripe is not missed": Defect(
        lies.refusals(("upsertCustomerStripeAppData",), lambda said: Said(200, JSON, b"{}")),
        {"customers": "nothing-of-stripe"},
    ),
    "canceled subscriptions run on": Defect(
        lies.altered(("cancelSubscription",), lies.without("activeTo")),
        {"subscriptions": "canceled-subscription-is-continued"},
    ),
    "a customer has as many subscriptions as it likes": Defect(
        lies.refusals(("createSubscription",), lambda said: replace(said, status=201) if said.status == 409 else said),
        {"subscriptions": "subscription-to-a-plan"},
    ),
    "subscriptions begin at once": Defect(
        lies.sending(("createSubscription",), lies.without("timing")),
        {"subscriptions": "scheduled-subscription-is-deleted"},
    ),
    "only the first edit is made": Defect(
        lies.sending(("editSubscription",), lambda body: body | {"customizations": body["customizations"][:1]}),
        {"subscriptions": "items-are-edited phases-are-edited"},
    ),
    "changes are made at once": Defect(
        lies.sending(("changeSubscription",), lambda body: body | {"timing": "immediate"}),
        {"subscriptions": "change-is-taken-back"},
    ),
    "migrations go to any version": Defect(
        lies.sending(("migrateSubscription",), lies.without("targetVersion")),
        {"subscriptions": "migration-to-a-later-version"},
    ),
    "channels lose their headers": Defect(
        lies.sending(("createNotificationChannel",), lies.without("customHeaders")),
        {"notifications": "created-channel-reads-back"},
    ),
    "channels stay where they are": Defect(
        lies.sending(("updateNotificationChannel",), lambda body: body | {"url": "http://127.0.0.1:9/smoke"}),
        {"notifications": "update-replaces-a-channel"},
    ),
    "deleted channels look alive": Defect(
        lies.altered(("getNotificationChannel",), lies.without("deletedAt")),
        {"notifications": "deleted-channel-can-be-read"},
    ),
    "disabled channels are hidden": Defect(
        lies.asking(("listNotificationChannels",), "includeDisabled"), {"notifications": "channels-are-listed"}
    ),
    "rules have no channels": Defect(
        lies.altered(("getNotificationRule",), lambda rule: rule | {"channels": []}),
        {"notifications": "created-rule-reads-back"},
    ),
    "rules cannot be disabled": Defect(
        lies.sending(("updateNotificationRule",), lies.without("disabled")),
        {"notifications": "update-replaces-a-rule"},
    ),
    "deleted rules look alive": Defect(
        lies.altered(("getNotificationRule",), lies.without("deletedAt")),
        {"notifications": "deleted-rule-can-be-read"},
    ),
    "disabled rules are hidden": Defect(
        lies.asking(("listNotificationRules",), "includeDisabled"), {"notifications": "rules-are-listed"}
    ),
    "test events look like real ones": Defect(
        lies.altered(("testNotificationRule",), lies.without("annotations")),
        {"notifications": "test-of-a-rule-makes-an-event"},
    ),
    "nothing is ever sent": Defect(
        lies.altered(("getNotificationEvent",), lies.pending),
        {"notifications": "event-is-sent-once-more test-of-a-rule-makes-an-event"},
    ),
    "nothing is sent twice": Defect(
        lies.always(("resendNotificationEvent",), Said(202, {}, b"")),
        {"notifications": "event-is-sent-once-more"},
    ),
    "events of all channels are listed": Defect(
        lies.asking(("listNotificationEvents",), "channel"), {"notifications": "events-are-listed"}
    ),
    "events of all subjects are listed": Defect(
        lies.asking(("listNotificationEvents",), "subject"),
        {"notifications": "events-are-listed usage-crosses-a-threshold"},
    ),
    "add-ons come once": Defect(
        lies.sending(("createSubscriptionAddon",), lambda body: body | {"quantity": 1}),
        {"subscriptions": "addon-of-a-subscription"},
    ),
    "profiles forget how they collect": Defect(
        lies.sending(("createBillingProfile",), lambda body: body | {"workflow": {}}),
        {
            "billing": "invoice-advances invoice-is-edited-and-paid life-of-a-profile "
            "draft-is-deleted overrides-of-a-customer usage-is-collected"
        },
    ),
    "overrides pin to the default profile": Defect(
        lies.sending(("upsertBillingProfileCustomerOverride",), lambda body: {}),
        {
            "billing": "invoice-advances invoice-is-edited-and-paid "
            "draft-is-deleted overrides-of-a-customer payment-is-retried usage-is-collected"
        },
    ),
    "gathering invoices cost nothing": Defect(
        lies.altered(("getInvoice",), lambda one: one | {"totals": one["totals"] | {"amount": "0", "total": "0"}}),
        {"billing": "pending-lines-are-gathered"},
    ),
    "simulations forget quantities": Defect(
        lies.sending(
            ("simulateInvoice",),
            lambda body: body | {"lines": [line | {"quantity": "1"} for line in body["lines"]]},
        ),
        {"billing": "simulated-invoice"},
    ),
    "usage that comes later is not billed": Defect(
        lies.altered(
            ("snapshotQuantitiesInvoiceAction",), lambda one: one | {"totals": one["totals"] | {"total": "6"}}
        ),
        {"billing": "usage-is-collected"},
    ),
    "drafts wait for ever": Defect(
        lies.altered(("getInvoice",), lambda one: one | {"status": "draft"}), {"billing": "invoice-advances"}
    ),
    "approved invoices are not paid": Defect(
        lies.altered(("approveInvoiceAction",), lambda one: one | {"status": "issued"}),
        {"billing": "invoice-is-edited-and-paid"},
    ),
    "nothing is tried again": Defect(
        lies.altered(
            ("retryInvoiceAction",),
            lambda one: one | {"statusDetails": one["statusDetails"] | {"extendedStatus": "payment_processing.failed"}},
        ),
        {"billing": "payment-is-retried"},
    ),
    "deleted drafts look alive": Defect(
        lies.altered(("getInvoice",), lies.without("deletedAt")), {"billing": "draft-is-deleted"}
    ),
    "invoices are voided": Defect(
        lies.refusals(("voidInvoiceAction",), lambda said: Said(200, JSON, b"{}")), {"billing": "voiding-and-taxes"}
    ),
    "Stripe is not for sale": Defect(
        lies.altered(
            ("listMarketplaceListings",),
            lambda page: page | {"items": [one for one in page["items"] if one["type"] != "stripe"]},
        ),
        {"apps": "listings"},
    ),
    "apps keep their hooks": Defect(
        lies.sending(("updateApp",), lambda body: body | {"enableDraftSyncHook": False}),
        {
            "apps": "life-of-an-app",
            "app_custom_invoicing": "invoice-goes-through-both-hooks",
        },
    ),
    "Stripe needs no key": Defect(
        lies.refusals(("marketplaceAppAPIKeyInstall",), lambda said: Said(200, JSON, b"{}")),
        {"apps": "other-ways-to-install"},
    ),
    "payments elsewhere never fail": Defect(
        lies.sending(("appCustomInvoicingUpdatePaymentStatus",), lambda body: {"trigger": "paid"}),
        {"app_custom_invoicing": "payment-elsewhere-fails"},
    ),
    "any app takes Stripe's events": Defect(
        lies.refusals(("appStripeWebhook",), lambda said: Said(201, JSON, b"{}")),
        {"app_stripe": "invoice-is-paid-at-stripe nobody-to-talk-to-stripe stripe-app-at-work"},
    ),
    "webhooks of Stripe change nothing": Defect(
        lies.altered(("getInvoice",), lies.unpaid), {"app_stripe": "invoice-is-paid-at-stripe"}
    ),
    "another customer is sent to Stripe": Defect(
        lies.altered(("createStripeCheckoutSession",), lambda made: made | {"stripeCustomerId": "cus_other"}),
        {"app_stripe": "stripe-app-at-work"},
    ),
}
