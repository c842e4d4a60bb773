"""Stream a base backup of the whole PostgreSQL cluster (pg_basebackup), verified against its backup manifest.

The stream is PostgreSQL's tar: every file of the data folder, `backup_label` first and `backup_manifest` last. Its digests are
checked as the bytes go by, so that nothing need lie on a disk unsealed for pg_verifybackup to look at; a restore runs
pg_verifybackup too, on what it brought back.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, NamedTuple

import psycopg
from psycopg import Connection

from openroll.store.postgres_tools import Server, ToolFailed, address, client_tool, what_it_said

PIECE = 1 << 20
SEGMENT = 1 << 24
"""Bytes of a segment of the write-ahead log (PostgreSQL's default): names of others are counted in another way."""


class NoReplication(Exception):
    """The PostgreSQL server does not allow a base backup; the sentence says which right or setting is missing."""


class Cluster(NamedTuple):
    """A PostgreSQL cluster: major version, system identifier, bytes, why it may not be copied, and whether TLS is on."""

    version: int
    system: str
    size: int
    hindrance: str
    tls: bool

    def server(self, url: str) -> Server:
        """The server of this cluster, for the client programs."""
        return Server(url, self.version, self.tls)


def cluster_of(connection: Connection) -> Cluster:
    """What must be known before a cluster is copied."""
    row = connection.execute(
        "select current_setting('server_version_num')::int / 10000, (select sum(pg_database_size(oid)) from pg_database"
        " where has_database_privilege(oid, 'connect'))::bigint, current_user, (select rolreplication or rolsuper from"
        " pg_roles where rolname = current_user), current_setting('wal_level'), current_setting('max_wal_senders')::int,"
        " pg_size_bytes(current_setting('wal_segment_size'))"
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    version, size, *settings = row
    return Cluster(version, _system(connection), size, hindrance_of(*settings), bool(connection.pgconn.ssl_in_use))


def hindrance_of(user: str, may: bool, level: str, senders: int, segment: int) -> str:
    """Why a server may not be copied whose user and settings are these, in a clause; empty where it may be."""
    if not may:
        return f"the database user {user} may not replicate (`alter role {user} replication`)"
    if level == "minimal" or senders < 2:
        return f"the server is set to wal_level = {level}, max_wal_senders = {senders}; it needs replica and 2 or more"
    if segment != SEGMENT:
        return f"the server's log is in segments of {segment >> 20} MB, and only segments of {SEGMENT >> 20} MB are told apart"
    return ""


def _system(connection: Connection) -> str:
    """The cluster's own number (pg_controldata, "Database system identifier")."""
    try:
        with connection.transaction():
            row = connection.execute("select system_identifier::text from pg_control_system()").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return "cluster"
    return str(row[0]) if row else "cluster"


class Member(NamedTuple):
    """A member of the backup's tar stream: a folder (`data` None), or a file to read before the next one."""

    path: str
    size: int
    mode: int
    data: "Watched | None"


class Watched:
    """A file's bytes as they are read, with their SHA-256."""

    def __init__(self, data: IO[bytes], *, keep: bool) -> None:
        self._data = data
        self._kept: list[bytes] | None = [] if keep else None
        self.digest = hashlib.sha256()

    def read(self, size: int = PIECE, /) -> bytes:
        """The next bytes."""
        piece = self._data.read(size)
        self.digest.update(piece)
        if self._kept is not None:
            self._kept.append(piece)
        return piece

    @property
    def kept(self) -> bytes:
        """All of it, where it was asked for."""
        return b"".join(self._kept or ())


class BaseStream:
    """The members of a base backup in order; afterwards `start_segment` is its first WAL segment."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.start_segment = ""

    def __iter__(self) -> Iterator[Member]:
        seen: dict[str, tuple[int, str]] = {}
        manifest = b""
        try:
            with tarfile.open(fileobj=self._stream, mode="r|") as tar:
                for info in tar:
                    path = info.name.removeprefix("./")
                    if info.isdir():
                        yield Member(path, 0, info.mode, None)
                        continue
                    data = tar.extractfile(info) if info.isfile() else None
                    if data is None:
                        raise NoReplication(f"the cluster has a tablespace elsewhere ({path}); back it up with --dump")
                    watched = Watched(data, keep=path in ("backup_label", "backup_manifest"))
                    yield Member(path, info.size, info.mode, watched)
                    seen[path] = (info.size, watched.digest.hexdigest())
                    if path == "backup_label":
                        self.start_segment = _start_segment(watched.kept)
                    elif path == "backup_manifest":
                        manifest = watched.kept
            _read_out(self._stream)
        except tarfile.TarError as error:
            raise ToolFailed(f"pg_basebackup's stream broke off: {error}") from error
        _check_manifest(manifest, seen)


def _read_out(stream: IO[bytes]) -> None:
    """Read what stands behind the archive's end, so that its writer can end: `tarfile` stops at the first block of zeros.

    A pipe closed on a writer that still pads its archive ends it by SIGPIPE, and a whole backup would look like a failed one.
    """
    while stream.read(PIECE):
        pass


def _start_segment(label: bytes) -> str:
    found = re.search(rb"START WAL LOCATION: .* \(file ([0-9A-F]{24})\)", label)
    if found is None:
        raise ToolFailed("pg_basebackup's backup_label names no start")
    return found[1].decode()


def _check_manifest(manifest: bytes, seen: dict[str, tuple[int, str]]) -> None:
    """Check that every file of PostgreSQL's backup manifest came, with its size and SHA-256."""
    if not manifest:
        raise ToolFailed("pg_basebackup's stream ended without its manifest")
    said = json.loads(manifest)
    whole = manifest[: manifest.rindex(b'"Manifest-Checksum"')]
    if hashlib.sha256(whole).hexdigest() != said["Manifest-Checksum"]:
        raise ToolFailed("pg_basebackup's manifest does not give its own checksum")
    for file in said["Files"]:
        path = file.get("Path") or bytes.fromhex(file["Encoded-Path"]).decode(errors="replace")
        if seen.get(path) != (file["Size"], file["Checksum"]):
            raise ToolFailed(f"pg_basebackup's {path} is not what its manifest says")


@contextmanager
def base_backup(server: Server) -> Iterator[BaseStream]:
    """Stream a base backup of a running server. Raises NoReplication, ToolFailed or FileNotFoundError."""
    program = client_tool("pg_basebackup", server)
    where, environment = address(server)
    arguments = [program, "--dbname", where, "--pgdata", "-", "--format", "tar", "--wal-method", "fetch"]
    arguments += [
        "--checkpoint",
        "fast",
        "--manifest-checksums",
        "SHA256",
        "--label",
        "openroll backup",
        "--no-password",
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=said, env=environment)  # noqa: S603 - PostgreSQL's own program
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            with process.stdout as stream:
                try:
                    yield BaseStream(stream)
                except (ToolFailed, tarfile.TarError):
                    if process.wait(timeout=20):
                        raise _why(said) from None
                    raise
            if process.wait():
                raise _why(said)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _why(said: IO[bytes]) -> Exception:
    said.seek(0)
    line = what_it_said(said.read().decode(errors="replace"))
    if "pg_hba.conf" in line or "permission denied" in line:
        return NoReplication(f"the server lets nobody replicate from here: {line}")
    return ToolFailed(f"pg_basebackup failed: {line}")


def server_time(connection: Connection) -> datetime | None:
    """The PostgreSQL server's clock, for recovery targets."""
    row = connection.execute("select clock_timestamp()").fetchone()
    return row[0] if row else None
