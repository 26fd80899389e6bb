"""SpotSMS numbers in Telegram chats."""

import os
import sys
from importlib.util import find_spec

# python-telegram-bot reads this when it is imported; without it each 429 also raises a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# httpcore tries to import this several times for each request. Where it is not installed, looking
# for it on the disk took a tenth of all CPU time under load.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's way to say "not there"
