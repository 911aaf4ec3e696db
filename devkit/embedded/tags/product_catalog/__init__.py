"""Product Catalog: features, plans, add-ons, and the add-ons of plans."""

from devkit.embedded.tags.product_catalog import addons, features, plan_addons, plans

ROUTES = (*features.ROUTES, *plans.ROUTES, *addons.ROUTES, *plan_addons.ROUTES)
