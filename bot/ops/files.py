"""How many files and connections the process may have open."""

import resource
from typing import Final

WANTED: Final = 8192
"""Far more than ten thousand open numbers take; many systems give a program 1,024 at first."""


def allow_open_files() -> int:
    """Raise the soft limit as far as is wanted and allowed; give what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return WANTED
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)
