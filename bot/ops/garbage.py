"""How often Python looks for garbage, and among what."""

import gc
from typing import Final

NEW_OBJECTS: Final = 10_000
"""Under load Python's own 700 are there every few milliseconds."""


def look_for_garbage_seldom() -> None:
    """Leave what a start has loaded out of every search.

    It stays for good, and one pass over all of it holds everybody up for a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
