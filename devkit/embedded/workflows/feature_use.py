"""What keeps a feature from being archived."""

from devkit.embedded.domain.catalog import versions
from devkit.embedded.domain.features import Feature
from devkit.embedded.store.plans import plans_with_feature
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscriptions import subscriptions_with_feature


def users_of_feature(store: Store, feature: Feature) -> str | None:
    """What refers to the feature and is in force, in OpenMeter's words; None where it is free."""
    plans = [*plans_with_feature(store, feature["id"]), *plans_with_feature(store, feature["key"])]
    if any(versions.status(plan, store.now()) in (versions.ACTIVE, versions.SCHEDULED) for plan in plans):
        return "active plan"
    return "active subscription" if subscriptions_with_feature(store, feature["key"]) else None
