"""Plausible values for the properties of OpenMeter's API, and which optional ones an example shows.

Candidates are tried in order; the first that the schema allows is taken, so one name serves several schemas. A name
may be qualified by its schema. {now}, {month} and {next month} become times near the present.
"""

from collections.abc import Mapping
from typing import Any

Candidates = Mapping[str, tuple[Any, ...]]

_ULID = "01JZ5M0V9Q4N7X2K8R3T6W1YBC"

BY_NAME: Candidates = {
    # usage
    "slug": ("tokens_total",),
    "MeterCreate.name": ("Tokens total",),
    "MeterUpdate.name": ("Tokens total",),
    "eventType": ("prompt",),
    "aggregation": ("SUM",),
    "valueProperty": ("$.tokens",),
    "groupBy": ({"model": "$.model"}, ["model"]),
    "groupByKey": ("model",),
    "Event.id": ("prompt-0001",),
    "Event.type": ("prompt",),
    "source": ("my-app",),
    "specversion": ("1.0",),
    "subject": ("customer-1", ["customer-1"]),
    "Event.data": ({"tokens": 120, "model": "small"},),
    "windowSize": ("DAY",),
    "allowedMeterSlugs": (["tokens_total"],),
    "meterSlug": ("tokens_total",),
    "meterIdOrSlug": ("tokens_total",),
    "from": ("{month}",),
    "to": ("{next month}",),
    # who
    "name": ("Acme",),
    "key": ("acme",),
    "SubjectUpsert.key": ("customer-1",),
    "subjectIdOrKey": ("customer-1",),
    "subjectKeys": (["customer-1"],),
    "customerKey": ("acme",),
    "customerIdOrKey": ("acme",),
    "primaryEmail": ("billing@acme.example",),
    "currency": ("USD",),
    "country": ("US",),
    # catalog and subscriptions
    "FeatureCreateInputs.key": ("tokens",),
    "FeatureCreateInputs.name": ("Tokens",),
    "featureKey": ("tokens",),
    "featureId": (_ULID, "tokens"),
    "PlanCreate.key": ("pro",),
    "PlanCreate.name": ("Pro",),
    "PlanReplaceUpdate.name": ("Pro",),
    "PlanReferenceInput.key": ("pro",),
    "planIdOrKey": ("pro",),
    "PlanPhase.key": ("standard",),
    "PlanPhase.name": ("Standard",),
    "PlanPhase.duration": (None,),
    "RateCardFlatFee.key": ("base_fee",),
    "RateCardFlatFee.name": ("Base fee",),
    "billingCadence": ("P1M",),
    "AddonCreate.key": ("extra_seats",),
    "AddonCreate.name": ("Extra seats",),
    "AddonReplaceUpdate.name": ("Extra seats",),
    "SubscriptionAddonCreate.name": ("Extra seats",),
    "instanceType": ("single",),
    "phaseKey": ("standard",),
    "fromPlanPhase": ("standard",),
    "timing": ("immediate",),
    "targetVersion": (2,),
    # entitlements
    "entitlementIdOrFeatureKey": ("tokens",),
    "interval": ("MONTH",),
    "issueAfterReset": (1000,),
    "IssueAfterReset.amount": (1000,),
    "amount": ("10", 100),
    "effectiveAt": ("{now}",),
    "expiration": ({"duration": "MONTH", "count": 1},),
    # billing
    "BillingProfileCreate.name": ("Default",),
    "BillingProfileReplaceUpdateWithWorkflow.name": ("Default",),
    "default": (False,),
    "autoAdvance": (False,),
    "supplier": ({"name": "My Company", "addresses": [{"country": "US"}]},),
    "InvoicePendingLineCreate.name": ("Setup fee",),
    "InvoiceSimulationLine.name": ("Setup fee",),
    "InvoiceLineReplaceUpdate.name": ("Setup fee",),
    "period": ({"from": "{month}", "to": "{next month}"},),
    "invoiceAt": ("{now}",),
    "quantity": ("1", 1),
    "percentage": (100,),
    "reason": ("Entered twice",),
    "invoiceNumber": ("INV-0001",),
    "trigger": ("paid",),
    # apps
    "type": ("sandbox", "WEBHOOK"),
    "StripeAppReplaceUpdate.name": ("Stripe",),
    "apiKey": ("sk_test_your_key",),
    "secretAPIKey": ("sk_test_your_key",),
    "stripeCustomerId": ("cus_123",),
    "stripeDefaultPaymentMethodId": ("pm_123",),
    "successURL": ("https://acme.example/done",),
    "returnUrl": ("https://acme.example/account",),
    "StripeWebhookEvent.id": ("evt_123",),
    "StripeWebhookEvent.type": ("invoice.paid",),
    "StripeWebhookEvent.livemode": (False,),
    "StripeWebhookEvent.created": (1767225600,),
    "object": ({"object": "invoice", "id": "in_123"},),
    # notifications
    "url": ("https://acme.example/hook",),
    "NotificationRuleBalanceThresholdCreateRequest.name": ("80 % used",),
    "NotificationChannelWebhookCreateRequest.name": ("Webhook",),
    "thresholds": ([{"type": "usage_percentage", "value": 80}],),
}

BY_FORMAT: Candidates = {
    "date-time": ("{now}",),
    "duration": ("P1M",),
    "ISO8601": ("P1M",),
    "uri": ("https://acme.example",),
    "uri-reference": ("my-app",),
}

BY_PATTERN: Candidates = {
    "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$": (_ULID,),
    "^[a-z0-9]+(?:_[a-z0-9]+)*$": ("acme",),
    r"^\-?[0-9]+(\.[0-9]+)?$": ("10",),
    r"^txcd_\d{8}$": ("txcd_10000000",),
}

# Optional properties that hardly a call does without.
USEFUL = frozenset(
    {
        *("key", "usageAttribution", "primaryEmail", "currency", "customerKey", "meterSlug", "allowedMeterSlugs"),
        *(
            "valueProperty",
            "groupBy",
            "time",
            "data",
            "from",
            "to",
            "windowSize",
            "MeterCreate.name",
            "MeterUpdate.name",
        ),
        *("EntitlementMeteredCreateInputs.featureKey", "EntitlementMeteredV2CreateInputs.featureKey", "usagePeriod"),
        *("EntitlementMeteredCreateInputs.issueAfterReset", "issue", "expiration", "timing", "targetVersion"),
        *("SubscriptionAddonUpdate.quantity", "rateCard", "paymentTerm", "autoAdvance", "billingProfileId"),
        *(
            "BillingPartyReplaceUpdate.name",
            "stripeDefaultPaymentMethodId",
            "successURL",
            "returnUrl",
            "invoicing",
            "invoiceNumber",
        ),
    }
)
