"""Product Catalog: features, plans, add-ons, and the add-ons of plans."""

from devkit.embedded.tags.product_catalog import features, plans

ROUTES = (*features.ROUTES, *plans.ROUTES)
