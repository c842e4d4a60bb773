"""`openroll site check` says what a roll's check would see of a site, and what to publish to prove control of it."""

import typing
from typing import Any

import pytest

from openroll.cli import sites
from openroll.register.site.control import Why
from openroll.watch.probe import Control, Look
from openroll.watch.probe.look import Outcome
from openroll.watch.probe.names import Fault

ASKED = ("--issuer", "roll.example", "--account", "https://roll.example/s/1")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the network would show: nobody is asked here."""
    shown: dict[str, Any] = {
        "look": Look("answers", "xn--fsq.example", "", ("192.0.0.9",), 200),
        "control": Control(True, "x"),
    }

    async def looked(*_: object) -> Any:
        return shown["look"]

    async def checked(*_: object) -> Any:
        return shown["control"]

    monkeypatch.setattr(sites, "look", looked)
    monkeypatch.setattr(sites, "check_control", checked)
    return shown


def site_check(*words: str) -> int:
    """The status that the command ends with."""

    with pytest.raises(SystemExit) as end:
        sites.app(["check", *words], exit_on_error=False, result_action="return_value")
    return int(end.value.code or 0)


def test_it_says_whether_a_site_answers_in_the_letters_of_its_name_and_in_those_of_dns(
    seen: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert site_check("例.example") == 0
    assert capsys.readouterr().out.splitlines() == [
        "例.example (xn--fsq.example)", "  answers: yes (status 200)", "  asked at: 192.0.0.9",
    ]  # fmt: skip


def test_a_dead_site_and_one_that_is_not_proved_end_with_1_and_say_what_to_publish(
    seen: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    seen["look"] = Look("forbidden", "site.example", "10.0.0.1: Private-Use")
    assert site_check("site.example") == 1
    assert "not asked: its address is none of the public internet: 10.0.0.1: Private-Use" in capsys.readouterr().out
    seen["look"] = Look("answers", "www.other.example", "", ("192.0.0.9",), 200)
    seen["control"] = Control(False, "", "ended", "nobody")
    assert site_check("site.example", *ASKED) == 1
    said = capsys.readouterr().out
    assert "  at: www.other.example, where it leads\n" in said
    assert "    record _validation-persist.site.example: it was for a time that is over\n" in said
    assert "well-known/openroll-site: nobody takes the connection, neither on port 80 nor on 443\n" in said
    assert '    _validation-persist.site.example. IN TXT "roll.example; accounturi=https://roll.example/s/1"\n' in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://site.example/",
        "localhost",
        "co.uk",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "*.example.org",
        "1.0.0.127.in-addr.arpa",
        "a b.example",
        "xn--a.example",
        "a" * 300 + ".example",
    ],
)
def test_what_is_no_domain_is_refused_in_a_sentence(
    seen: dict[str, Any], capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert site_check(text) == 2
    assert "this is not a domain that can be filed: " in " ".join(capsys.readouterr().err.split())


def test_half_of_what_is_wanted_is_refused(seen: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    for half in (("--issuer", "roll.example"), ("--account", "a:b"), ("--issuer", "no name", "--account", "a:b")):
        assert site_check("site.example", *half) == 2


def test_a_name_server_is_an_address(seen: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert site_check("site.example", "--name-server", "192.0.2.53", "--name-server", "2001:db8::53") == 0
    assert site_check("site.example", "--name-server", "dns.example") == 2
    assert "--name-server dns.example: expected the address of a name server" in capsys.readouterr().err


def test_every_outcome_has_its_sentence() -> None:
    outcomes = set(typing.get_args(Outcome))
    assert set(sites.SEEN) == outcomes
    assert set(typing.get_args(Fault)) <= outcomes
    assert set(typing.get_args(Why)) | {"late"} == set(sites.MISSED)
