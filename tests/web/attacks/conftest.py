"""What attacks share: a watch on the event loop."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
import pytest


@pytest.fixture
def on_the_loop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the database was asked, or connected to, on a thread that runs an event loop."""
    found: list[str] = []

    def watched(asked: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            if asyncio._get_running_loop() is not None:
                ours = [frame for frame in traceback.extract_stack() if "/openroll/" in frame.filename]
                found.append(f"{ours[-1].filename}:{ours[-1].lineno} {ours[-1].name}" if ours else "?")
            return asked(*args, **kwargs)

        return ask

    monkeypatch.setattr(psycopg.Cursor, "execute", watched(psycopg.Cursor.execute))
    monkeypatch.setattr(psycopg.Connection, "execute", watched(psycopg.Connection.execute))
    monkeypatch.setattr(
        psycopg.Connection, "connect", classmethod(watched(vars(psycopg.Connection)["connect"].__func__))
    )
    monkeypatch.setattr(psycopg, "connect", watched(psycopg.connect))
    return found
