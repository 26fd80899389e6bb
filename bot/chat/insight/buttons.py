"""The buttons of statistics, of the filters of history, and of forgetting: nothing to trust."""

from bot.chat.codec import Button, Flag, Natural, Word, button


@button("st")
class ShowStatistics(Button):
    """Draw another window of time, or in the other colours.

    `owner` is who may press (0: an anonymous admin), `user_id` whose purchases (0: all that they
    may see).
    """

    owner: Natural
    user_id: Natural
    window: Word
    dark: Flag


@button("hs")
class ChooseService(Button):
    """Ask which service the history is to show."""

    owner: Natural
    outcome: Word
    window: Word


@button("f")
class Forget(Button):
    """Erase what is stored about whoever presses; asked once before."""

    owner: Natural
