"""Servers of somebody's own, as tests of backups meet them: another version, TLS, settings elsewhere, no superuser."""

import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from openroll.store.postgres_tools import server_folder
from openroll.store.server_user import owner_for
from openroll.store.temporary_server import make_cluster, serving


def needs(version: int) -> None:
    """Skip where this version of PostgreSQL is not installed, saying so; with CI set it has to be."""
    try:
        server_folder(version)
    except FileNotFoundError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"not run: backups of PostgreSQL {version}. To run it: sudo apt-get install postgresql-{version}")


@contextmanager
def own_server(folder: Path, version: int, *, tls: bool) -> Iterator[str]:
    """A server of this version whose settings are not in its data folder; the address of a role without superuser.

    It may replicate and make roles, and comes in over TCP by password, under TLS or not at all. The server keeps its log files
    in its data folder, as many do.
    """
    folder.mkdir(parents=True)
    data = folder / "data"
    make_cluster(data, version, "boss")
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        (data / name).unlink()
    port = _free_port()
    settings = [
        f"port = {port}",
        "listen_addresses = '127.0.0.1'",
        "logging_collector = on",
        "log_directory = 'log'",
        "fsync = off",
    ]
    kind = "hostssl" if tls else "host"
    lines = [
        "local all boss trust",
        *(f"{kind} {what} own 127.0.0.1/32 scram-sha-256" for what in ("all", "replication")),
        f"{kind} all all 127.0.0.1/32 scram-sha-256",  # the rolls' own logins
    ]
    if tls:
        self_signed(data)
        settings += ["ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"]
    user = owner_for(data)
    if user is not None:
        for path in data.glob("server.*"):
            os.chown(path, user.pw_uid, user.pw_gid)
    with (
        tempfile.TemporaryDirectory(prefix="openroll-hba-", dir="/tmp") as elsewhere,
        pytest.MonkeyPatch.context() as patched,
    ):
        Path(elsewhere).chmod(0o755)
        hba = Path(elsewhere) / "hba"
        hba.write_text("\n".join(lines) + "\n", encoding="ascii")
        hba.chmod(0o644)  # a command that ran before in this process has set its umask
        settings.append(f"hba_file = '{hba}'")
        patched.setenv("PGPORT", str(port))  # where pg_isready looks
        with serving(data, tuple(settings)) as sockets:
            patched.undo()
            boss = f"host={sockets} port={port} user=boss"
            with psycopg.connect(f"{boss} dbname=postgres", autocommit=True) as connection:
                connection.execute("create role own login password 'p:w' createrole replication")
                for name in ("one", "two"):
                    connection.execute(f"create database {name} owner own")
            yield f"postgresql://own:p%3Aw@127.0.0.1:{port}/one"


def _free_port() -> int:
    """A free port below those that the machine gives to connections by itself: no other test takes it first."""
    for port in random.sample(range(20_000, 32_000), 50):
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port was found")


def self_signed(data: Path) -> tuple[Path, Path]:
    """A certificate for localhost, and its key, in a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (data / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    (data / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    (data / "server.key").chmod(0o600)
    return data / "server.crt", data / "server.key"
