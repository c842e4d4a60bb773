"""`openroll site check` and `watch` say what a check sees of sites, and what to publish to prove control of one."""

import typing
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openroll.cli import sites
from openroll.register.site.control import Why
from openroll.register.site.looks import Outcome
from openroll.watch.probe import Control, Look, watched
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
    seen["control"] = Control(False, "", "account", "nobody", "site.example")
    site_check("www.site.example", *ASKED)
    assert (
        "    record _validation-persist.site.example: what is there names another filing\n" in capsys.readouterr().out
    )


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


# The list.


class Answers:
    """The world: who answers, by name; and the clock."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.all_silent = False
        self.names = True
        """Whether the machine has name servers that answer."""
        self.now = datetime(2026, 11, 30, tzinfo=UTC)

    async def looks(self, _: object, domains: list[str], __: float) -> AsyncIterator[tuple[str, Look]]:
        for one in domains:
            quiet = self.all_silent or one in self.silent
            yield one, Look("names-fail" if not self.names else "nobody" if quiet else "answers", one)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """One in which everybody answers."""
    world = Answers()
    monkeypatch.setattr(watched, "looks", world.looks)

    class Clock(datetime):
        @classmethod
        def now(cls, _: Any = None) -> Any:
            return world.now

    monkeypatch.setattr(sites, "datetime", Clock)
    return world


def site_watch(folder: Path, text: str, *words: str) -> int:
    """The status that the command ends with, for a list of this text."""
    (folder / "list.txt").write_text(text, "utf-8")
    with pytest.raises(SystemExit) as end:
        sites.app(
            ["watch", str(folder / "list.txt"), "--state", str(folder / "state.json"), *words],
            exit_on_error=False,
            result_action="return_value",
        )
    return int(end.value.code or 0)


LIST = "# ours\nlive.example # a remark\n\nXN--FSQ.example\n例.example\ngone.example\nd.example\ne.example\n"


def test_a_list_is_looked_at_as_often_as_is_due_and_says_who_went_and_came_back(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site_watch(tmp_path, LIST) == 0
    assert "Looked at 5 of 5 sites: 5 live.\nNext due: 2026-12-01 00:00 UTC.\n" in capsys.readouterr().out
    assert site_watch(tmp_path, LIST) == 0
    assert "Looked at 0 of 5 sites: 5 live." in capsys.readouterr().out
    world.silent, statuses, said = {"gone.example"}, set(), ""
    for _ in range(4 * 75):
        world.now += timedelta(hours=6)
        statuses.add(site_watch(tmp_path, LIST))
        said += capsys.readouterr().out
    assert statuses == {0, 1}
    told = [line for line in said.splitlines() if line.startswith("gone.example")]
    assert [line.split(": ")[1] for line in told] == ["live -> failing", "failing -> silent", "silent -> retired"]
    world.silent, world.now = set(), world.now + timedelta(days=60)
    assert site_watch(tmp_path, LIST) == 0
    assert "gone.example: retired -> live: yes" in capsys.readouterr().out


def test_a_site_that_answered_never_was_not_live(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its first look says what it is, and not what it went over from."""
    world.silent = {"gone.example"}
    site_watch(tmp_path, LIST)
    assert "gone.example: failing at the first look: no" in capsys.readouterr().out


def test_a_machine_that_reaches_nobody_blames_nobody(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site_watch(tmp_path, LIST)
    before = (tmp_path / "state.json").read_bytes()
    world.all_silent, world.now = True, world.now + timedelta(days=40)
    assert site_watch(tmp_path, LIST) == 2
    assert "This machine reaches nobody" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "state.json").read_bytes() == before


def test_a_first_round_without_name_servers_counts_for_nothing(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.names = False
    assert site_watch(tmp_path, LIST) == 2
    assert "its name servers tell nothing of any" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "state.json").exists()
    world.names = True
    assert site_watch(tmp_path, LIST) == 0


def test_a_list_of_nothing_is_no_round(world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said that nothing is watched, with status 2; no site is due."""
    assert site_watch(tmp_path, "# later\n\n") == 2
    said = capsys.readouterr()
    assert ("names no domain" in said.err, said.out) == (True, "")


def test_every_line_that_is_no_domain_is_said_and_nothing_is_looked_at(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site_watch(tmp_path, "live.example\nhttp://a.example/\n127.1\n" + "co.uk\n" * 30) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "http://a.example/" in said
    assert "… and 12 more." in said
    assert not (tmp_path / "state.json").exists()


def test_a_file_of_something_else_is_not_overwritten(
    world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in ("my diary", '{"version": 2, "sites": {}}', '{"version": 1}'):
        (tmp_path / "state.json").write_text(text)
        assert site_watch(tmp_path, LIST) == 2
        assert "name another file." in " ".join(capsys.readouterr().err.split())
        assert (tmp_path / "state.json").read_text() == text


def test_two_runs_at_once_are_refused(world: Answers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with watched.Watched(tmp_path / "state.json").opened([], world.now):
        assert site_watch(tmp_path, LIST) == 2
    assert "another run" in " ".join(capsys.readouterr().err.split())
