"""PostgreSQL: a server of the user's choice (PGHOST, PGPORT), or an embedded one in the home."""

import hashlib
import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.artefact import Artefact, remove_tree
from cli.failure import Failure
from cli.home import Home
from cli.lock import Lock
from cli.machine import failure_of
from cli.processes import CommandFailed, run, terminate
from cli.progress import Progress, say

ROLE = "odoo"
OLDEST = 13
# A socket's path has 107 bytes at most; its name in the folder takes 14
LONGEST_SOCKET_FOLDER = 107 - 14
# PostgreSQL refuses to run as root; root's server runs as this system user, made when missing
SYSTEM_USER = "pgserver"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 60
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "5min",
    "jit": "off",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL and the programs to talk to it.

    :param programs: the folder of psql
    :param connection: PGHOST and its kin
    """

    programs: Path
    connection: Mapping[str, str] = field(repr=False)

    def query(self, statement: str, database: str = "postgres") -> list[list[str]]:
        """Run one SQL statement.

        :return: rows of texts; null is empty
        :raise Failure: the server refuses
        """
        command = [
            self.programs / "psql",
            "-XAtqw",
            "-F",
            "\x1f",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            statement,
        ]
        try:
            output = run(command, variables={**os.environ, **self.connection})
        except CommandFailed as error:
            raise Failure(
                f"PostgreSQL: {' '.join(error.output.split())}",
                "see PGHOST, PGPORT, PGUSER, PGPASSWORD, or unset them",
            ) from error
        return [line.split("\x1f") for line in output.splitlines()]


def identifier(name: str) -> str:
    """:return: a name quoted for SQL"""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """:return: a text quoted for SQL"""
    return "'" + text.replace("'", "''") + "'"


def data_folder(home: Home) -> Path:
    """:return: the folder of the embedded PostgreSQL's databases"""
    return home.postgres / "data"


def own_server(programs: Path) -> Server | None:
    """:return: the server that PGHOST or PGPORT name, None when they are not set
    :raise Failure: it cannot be reached, is too old, or Odoo cannot work with the role
    """
    if not (os.environ.get("PGHOST") or os.environ.get("PGPORT")):
        return None
    server = Server(programs, {})
    rows = server.query(
        "SELECT current_setting('server_version_num')::int / 10000, current_user, rolcreatedb OR rolsuper"
        " FROM pg_roles WHERE rolname = current_user"
    )
    version, role, may_create = rows[0]
    if int(version) < OLDEST:
        raise Failure(
            f"the PostgreSQL at PGHOST is version {version}",
            f"use {OLDEST} or later, or unset PGHOST and PGPORT",
        )
    if role == "postgres":
        raise Failure("Odoo refuses the role postgres", "set PGUSER to another role that may create databases")
    if may_create != "t":
        raise Failure(f"the role {role} may not create databases", f"ALTER ROLE {role} CREATEDB, or set PGUSER")
    return server


class Embedded:
    """The PostgreSQL in the home, which stays up until stopped; it listens on a private Unix socket only.

    :param programs: the folder of initdb, pg_ctl, psql
    """

    def __init__(self, home: Home, programs: Path) -> None:
        self.programs = programs
        self.data = data_folder(home)
        self.log = home.postgres / "log"
        self.socket = _socket_folder(home)
        self._starting = Lock(home.locks / "postgres-start.lock")
        self._users = Lock(home.locks / "postgres-users.lock")

    @property
    def server(self) -> Server:
        connection = {"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": ROLE}
        return Server(self.programs, connection)

    def start(self) -> Server:
        """Make the cluster if need be and start it unless it runs; this process is its user from now on.

        :raise Failure: it does not start, or the cluster is of another PostgreSQL
        """
        self._users.acquire(shared=True)
        with self._starting.acquire(waiting=lambda: say("PostgreSQL: another ./sdm is starting it, waiting")):
            if not self.data.exists():
                self._make_cluster()
            self._check_version()
            if not self.running():
                self._start()
            self._wait()
        return self.server

    def running(self) -> bool:
        """:return: whether the server of this cluster is up"""
        return _server_pid(self.data) is not None

    def program_version(self) -> str:
        """:return: the major version of our PostgreSQL"""
        command = [str(self.programs / "postgres"), "--version"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", **_as_server_user())
        return printed.stdout.split()[2].partition(".")[0]

    def release(self) -> None:
        """Stop it if no other ./sdm uses it."""
        self._users.release()
        with self._users:
            if self._users.try_acquire():
                stop(self.data)

    def _make_cluster(self) -> None:
        """initdb aside, then rename, so that a killed one is never mistaken for a cluster."""
        with Progress("PostgreSQL cluster") as progress:
            progress.step("making it")
            aside = self.data.with_name(".tmp-data")
            remove_tree(aside)
            self._own(self.data.parent)
            settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            self._call(
                *("initdb", "-D", str(aside), "-U", ROLE, "--auth=trust", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", *settings),
            )
            aside.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = self.program_version()
        if made_by != ours:
            raise Failure(
                f"the databases in {self.data} were made by PostgreSQL {made_by}, this is {ours}",
                "start with the earlier commit to save them, or delete them all: ./sdm clean",
            )

    def _start(self) -> None:
        self._own(self.socket)
        self.socket.chmod(0o700)
        self._call(
            *(
                "pg_ctl",
                "start",
                "-D",
                str(self.data),
                "-l",
                str(self.log),
                "-w",
                "-t",
                str(SECONDS_TO_START),
            ),
            *("-o", f"-k {self.socket} -p 5432"),
        )

    def _wait(self) -> None:
        """A server that was just started, or that recovers from a power cut, refuses at first."""
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self.server.query("SELECT 1")
                return
            except Failure:
                if time.monotonic() > deadline or not self.running():
                    raise
                time.sleep(0.2)

    def _own(self, folder: Path) -> None:
        """Make a folder that the server's user can write."""
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid not in (os.getuid(), _server_uid()):
            raise Failure(f"{folder} belongs to another user", "remove it, or set TMPDIR to a folder of your own")
        if os.getuid() == 0:
            account = _system_user()
            os.chown(folder, account.pw_uid, account.pw_gid)
            for place in (folder, self.programs):
                _let_pass(place)

    def _call(self, program: str, *arguments: str, check: bool = True) -> int:
        """Run one of PostgreSQL's programs as the server's user.

        Its output goes to a file: a started server keeps it open, so a pipe would never end.
        """
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            code = subprocess.run(
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                # the server outlives this process, and its programs must stay as long
                pass_fds=Artefact.locks_in_use(),
                **_as_server_user(),
            ).returncode
            if code and check:
                output.seek(0)
                printed = output.read()
                if program == "pg_ctl" and self.log.exists():
                    printed += self.log.read_text(errors="replace")[-2000:]
                raise failure_of(CommandFailed([program, *arguments], code, printed), "PostgreSQL", self.data)
        return code


def stop(data: Path) -> bool:
    """Stop the server of a cluster in an orderly way, whoever uses it.

    :param data: the cluster's folder
    :return: whether there was one to stop
    """
    pid = _server_pid(data)
    if pid is None:
        return False
    terminate(pid, signal.SIGINT, lambda: _server_pid(data) is None, SECONDS_TO_STOP)
    return True


def _server_pid(data: Path) -> int | None:
    """:return: the process of a cluster's server; a left-over file or another process is not taken for it"""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n")[0])
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if os.fsencode(data) in arguments else None


def _socket_folder(home: Home) -> Path:
    """:return: a short folder of this user for the socket"""
    inside = home.postgres / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    name = hashlib.sha256(str(home.folder).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"sdm-{os.getuid()}-{name}"


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER])
        except (OSError, CommandFailed) as error:
            raise Failure(
                f"PostgreSQL does not run as root and its user {SYSTEM_USER} cannot be made ({error})",
                "run ./sdm as an ordinary user",
            ) from error
        return pwd.getpwnam(SYSTEM_USER)


def _server_uid() -> int:
    return _system_user().pw_uid if os.getuid() == 0 else os.getuid()


def _as_server_user() -> dict:
    if os.getuid():
        return {}
    account = _system_user()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _let_pass(path: Path) -> None:
    """Let the server's user pass through the folders above; it may not list them."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            say(f"note: {folder} is opened for passing through (chmod o+x), PostgreSQL does not run as root")
            folder.chmod(mode | 0o001)
