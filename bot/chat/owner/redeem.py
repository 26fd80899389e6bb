"""What `/start` with an invitation does: it lets the chat in, or says why not."""

import re
from collections.abc import Sequence
from typing import Final

from bot.chat.desk import Desk
from bot.chat.markup import dollars
from bot.chat.scene import Scene
from bot.workflows.invites import NotRedeemed, Redeemed

_INVITE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_WHY_NOT: Final = {
    NotRedeemed.USED: "This invitation has been used already.",
    NotRedeemed.EXPIRED: "This invitation has expired.",
    NotRedeemed.FOR_A_GROUP: "This invitation is for a group: add me to one with its link.",
    NotRedeemed.FOR_A_PERSON: "This invitation is for a private chat with me.",
    NotRedeemed.ALREADY_IN: "You may buy here already: the invitation is still good for others.",
    NotRedeemed.SHUT_OUT: "The owner has decided about this chat: an invitation changes nothing.",
}


async def redeem(scene: Scene, desk: Desk, payload: Sequence[str]) -> str | None:
    """Give what is told (HTML) about the invitation that a link brought, None for anything else."""
    if len(payload) != 1 or not _INVITE.fullmatch(payload[0]):
        return None
    outcome = await desk.invites.redeem(payload[0], scene.visitor)
    if isinstance(outcome, Redeemed):
        whom = "This group" if outcome.invite.is_group else "You"
        daily = outcome.invite.daily
        limit = "" if daily is None else f", for up to {dollars(daily)} a day"
        return f"✅ {whom} may buy now{limit}: the owner has sent an invitation."
    return None if outcome is None else f"⚠️ {_WHY_NOT[outcome]}"
