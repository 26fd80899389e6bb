"""What the operator sees: logs without secrets, health, metrics."""

from bot.ops.files import allow_open_files
from bot.ops.garbage import look_for_garbage_seldom
from bot.ops.logs import configure_logging
from bot.ops.metrics import Metrics
from bot.ops.serve import StartError, serve
from bot.ops.server import OpsServer
from bot.ops.stop import stop_signal

__all__ = [
    "Metrics",
    "OpsServer",
    "StartError",
    "allow_open_files",
    "configure_logging",
    "look_for_garbage_seldom",
    "serve",
    "stop_signal",
]
