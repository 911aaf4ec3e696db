"""Stripe apps at OpenMeter: which there are, and what needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError

_TYPE = "stripe"
_FIRST, _LAST = 8, 3  # characters of a key that OpenMeter shows


@dataclass(frozen=True)
class App:
    """A Stripe app as OpenMeter shows it. account: its id at Stripe; key: masked"""

    id: str
    account: str
    key: str
    ready: bool

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "App":
        ready = shown["status"] == "ready"
        return cls(str(shown["id"]), str(shown["stripeAccountId"]), str(shown["maskedAPIKey"]), ready)

    def works_with(self, key: str) -> bool:
        """Whether it seems to have this key, and Stripe has not refused it."""
        return self.ready and self.key == f"{key[:_FIRST]}***{key[-_LAST:]}"


@dataclass(frozen=True)
class Use:
    """What needs an app. profiles: billing profiles; invoices: all that are not deleted, finished ones too"""

    profiles: tuple[dict[str, Any], ...]
    invoices: tuple[dict[str, Any], ...]


def installed(openmeter: OpenMeter) -> list[App]:
    return [App.of(each) for each in openmeter.everything("listApps") if each["type"] == _TYPE]


def chosen(apps: list[App], wanted: str | None, account: str) -> App | None:
    """The app of an account; None: it has none yet.

    wanted: the app that the instance had. Raises DevkitError where that is another account's.
    """
    had = next((app for app in apps if app.id == wanted), None)
    if had is not None and had.account != account:
        raise DevkitError(
            f"the Stripe key opens the account {account}, and the installed Stripe app is of {had.account}",
            hint=f"use a key of {had.account}, or start anew with this one: devkit destroy, then devkit up",
        )
    return next((app for app in apps if app.account == account), None)


def use_of(openmeter: OpenMeter, app: str) -> Use:
    profiles = [each for each in openmeter.everything("listBillingProfiles") if _has(each.get("apps"), app)]
    found = openmeter.everything("listInvoices")
    invoices = [each for each in found if _has((each.get("workflow") or {}).get("apps"), app)]
    return Use(tuple(profiles), tuple(invoices))


def _has(roles: Mapping[str, Any] | None, app: str) -> bool:
    return any(isinstance(role, Mapping) and role.get("id") == app for role in (roles or {}).values())
