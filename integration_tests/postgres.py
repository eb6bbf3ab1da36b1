"""A PostgreSQL server of one's own, where one is installed. Nothing but the standard library is needed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "p@ss/w:rd%1"  # what ends a URL early


class NoServerError(Exception):
    """There is no server here, or nobody that it would run as."""


@contextmanager
def server() -> Iterator[int]:
    """Run a server that nobody else uses, and yield its port on this machine. The user is postgres.

    Raises:
        NoServerError: none can be run here.
    """
    programs = _programs()
    # The server refuses to run as root, and has to reach its folder: pytest's temporary folders are for their owner.
    user = _unprivileged_user() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    data, password, log = folder / "data", folder / "password", folder / "log"
    password.write_text(PASSWORD, encoding="utf-8")
    if user:
        for path in (folder, password):
            shutil.chown(path, user)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, "-D", data, *arguments],
            user=user,
            extra_groups=[] if user else None,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr + (log.read_text("utf-8") if log.exists() else "")

    try:
        run(
            "initdb",
            "--no-sync",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale=C",
        )
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")
        try:
            yield port
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of the newest server: Debian's packages put only the clients on the PATH."""
    servers = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")), shutil.which("postgres")]
    found = next((Path(each) for each in reversed(servers) if each), None)
    if found is None:
        raise NoServerError("no PostgreSQL server is installed (Debian's package postgresql)")
    return found.resolve().parent


def _unprivileged_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in known), None)
    if user is None:
        raise NoServerError("PostgreSQL does not run as root, and there is no other user to run it as")
    return user
