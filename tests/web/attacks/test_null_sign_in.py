"""The development door does not start where anyone but this machine could reach it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openroll.compose.server import own_hosts, serve
from openroll.compose.settings import Settings, WebSettings
from tests.program import Program
from tests.web.house import House


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_the_development_door_serves_no_other_host(tmp_path: Path, host: str) -> None:
    """Any name but loopback's own is refused before a roll is even looked for."""
    with pytest.raises(ValueError, match="loopback only"):
        serve(Settings(home=tmp_path, roll="none", web=WebSettings(null_sign_in=True)), host, 1)


@pytest.mark.parametrize(
    "web",
    [{"address": "https://roll.example"}, {"behind_proxy": 1}, {"address": "http://localhost:1", "behind_proxy": True}],
)
def test_the_development_door_stands_behind_no_proxy(tmp_path: Path, web: dict[str, Any]) -> None:
    """On loopback, too, it is refused where a public address or a proxy says that others come in."""
    with pytest.raises(ValueError, match="loopback only"):
        serve(Settings(home=tmp_path, roll="none", web=WebSettings(null_sign_in=True, **web)), "127.0.0.1", 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example"},
        {"x-forwarded-for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"via": "1.1 x"},
    ],
)
def test_the_development_door_is_shut_to_who_comes_from_elsewhere(inside: House, headers: dict[str, str]) -> None:
    """By another host's name (DNS rebinding) or through a proxy nobody is let in, and the page offers no seat."""
    visitor = inside.visitor()
    answer = visitor.ask(
        "POST", "/en/sign-in/null", data={"seat": "east/clerk", "_csrf_token": visitor.token}, headers=headers
    )
    assert answer.status_code == 401
    assert visitor.ask("GET", "/en/operator").headers["location"].startswith("/en/sign-in?")
    assert 'name="seat"' not in inside.visitor().ask("GET", "/en/sign-in", headers=headers).text


def test_the_development_door_answers_to_every_name_of_this_machine() -> None:
    """By localhost, 127.0.0.1 and ::1, at the server's own port."""
    assert own_hosts("http://localhost:8000") == {"localhost:8000", "127.0.0.1:8000", "[::1]:8000"}


def test_the_development_door_is_on_loopback_or_not_at_all(
    database_url: str, tmp_path: Path, program: Callable[[str], Program]
) -> None:
    """`openroll serve` elsewhere with the development sign-in on ends at once, in a sentence."""
    settings = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path), "OPENROLL_NULL_SIGN_IN": "1"}
    done = program("openroll.compose.main").run(["serve", "--host", "0.0.0.0", "--port", "1"], settings)  # noqa: S104 - what is refused
    assert done.returncode != 0
    assert "loopback only" in done.stderr
    assert "Traceback" not in done.stderr
