"""The buttons of a group's settings: what to show, or what to set; who may is asked at each press.

They carry no chat: a press counts for the chat that it happens in.
"""

from bot.chat.codec import Button, Flag, Integer, Natural, Page, Reference, Word, button


@button("g")
class ShowPanel(Button):
    """Show a part of the settings."""

    part: Word = "main"


@button("gw")
class SetWhoMayBuy(Button):
    """Let these members buy."""

    who: Word


@button("gc")
class SetCodePlace(Button):
    """Let codes go there."""

    place: Word


@button("gp")
class SetPaused(Button):
    """Stop purchases, or let them go on."""

    paused: Flag


@button("gl")
class ShowLimit(Button):
    """Offer amounts for one limit of the group, or of each member."""

    scope: Word
    name: Word


@button("gs")
class SetLimit(Button):
    """Set one limit, in micro-dollars or as a count; -1 lifts it."""

    scope: Word
    name: Word
    value: Integer


@button("gk")
class ShowKinds(Button):
    """List services or countries with what was said of each."""

    kind: Word
    page: Page = 0


@button("gv")
class Permit(Button):
    """Say something of a service or country: `allowed`, `forbidden`, or `` for nothing."""

    kind: Word
    key: Reference
    verdict: Word
    page: Page


@button("gf")
class ForbidMember(Button):
    """Forbid a member to buy, and give back what the member has open where `and_cancel`."""

    user_id: Natural
    and_cancel: Flag


@button("gn")
class KeepMember(Button):
    """Forbid nobody after all, and take the question away."""


@button("gm")
class ShowMembers(Button):
    """List the members, or what departed ones have left open."""

    page: Page = 0


@button("gh")
class ChooseHeir(Button):
    """Ask to whom a departed member's number is handed over."""

    activation_id: Natural
    page: Page = 0


@button("gi")
class HandOver(Button):
    """Hand a departed member's number over."""

    activation_id: Natural
    user_id: Natural


@button("ga")
class ShowChanges(Button):
    """Show a page of the log of changes."""

    page: Page = 0


@button("gx")
class ClosePanel(Button):
    """Take the settings away."""
