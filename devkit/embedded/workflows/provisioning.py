"""What OpenMeter makes for itself at every start where it is not there.

A sandbox app, a default billing profile, a default tax code.
"""

from devkit.embedded.domain import apps
from devkit.embedded.domain.billing import profiles as billing_profiles
from devkit.embedded.domain.catalog import tax_codes
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.apps import installed_apps, put_app
from devkit.embedded.store.billing_profiles import default_profile, put_profile
from devkit.embedded.store.store import Store
from devkit.embedded.store.tax_codes import DEFAULT, find_default_tax_code, put_tax_code


def provision(store: Store) -> None:
    """Makes what is missing."""
    with store.records.transaction():
        now = format_instant(store.now())
        app = next((app for app in installed_apps(store) if app["type"] == apps.SANDBOX), None)
        if app is None:
            app = apps.sandbox_app(id_=store.new_id(), now=now)
            put_app(store, app)
        if find_default_tax_code(store) is None:
            put_tax_code(store, tax_codes.provider_default(DEFAULT, id_=store.new_id(), now=now))
        if default_profile(store) is None:
            put_profile(store, billing_profiles.first_profile(app["id"], id_=store.new_id(), now=now))
