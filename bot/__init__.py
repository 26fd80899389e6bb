"""SpotSMS numbers in Telegram chats."""

import os

# python-telegram-bot reads this when it is imported; without it each 429 also raises a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")
