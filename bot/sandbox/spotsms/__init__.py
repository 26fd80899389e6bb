"""SpotSMS on loopback, with a catalogue, books that tell the truth, and faults on demand."""

from bot.sandbox.spotsms.catalogue import Catalogue, Country, Offer, Service
from bot.sandbox.spotsms.exchange import Exchange, Purchase, Refusal, Rules
from bot.sandbox.spotsms.faults import FAULT_KINDS, Fault, FaultKind
from bot.sandbox.spotsms.sandbox import Call, SpotSmsSandbox

__all__ = [
    "FAULT_KINDS",
    "Call",
    "Catalogue",
    "Country",
    "Exchange",
    "Fault",
    "FaultKind",
    "Offer",
    "Purchase",
    "Refusal",
    "Rules",
    "Service",
    "SpotSmsSandbox",
]
