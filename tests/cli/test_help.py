"""What help offers is what somebody may want: no option of a machine's making."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App
from rich.console import Console

from openroll.bench.command import app_of
from openroll.cli import build
from openroll.compose.demo import app as demo_app
from openroll.compose.main import Process
from openroll.compose.settings import settings_from

MEANT = {"--no-sequence", "--no-pages", "--no-roll"}
"""Opposites of what is done where nothing is said, and one of its own."""


def helps(root: App, app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The help of an application and of all its commands: (command, text)."""
    out = io.StringIO()
    root.help_print(path, console=Console(file=out, width=200))
    yield " ".join(path), out.getvalue()
    for name in app:
        if not name.startswith("-"):
            yield from helps(root, app[name], (*path, name))


def test_no_command_offers_what_nobody_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `--empty-title`, no `--no-dry-run`, no default that is nothing; what is meant to be switched off can be."""
    monkeypatch.setenv("OPENROLL_HOME", str(tmp_path))
    process = Process(settings_from())
    app = build(process)
    app.command(app_of(process))
    offered: set[str] = set()
    commands = [*helps(app, app), *helps(demo_app, demo_app)]
    assert len(commands) > 60
    for command, text in commands:
        assert "--empty-" not in text, command
        assert not re.search(r"\[default: (\"\"|\(\)|False|None)?\]", text), command
        offered |= set(re.findall(r"--no-[a-z-]+", text))
    assert offered == MEANT
