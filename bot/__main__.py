"""`python -m bot` is the command `spotsms-bot`."""

from bot.cli import main

main()
