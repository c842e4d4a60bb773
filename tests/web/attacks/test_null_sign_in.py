"""The development door does not start where anyone but this machine could reach it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from openroll.compose.server import serve
from openroll.compose.settings import Settings, WebSettings


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_the_development_door_serves_no_other_host(tmp_path: Path, host: str) -> None:
    """Any name but loopback's own is refused before a roll is even looked for."""
    with pytest.raises(ValueError, match="loopback only"):
        serve(Settings(home=tmp_path, roll="none", web=WebSettings(null_sign_in=True)), host, 1)


def test_the_development_door_is_on_loopback_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    """`openroll serve` elsewhere with the development sign-in on ends at once, in a sentence."""
    settings = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path), "OPENROLL_NULL_SIGN_IN": "1"}
    command = [sys.executable, "-m", "openroll", "serve", "--host", "0.0.0.0", "--port", "1"]  # noqa: S104 - what is refused
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "loopback only" in done.stderr
    assert "Traceback" not in done.stderr
