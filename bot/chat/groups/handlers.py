"""Who answers what in this folder."""

from bot.chat.groups import commands, members, panel
from bot.chat.groups.buttons import (
    ChooseHeir,
    ClosePanel,
    ForbidMember,
    HandOver,
    KeepMember,
    Permit,
    SetCodePlace,
    SetLimit,
    SetPaused,
    SetWhoMayBuy,
    ShowChanges,
    ShowKinds,
    ShowLimit,
    ShowMembers,
    ShowPanel,
)
from bot.chat.handlers import Handler, on_command, on_press


def handlers() -> list[Handler]:
    """Give the handlers of what admins of groups type and press."""
    return [
        on_command("settings", panel.settings),
        on_command("allow", commands.allow),
        on_command("deny", commands.deny),
        on_command("limit", commands.limit),
        on_command("members", members.members),
        on_command("pause", commands.pause),
        on_command("resume", commands.resume),
        on_command("audit", members.audit),
        on_press(panel.show, ShowPanel),
        on_press(panel.set_who, SetWhoMayBuy),
        on_press(panel.set_code_place, SetCodePlace),
        on_press(panel.set_paused, SetPaused),
        on_press(panel.show_limit, ShowLimit),
        on_press(panel.set_limit, SetLimit),
        on_press(panel.show_kinds, ShowKinds),
        on_press(panel.permit, Permit),
        on_press(panel.close, ClosePanel),
        on_press(commands.forbid, ForbidMember),
        on_press(commands.keep, KeepMember),
        on_press(members.show_members, ShowMembers),
        on_press(members.show_changes, ShowChanges),
        on_press(members.choose_heir, ChooseHeir),
        on_press(members.hand_over, HandOver),
    ]
