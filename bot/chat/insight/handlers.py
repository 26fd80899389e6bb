"""Who answers what in this folder."""

from bot.chat.handlers import Handler, on_command, on_press
from bot.chat.insight import statistics
from bot.chat.insight.buttons import ShowStatistics


def handlers() -> list[Handler]:
    """Give the handlers of statistics, history, exports and forgetting."""
    return [
        on_command("stats", statistics.stats),
        on_press(statistics.show, ShowStatistics),
    ]
