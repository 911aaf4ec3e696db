"""How subscriptions that follow one another are linked: each names the other one in its annotations."""

from collections.abc import Callable

from devkit.embedded.domain.subscriptions.documents import Subscription

PREVIOUS, SUPERSEDING = "subscription.previous.id", "subscription.superseding.id"


def unlinked(subscription: Subscription, find: Callable[[str], Subscription | None]) -> list[Subscription]:
    """The neighbours of a subscription that is to go, linked to each other instead. find: by id, None where deleted."""
    own = subscription["annotations"]
    changed = []
    for mine, theirs in ((SUPERSEDING, PREVIOUS), (PREVIOUS, SUPERSEDING)):
        neighbour = find(own[mine]) if mine in own else None
        if neighbour is not None:
            links = {name: value for name, value in neighbour["annotations"].items() if name != theirs}
            links |= {theirs: own[theirs]} if theirs in own else {}
            changed.append({**neighbour, "annotations": links})
    return changed
