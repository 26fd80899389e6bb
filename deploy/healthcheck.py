"""Exits with 0 where the bot of this container is healthy, or has no OPS_LISTEN, else with 1."""

import http.client
import os
import sys

from bot.settings import parse_listen

SECONDS = 4
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - no binding here


def is_healthy(listen: str) -> bool:
    """Ask `/healthz` at `listen` (`OPS_LISTEN`); no answer is a no."""
    host, port = parse_listen(listen)
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    address = os.environ.get("OPS_LISTEN")
    sys.exit(0 if not address or is_healthy(address) else 1)
