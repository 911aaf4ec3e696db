"""The resource kinds that a seed pack can hold. The order of writing comes from their references, not from here."""

from devkit.seeding.kinds import customer, entitlement, feature, meter, subject
from devkit.seeding.kinds.kind import Kind

KINDS: tuple[Kind, ...] = (meter, subject, feature, customer, entitlement)
