"""Apps: the marketplace, and what was installed from it."""

from devkit.embedded.tags.apps import api_key_installs, apps, marketplace

ROUTES = (*marketplace.ROUTES, *api_key_installs.ROUTES, *apps.ROUTES)
