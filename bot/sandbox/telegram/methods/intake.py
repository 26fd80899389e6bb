"""Methods that bring updates to the bot: long poll and webhook."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import ApiError, JsonObject, bad_request
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.updates import WEBHOOK_IS_SET, WEBHOOK_WAS_SET, checked_kinds
from bot.sandbox.telegram.webhook import Target

MAX_UPDATES = 100
MAX_SECONDS = 50


@method
async def get_updates(world: Acts, call: Call) -> list[JsonObject]:
    """Bot API getUpdates."""
    if world.webhook.target is not None:
        raise ApiError(409, WEBHOOK_IS_SET)
    _allow(world, call)
    limit = call.number("limit", MAX_UPDATES)
    limit = limit if 1 <= limit <= MAX_UPDATES else MAX_UPDATES
    seconds = min(max(call.number("timeout"), 0), MAX_SECONDS)
    return await world.updates.take(call.number("offset"), limit, seconds, call.alive)


@method
def set_webhook(world: Acts, call: Call) -> bool:
    """Bot API setWebhook; plain HTTP is accepted on loopback, where Telegram asks for HTTPS."""
    if not call.text("url"):
        return delete_webhook_now(world, call)
    target = Target(_url(call), _secret(call), call.number("max_connections", 40))
    _allow(world, call)
    if call.flag("drop_pending_updates"):
        world.updates.clear()
    world.updates.interrupt(WEBHOOK_WAS_SET)
    world.webhook.start(target)
    return True


@method
def delete_webhook(world: Acts, call: Call) -> bool:
    """Bot API deleteWebhook."""
    return delete_webhook_now(world, call)


def delete_webhook_now(world: Acts, call: Call) -> bool:
    """Stop delivery, and drop what waits if the call says so."""
    world.webhook.stop()
    if call.flag("drop_pending_updates"):
        world.updates.clear()
    return True


@method
def get_webhook_info(world: Acts, _call: Call) -> JsonObject:
    """Bot API getWebhookInfo."""
    target, failure = world.webhook.target, world.webhook.failure
    info: JsonObject = {
        "url": target.url if target else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if target:
        info["max_connections"] = target.max_connections
    if failure:
        info |= {"last_error_date": failure.at, "last_error_message": failure.message}
    return info | ({"allowed_updates": world.updates.allowed} if world.updates.allowed else {})


def _allow(world: Acts, call: Call) -> None:
    kinds = checked_kinds(call.params.get("allowed_updates"))
    if kinds is not None:
        world.updates.allowed = kinds


def _url(call: Call) -> str:
    url = call.text("url")
    parts = urlsplit(url)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(call: Call) -> str:
    secret = call.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    return secret
