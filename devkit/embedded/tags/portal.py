"""Portal: tokens. Nothing of them is stored, so they can neither be listed nor taken back."""

import uuid
from datetime import datetime, timedelta

from devkit.embedded.domain import portal_tokens, timestamps
from devkit.embedded.domain.errors import InternalFailure, Invalid, NotFound, NotImplementedByOpenMeter
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.meters import live_meter

_DISABLED = "noop adapter"


def create_portal_token(call: Call) -> Reply:
    expires_at, expiry_text = _expiry(call)
    slugs = _meter_slugs(call)
    if not call.settings.portal_enabled:
        raise NotImplementedByOpenMeter(_DISABLED)
    now, subject = call.store.now(), call.body["subject"]
    if not subject or expires_at < now:
        raise InternalFailure("OpenMeter fails on a token without a subject and on one that has expired")
    id_ = str(uuid.uuid4())
    token = portal_tokens.issue(
        call.settings.portal_token_secret,
        id_=id_,
        namespace=call.settings.namespace,
        subject=subject,
        meter_slugs=slugs,
        expires_at=expires_at,
        now=now,
    )
    body = {"id": id_, "subject": subject, "expiresAt": expiry_text, "allowedMeterSlugs": slugs, "token": token}
    return Reply(200, body)


def list_portal_tokens(call: Call) -> Reply:
    raise NotImplementedByOpenMeter("listing tokens" if call.settings.portal_enabled else _DISABLED)


def invalidate_portal_tokens(call: Call) -> Reply:
    raise NotImplementedByOpenMeter("invalidate tokens" if call.settings.portal_enabled else _DISABLED)


def _expiry(call: Call) -> tuple[datetime, str]:
    """When the token ends, and how the answer says so: a given time as it was sent."""
    given = call.body.get("expiresAt")
    if given is None:
        ends = call.store.now() + timedelta(seconds=call.settings.portal_token_expiration_seconds)
        return ends, timestamps.format_instant(ends)
    try:
        moment = timestamps.parse(given)
    except ValueError as error:  # the schema lets February 30 through; OpenMeter then fails
        raise InternalFailure(str(error)) from None
    return moment, moment.text


def _meter_slugs(call: Call) -> list[str]:
    slugs: list[str] | None = call.body.get("allowedMeterSlugs")
    if slugs is None:
        return []
    if not slugs:
        raise Invalid("slug filter cannot be an empty array when provided")
    if "" in slugs:
        raise Invalid("invalid key filter: validation error: filter is invalid: format mismatch")
    for slug in slugs:
        if live_meter(call.store, slug) is None:
            raise NotFound(f"meter not found: {slug}")
    return slugs


ROUTES = (
    Route("createPortalToken", create_portal_token, read_only=True),
    Route("listPortalTokens", list_portal_tokens),
    Route("invalidatePortalTokens", invalidate_portal_tokens, read_only=True),
)
