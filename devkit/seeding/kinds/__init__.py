"""The resource kinds that a seed pack can hold. The order of writing comes from their references, not from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.kinds import (
    addon,
    app,
    billing_profile,
    channel,
    customer,
    entitlement,
    feature,
    grant,
    meter,
    override,
    plan,
    plan_addon,
    rule,
    subject,
    subscription,
)
from devkit.seeding.kinds.kind import Entry, Found, Kind

KINDS: tuple[Kind, ...] = (
    meter,
    subject,
    feature,
    customer,
    entitlement,
    grant,
    addon,
    plan,
    plan_addon,
    app,
    billing_profile,
    override,
    subscription,
    channel,
    rule,
)

# Kinds that come before, though nothing refers to them: who bills is settled before anybody is subscribed.
AFTER: Mapping[str, tuple[str, ...]] = {subscription.NAME: (billing_profile.NAME, override.NAME)}

# What keeps one from being deleted, by the name of its kind: the things that need it, for people.
HOLDERS: Mapping[str, Callable[[OpenMeter, Found], list[str]]] = {meter.NAME: meter.needed_by}


@dataclass(frozen=True)
class Assembly:
    """What makes resources of a kind whole: their parts, which OpenMeter takes until the last step.

    part:  the name of the kind of the parts; each refers to its whole, in the same pack
    close: the last step, after the parts and before all else that refers to the whole
    """

    part: str
    close: Callable[[OpenMeter, Entry], None]


ASSEMBLIES: Mapping[str, Assembly] = {plan.NAME: Assembly(plan_addon.NAME, plan.publish)}
