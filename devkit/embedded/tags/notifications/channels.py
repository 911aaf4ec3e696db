"""Channels: create, read, replace, delete, list."""

import base64
import secrets

from devkit.embedded.domain.notifications import channels as rules
from devkit.embedded.domain.notifications import refusals
from devkit.embedded.domain.notifications.channels import Channel
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.notifications import channel_page, find_channel, put_channel, rules_of_channel

_SECRET_BYTES = 32


def list_channels(call: Call) -> Reply:
    limit, offset = window(call.query)
    found, total = channel_page(call.store, call.query, limit=limit, offset=offset)
    return Reply(200, envelope([rules.shown(channel) for channel in found], total, call.query))


def create_channel(call: Call) -> Reply:
    secret = rules.SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    now = format_instant(call.store.now())
    channel = rules.create(call.body, id_=call.store.new_id(), now=now, secret=secret)
    put_channel(call.store, channel)
    return Reply(201, rules.shown(channel))


def get_channel(call: Call) -> Reply:
    return Reply(200, rules.shown(_known(call)))


def update_channel(call: Call) -> Reply:
    rules.check_body(call.body)
    channel = rules.replace(_known(call), call.body, now=format_instant(call.store.now()))
    put_channel(call.store, channel)
    return Reply(200, rules.shown(channel))


def delete_channel(call: Call) -> Reply:
    """A soft delete; deleting again does nothing."""
    channel = _known(call)
    used_by = [rule["id"] for rule in rules_of_channel(call.store, channel["id"])]
    rules.check_deletable(channel, used_by, call.settings.namespace)
    if "deletedAt" not in channel:
        put_channel(call.store, rules.deleted(channel, now=format_instant(call.store.now())))
    return Reply(204)


def _known(call: Call) -> Channel:
    found = find_channel(call.store, call.path["channelId"])
    if found is None:
        raise refusals.unknown(call.path["channelId"], call.settings.namespace)
    return found


ROUTES = (
    Route("listNotificationChannels", list_channels),
    Route("createNotificationChannel", create_channel),
    Route("getNotificationChannel", get_channel),
    Route("updateNotificationChannel", update_channel),
    Route("deleteNotificationChannel", delete_channel),
)
