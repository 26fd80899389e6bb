"""The sandbox's truth as JSON objects."""

from dataclasses import asdict
from typing import Any

from bot.sandbox.spotsms.exchange import Purchase
from bot.sandbox.spotsms.sandbox import Call, SpotSmsSandbox

PURCHASES_SHOWN = 200
_SETTINGS = (
    "cancel_min_age",
    "cancel_limit",
    "sms_after",
    "min_poll_gap",
    "number_ttl",
    "refund_on_expiry",
    "balance_places",
    "mirror_status",
)


def describe_state(sandbox: SpotSmsSandbox) -> dict[str, Any]:
    """Gives money (strings of dollars), the newest purchases first, faults and settings."""
    newest = sandbox.purchases[: -PURCHASES_SHOWN - 1 : -1]
    return {
        "balance": str(sandbox.balance),
        "charged": str(sandbox.charged),
        "refunded": str(sandbox.refunded),
        "purchases": [_describe_purchase(sandbox, purchase) for purchase in newest],
        "faults": [asdict(fault) for fault in sandbox.faults.active],
        "settings": {name: getattr(sandbox, name) for name in _SETTINGS},
    }


def describe_call(call: Call) -> dict[str, Any]:
    """Gives a logged call as it is sent to the page."""
    return {
        "n": call.n,
        "at": call.at,
        "action": call.action,
        "params": call.params,
        "code": call.code,
        "fault": call.fault,
    }


def _describe_purchase(sandbox: SpotSmsSandbox, purchase: Purchase) -> dict[str, Any]:
    return {
        "rs_id": purchase.rs_id,
        "number": purchase.number,
        "service": sandbox.catalogue.service_of(purchase.pid).name,
        "country": purchase.country,
        "pid": purchase.pid,
        "price": str(purchase.price),
        "state": purchase.state,
        "refunded": purchase.refunded,
        "age_seconds": round(sandbox.now() - purchase.at, 1),
        "polls": purchase.polls,
        "messages": [{"text": text, "at": at} for at, text in purchase.messages],
    }
