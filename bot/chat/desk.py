"""What the handlers work with: the workflows, put on one desk by the composition root."""

from dataclasses import dataclass
from typing import Any

from telegram.ext import CallbackContext

from bot.chat.admins import Admins
from bot.workflows.access import Doorkeeper
from bot.workflows.cancel import Cancellations
from bot.workflows.catalogue import Catalogue
from bot.workflows.deliver import Delivery
from bot.workflows.departures import Departures
from bot.workflows.export import Exports
from bot.workflows.governance import Governance
from bot.workflows.health import ProviderHealth
from bot.workflows.history import History
from bot.workflows.invites import Invites
from bot.workflows.overview import Overview
from bot.workflows.ports import Clock, Provider
from bot.workflows.privacy import Privacy
from bot.workflows.purchase import Purchases
from bot.workflows.reconcile import Reconciliation
from bot.workflows.rules import Rules
from bot.workflows.statistics import Statistics
from bot.workflows.supervision import Supervision

Context = CallbackContext[Any, Any, Any, Any]

DESK = "desk"
"""The desk's key in `Application.bot_data`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The workflows that a chat can set in motion."""

    purchases: Purchases
    cancellations: Cancellations
    catalogue: Catalogue
    overview: Overview
    statistics: Statistics
    history: History
    exports: Exports
    privacy: Privacy
    reconciliation: Reconciliation
    doorkeeper: Doorkeeper
    departures: Departures
    governance: Governance
    supervision: Supervision
    invites: Invites
    health: ProviderHealth
    delivery: Delivery
    provider: Provider
    admins: Admins
    clock: Clock
    rules: Rules


def desk_of(context: Context) -> Desk:
    """Give the desk that the composition root put into `Application.bot_data`."""
    desk: Desk = context.bot_data[DESK]
    return desk
