"""Tax codes: what a tax configuration of a rate card or an invoice stands for, with its code in Stripe."""

from collections.abc import Mapping
from typing import Any

TaxCode = dict[str, Any]


def of_stripe(code: str, *, id_: str, now: str) -> TaxCode:
    """The tax code that a Stripe code makes where there is none for it yet."""
    mapping = {"appType": "stripe", "taxCode": code}
    return {"id": id_, "key": code, "name": code, "createdAt": now, "updatedAt": now, "appMappings": [mapping]}


def provider_default(key: str, *, id_: str, now: str) -> TaxCode:
    """The tax code of what has no other: whatever the provider does by itself."""
    return {"id": id_, "key": key, "name": "Provider default", "createdAt": now, "updatedAt": now, "appMappings": []}


def stripe_code(tax_code: Mapping[str, Any]) -> str | None:
    """Its code in Stripe."""
    codes = [mapping["taxCode"] for mapping in tax_code["appMappings"] if mapping["appType"] == "stripe"]
    return codes[0] if codes else None


def applied(config: Mapping[str, Any], tax_code: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with both names of the tax code: its id, and the code in Stripe that belongs to it."""
    code = stripe_code(tax_code)
    kept = {name: value for name, value in config.items() if name != "stripe"} | {"taxCodeId": tax_code["id"]}
    return kept | ({"stripe": {"code": code}} if code is not None else {})
