"""Who answers what in this folder."""

from bot.chat.buttons import FilterHistory, ShowNumber
from bot.chat.handlers import Handler, on_command, on_press
from bot.chat.insight import export, forget, history, statistics
from bot.chat.insight.buttons import ChooseService, Forget, ShowStatistics


def handlers() -> list[Handler]:
    """Give the handlers of statistics, history, exports and forgetting."""
    return [
        on_command("history", history.history),
        on_press(history.show, FilterHistory),
        on_press(history.choose, ChooseService),
        on_press(history.show_number, ShowNumber),
        on_command("stats", statistics.stats),
        on_press(statistics.show, ShowStatistics),
        on_command("export", export.export),
        on_command("forget", forget.forget),
        on_press(forget.confirm, Forget),
    ]
