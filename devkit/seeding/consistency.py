"""What entries of one pack say about each other: what OpenMeter would refuse half-way is told before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.core.shapes import Problems, nearest
from devkit.seeding.kinds import ASSEMBLIES
from devkit.seeding.kinds.kind import Entry
from devkit.seeding.resource import Resource

Card = tuple[tuple[str | int, ...], Mapping[str, Any]]  # where it stands in its entry, and the rate card
_RULES_OF_A_CHANNEL = 10
_SELLABLE = ("SUM", "COUNT", "UNIQUE_COUNT", "LATEST")


@dataclass(frozen=True)
class _Scene:
    """A pack in which every entry alone is right."""

    resources: Mapping[tuple[str, str], Resource]
    problems: Problems

    def entry(self, kind: str, key: str) -> Entry | None:
        """None where the pack does not have it: then it is up to the server."""
        found = self.resources.get((kind, key))
        return found.entry if found else None

    def of(self, kind: str) -> list[Resource]:
        """All of a kind, as they stand in the file."""
        return [resource for resource in self.resources.values() if kind == resource.kind.NAME]

    def wrong(self, resource: Resource, steps: Iterable[str | int], message: str, hint: str | None = None) -> None:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
        self.problems.add(resource.tree.at(*steps).place, f"{resource.path}{path}", message, hint)


def check_together(resources: Sequence[Resource], problems: Problems) -> None:
    """Adds what does not fit together. Every entry alone has been found right."""
    scene = _Scene({resource.name: resource for resource in resources}, problems)
    for resource in resources:
        for rule in _RULES.get(resource.kind.NAME, ()):
            rule(scene, resource)


def _feature_can_be_sold(scene: _Scene, feature: Resource) -> None:
    meter = scene.entry("meter", feature.entry.get("meterSlug", ""))
    if meter and meter["aggregation"] not in _SELLABLE:
        message = (
            f"features count with meters of {', '.join(_SELLABLE)}; that one's aggregation is {meter['aggregation']}"
        )
        scene.wrong(feature, ("meterSlug",), message)


def _is_metered(scene: _Scene, feature: str) -> bool:
    entry = scene.entry("feature", feature)
    return entry is None or "meterSlug" in entry


def _entitlement_can_be_metered(scene: _Scene, entitlement: Resource) -> None:
    feature = entitlement.entry["featureKey"]
    if entitlement.entry["type"] == "metered" and not _is_metered(scene, feature):
        scene.wrong(entitlement, ("featureKey",), f"the feature {feature!r} has no meter")


def _grant_is_of_a_metered_one(scene: _Scene, grant: Resource) -> None:
    entitlement = scene.entry("entitlement", f"{grant.entry['customerKey']}/{grant.entry['featureKey']}")
    if entitlement and entitlement["type"] != "metered":
        scene.wrong(grant, ("featureKey",), f"that entitlement is {entitlement['type']}; only metered ones have grants")


def _cards(owner: Entry) -> Iterable[Card]:
    for number, phase in enumerate(owner.get("phases", ())):
        for index, card in enumerate(phase["rateCards"]):
            yield ("phases", number, "rateCards", index), card
    for index, card in enumerate(owner.get("rateCards", ())):
        yield ("rateCards", index), card


def _cards_count_with_meters(scene: _Scene, owner: Resource) -> None:
    for steps, card in _cards(owner.entry):
        by_usage = (card.get("price") or {}).get("type", "flat") != "flat"
        metered = (card.get("entitlementTemplate") or {}).get("type") == "metered"
        if (by_usage or metered) and not _is_metered(scene, card["featureKey"]):
            what = "a price by usage" if by_usage else "a metered entitlement"
            message = f"the feature {card['featureKey']!r} has no meter, which {what} needs"
            scene.wrong(owner, (*steps, "featureKey"), message)


def _addon_fits_its_plan(scene: _Scene, part: Resource) -> None:
    plan, addon = scene.entry("plan", part.entry["planKey"]), scene.entry("add-on", part.entry["addonKey"])
    phases = [phase["key"] for phase in plan["phases"]] if plan else []
    phase = part.entry["fromPlanPhase"]
    if plan and phase not in phases:
        hint = nearest(phase, phases) or f"one of {', '.join(phases)}"
        scene.wrong(part, ("fromPlanPhase",), f"the plan {part.entry['planKey']!r} has no phase {phase!r}", hint)
    if addon and addon["instanceType"] == "single" and part.entry.get("maxQuantity") is not None:
        scene.wrong(part, ("maxQuantity",), "an add-on of instanceType single takes none", "remove it")
    if plan and addon and plan["currency"] != addon["currency"]:
        message = f"the add-on is priced in {addon['currency']}, the plan in {plan['currency']}"
        scene.wrong(part, ("addonKey",), message)


def _part_has_its_whole(scene: _Scene, part: Resource) -> None:
    wholes = {kind for kind, assembly in ASSEMBLIES.items() if assembly.part == part.kind.NAME}
    for reference in part.kind.references(part.entry):
        if reference.kind in wholes and scene.entry(reference.kind, reference.key) is None:
            known = [key for kind, key in scene.resources if kind == reference.kind]
            message = f"the pack has no {reference.kind} {reference.key!r}, and it must stand in the same pack"
            scene.wrong(part, reference.path, message, nearest(reference.key, known))


def _subscription_fits_its_plan(scene: _Scene, subscription: Resource) -> None:
    said = subscription.entry
    plan, customer = scene.entry("plan", said["plan"]["key"]), scene.entry("customer", said["customerKey"])
    if plan is None:
        return
    phases = [phase["key"] for phase in plan["phases"]]
    phase = said.get("startingPhase")
    if phase is not None and phase not in phases:
        hint = nearest(phase, phases) or f"one of {', '.join(phases)}"
        scene.wrong(subscription, ("startingPhase",), f"the plan {plan['key']!r} has no phase {phase!r}", hint)
    pays_in = (customer or {}).get("currency") or plan["currency"]
    if pays_in != plan["currency"] and any(card.get("price") for _, card in _cards(plan)):
        message = f"the plan is priced in {plan['currency']}, the customer pays in {pays_in}"
        scene.wrong(subscription, ("plan", "key"), message)


def _plan_leaves_entitlements_alone(scene: _Scene, subscription: Resource) -> None:
    customer, plan = subscription.entry["customerKey"], scene.entry("plan", subscription.entry["plan"]["key"])
    given = {card["featureKey"] for _, card in _cards(plan or {}) if card.get("entitlementTemplate")}
    for feature in sorted(given):
        if own := scene.resources.get(("entitlement", f"{customer}/{feature}")):
            message = f"the customer gets {feature!r} by the plan {subscription.entry['plan']['key']!r} already"
            scene.wrong(own, ("featureKey",), message, "OpenMeter allows one entitlement at a time for each feature")


def _one_is_the_default(scene: _Scene, profile: Resource) -> None:
    defaults = [each for each in scene.of(profile.kind.NAME) if each.entry.get("default")]
    if profile in defaults[1:]:
        scene.wrong(profile, ("default",), f"the default is {defaults[0].key!r} already: there is one at a time")


def _channel_has_room(scene: _Scene, rule: Resource) -> None:
    for index, channel in enumerate(rule.entry["channels"]):
        rules = [each.key for each in scene.of(rule.kind.NAME) if channel in each.entry["channels"]]
        if rules.index(rule.key) == _RULES_OF_A_CHANNEL:
            scene.wrong(rule, ("channels", index), f"{channel!r} has {_RULES_OF_A_CHANNEL} rules, and takes no more")


_Rule = Callable[[_Scene, Resource], None]
_RULES: Mapping[str, Sequence[_Rule]] = {
    "feature": (_feature_can_be_sold,),
    "billing profile": (_one_is_the_default,),
    "entitlement": (_entitlement_can_be_metered,),
    "grant": (_grant_is_of_a_metered_one,),
    "add-on": (_cards_count_with_meters,),
    "plan": (_cards_count_with_meters,),
    "plan add-on": (_part_has_its_whole, _addon_fits_its_plan),
    "rule": (_channel_has_room,),
    "subscription": (_subscription_fits_its_plan, _plan_leaves_entitlements_alone),
}
