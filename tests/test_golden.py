"""Golden surfaces: every route and the whole database schema, held to what was agreed; a change shows in the diff.

To agree to a change: OPENROLL_GOLDEN=write script/test tests/test_golden.py
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from openroll.compose.server import application
from openroll.service.roll import Roll
from openroll.store.postgres_tools import tool

GOLDEN = Path(__file__).parent / "golden"


def held(name: str, found: str) -> None:
    """Compare with the golden file, or write it when asked to."""
    path = GOLDEN / name
    if os.environ.get("OPENROLL_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{name} has changed: look at the difference, then agree to it"


def test_routes(roll: Roll) -> None:
    """Every address that the server answers, with its methods."""
    routes = application(roll).routes
    lines = [f"{route.path}  {' '.join(sorted(getattr(route, 'methods', ['ASGI'])))}" for route in routes]
    held("routes.txt", "\n".join(sorted(lines)) + "\n")


def test_schema(roll: Roll) -> None:
    """The whole schema of a roll: tables, constraints, triggers, policies and grants."""
    with roll.database.open() as connection:
        major = connection.info.server_version // 10_000
    if major != 18:
        pytest.skip(f"the golden schema is PostgreSQL 18's; a server of version {major} says the same in other words")
    command = [tool("pg_dump"), "--schema-only", "--no-owner", "--schema", roll.database.schema, roll.database.url]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    dump = dump.replace(roll.database.schema, "roll")
    kept = [line for line in dump.splitlines() if line and not re.match(r"--|SET |SELECT |\\", line)]
    held("schema.sql", "\n".join(kept) + "\n")
