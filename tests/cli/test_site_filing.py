"""`openroll site file` and `show`: a list is judged whole, a person's values stay with the operator, proofs are looked for."""

import errno
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from openroll.cli import site_filing
from openroll.cli.requests import at_roll
from openroll.disclosure import Disclosure
from openroll.register.site.life import LOOKS, SILENCE, begun
from openroll.register.site.number import number_text
from openroll.register.subscription.handle import key_line
from openroll.sheet.pack import Kept
from openroll.watch.probe import Control
from openroll.watch.probe.watched import Watched
from openroll.watch.roll_api import Declined

HEADER = "sponsor,domains,services,began,account\n"
SHOP = "A Shop,书店.example.org books.example.org,books,2006-11-01,\n"
LI = "Li Wei,li.example.org,a diary,2006-11-01,4711\n"
FIELDS = [{"name": "sponsor"}, {"name": "address"}, {"name": "services"}, {"name": "hobby"}]
RULE = {"rule": {"fields": FIELDS}}
VALUE = '"roll.example; accounturi=https://roll.example/operators/east"'


class FakeRoll:
    """What a roll would answer, and what was sent to it."""

    def __init__(self) -> None:
        self.where = "https://roll.example"
        self.sent: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {"rule": RULE}
        self.declines: dict[str, str] = {}
        self.states: dict[str, str] = {}
        self.before_answer: Callable[[], None] = lambda: None

    def get(self, path: str, _: int = 0) -> bytes:
        """The answer at a path."""
        return json.dumps(self.answers[path.removeprefix("api/v1/")]).encode()

    def post(self, path: str, body: Any) -> bytes:
        """Every site is taken, under the next number, and every step that is not in `declines`."""
        said = json.loads(msgspec.json.encode(body))
        self.sent.append(said)
        self.before_answer()
        if path.endswith("/steps"):
            if (code := self.declines.get(said["state"])) is not None:
                raise Declined(code, "not now", 409)
            self.states[path.split("/")[-2]] = said["state"]
            return b'{"facts": ["site.checked/1"]}'
        numbers = ["" if said["dry_run"] else number_text(at) for at in range(1, len(said["sites"]) + 1)]
        sites = [{"number": one, "repeated": False, "state": self.states.get(one, "live")} for one in numbers]
        return json.dumps({"sites": sites, "by": "east/3"}).encode()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRoll:
    """No network: a roll that takes what it is sent, and a world in which only the shop shows control."""
    fake = FakeRoll()
    monkeypatch.setattr(at_roll, "RollApi", lambda *_: fake)
    monkeypatch.setattr(site_filing, "RollApi", lambda *_: fake)

    async def controls(_: object, domains: list[str], *__: object) -> AsyncIterator[tuple[str, Control]]:
        for domain in domains:
            yield domain, Control(domain != "li.example.org", "_validation-persist")

    monkeypatch.setattr(site_filing, "controls", controls)
    return fake


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., int]:
    """Runs a command with a list; the status with which it ends."""
    token, key = tmp_path / "token", tmp_path / "key"
    for path, text in ((token, "t" * 20), (key, key_line(bytes(32)))):
        path.write_text(text)
        path.chmod(0o600)

    def run(text: str, *more: str) -> int:
        sites = tmp_path / "sites.csv"
        sites.write_text(HEADER + text, "utf-8")
        words = ["file", str(sites), "--roll", "https://roll.example", "--token", str(token), *more]
        try:
            site_filing.app(
                [str(key) if one == "KEY" else one for one in words], exit_on_error=False, result_action="return_value"
            )
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def test_a_list_is_filed_with_the_proofs_that_were_found(
    fake: FakeRoll, run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An organisation's in the open; of a person's nothing readable travels, and what opens it stays; again, it is the same."""
    assert run(SHOP + LI, "--key", "KEY") == 0
    trial, real = fake.sent
    assert (trial["dry_run"], real["dry_run"]) == (True, False)
    shop, own = real["sites"]
    assert shop["domains"] == ["xn--1jqq80b.example.org", "books.example.org"]
    assert (shop["control"], own["control"]) == ("record", "")
    assert set(own) == {"handle", "digests", "kind", "began", "control"}
    assert len(own["digests"]) == len(FIELDS)
    assert not any(told in json.dumps(own) for told in ('"Li"', "diary", "4711"))
    said = capsys.readouterr().out
    assert f"_validation-persist.li.example.org. IN TXT {VALUE}" in said
    assert number_text(2) in said
    kept = tmp_path / "sites.disclosures.ndjson"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["account"] == "4711"
    assert run(SHOP + LI, "--key", "KEY", "--word") == 0
    assert fake.sent[-1]["sites"][1] == own | {"control": "word"}
    assert run(SHOP + LI.replace("diary", "shop"), "--key", "KEY") == 0
    assert fake.sent[-1]["sites"][1]["digests"] != own["digests"]
    assert run(SHOP + LI, "--key", "KEY") == 0
    assert fake.sent[-1]["sites"][1] == own


def opened(kept: Path) -> set[str]:
    """The digests that a disclosures file opens, decoys among them."""
    lines = [msgspec.json.decode(line, type=Kept) for line in kept.read_bytes().splitlines()]
    return {digest for one in lines for digest in (*map(digest_of, one.disclosures), *one.decoys)}


def digest_of(disclosure: str) -> str:
    """The digest that a disclosure opens."""
    return Disclosure.parse(disclosure).digest()


def test_no_digest_travels_that_the_file_does_not_open_then_and_for_good(
    fake: FakeRoll, run: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, under a rule of other fields, cut off, killed, on a full disk: no line is lost, and none is half."""
    kept, sent = tmp_path / "sites.disclosures.ndjson", set[str]()

    def before_answer() -> None:
        sent.update(digest for site in fake.sent[-1]["sites"] for digest in site["digests"])
        assert sent <= opened(kept)

    def declined() -> None:
        before_answer()
        raise Declined("site-handle-taken", "it stands", 409)

    def cut_off() -> None:
        before_answer()
        raise KeyboardInterrupt

    fake.before_answer = before_answer
    assert run(LI, "--key", "KEY") == 0
    own = fake.sent[-1]["sites"][0]["digests"]
    fake.before_answer = declined
    assert run(LI.replace("diary", "shop"), "--key", "KEY") == 1
    fake.answers["rule"] = {"rule": {"fields": FIELDS[:3]}}
    assert run(LI, "--key", "KEY") == 1
    fake.answers["rule"], fake.before_answer = RULE, cut_off
    assert run(LI.replace("diary", "news"), "--key", "KEY") != 0
    fake.before_answer, before, count = before_answer, kept.read_bytes(), len(fake.sent)
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", Mock(side_effect=full))
        assert run(LI.replace("diary", "poems"), "--key", "KEY") == 2
    assert (kept.read_bytes(), len(fake.sent)) == (before, count)
    kept.with_name(f"{kept.name}.new").write_bytes(b'{"handle": "of a run that was kil')
    assert run(LI + LI.replace("4711", "4712").replace("li.", "wu."), "--key", "KEY") == 0
    assert (fake.sent[-1]["sites"][0]["digests"], kept.read_bytes().startswith(before)) == (own, True)


def test_all_that_is_wrong_with_a_list_is_said_and_nothing_is_sent(
    fake: FakeRoll, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """By line and column, before anything travels; a person's site without a key too."""
    assert run("A Shop,http://shop.example/,,soon,\n,co.uk,books,2006-11-01,\n") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert all(one in said for one in ("http://shop.example/", "soon", "co.uk", "fill this cell in"))
    assert run(LI) == 2
    assert "handle key" in capsys.readouterr().err
    assert run(LI.replace("a diary", "\u200b"), "--key", "KEY") == 2
    assert "take U+200B ZERO WIDTH SPACE out" in " ".join(capsys.readouterr().err.split())
    more = "".join(LI.replace("li.", f"a{at}.").replace("4711", f"{at}") for at in range(100))
    assert run(LI + more + LI.replace("li.", "wu.").replace("4711", " ４７１１ ") + SHOP * 2, "--key", "KEY") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert all(f"line {first} has it already" in said for first in (2, 104))
    assert fake.sent == []


def test_of_a_long_list_nothing_is_filed_before_the_roll_would_take_all_of_it(
    fake: FakeRoll, run: Callable[..., int]
) -> None:
    """Also where a part is refused for the proof that was found alone, as another has shown it."""
    many = "".join(
        SHOP.replace("books.", f"b{at}.").replace("书店.", f"a{at}.") for at in range(site_filing.AT_ONCE + 1)
    )

    def shown_by_another() -> None:
        if any("b100.example.org" in site["domains"] and site.get("control") for site in fake.sent[-1]["sites"]):
            raise Declined("domain-taken", "another has shown it", 409)

    fake.before_answer = shown_by_another
    assert run(many) == 1
    assert {one["dry_run"] for one in fake.sent} == {True}
    fake.before_answer = lambda: None
    assert run(many) == 0
    assert [len(one["sites"]) for one in fake.sent if not one["dry_run"]] == [100, 1]


def test_a_site_is_shown_by_number_or_domain(fake: FakeRoll, capsys: pytest.CaptureFixture[str]) -> None:
    """A person's in one line; the answer for another number or domain is not believed."""
    of = {
        "operator": "east",
        "sponsor": "A Shop",
        "domains": ["books.example.org"],
        "services": "books",
        "control": "word",
    }
    said = {"number": number_text(1), "private": False, "state": "live", "year": 2006, "filed": "2006-11-01"}
    moved = {"on": "2007-11-01", "sponsor": "B Shop", "domains": ["new.example.org"], "services": "books"}
    shop = said | of | {"since": "2006-11-01", "announced": [moved]}
    nothing = dict.fromkeys(("operator", "sponsor", "services", "control"), "") | dict.fromkeys(("filed", "since"))
    own = said | {"number": number_text(2), "private": True, "domains": [], "announced": []} | nothing
    fake.answers |= {
        "sites?domain=books.example.org": [shop],
        "sites?domain=other.example.org": [shop],
        f"sites/{number_text(2)}": {"site": own},
        f"sites/{number_text(3)}": {"site": own},
    }

    def show(text: str) -> int:
        try:
            site_filing.app(
                ["show", text, "--roll", "https://roll.example"], exit_on_error=False, result_action="return_value"
            )
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    assert show("Books.example.org") == 0
    shown = capsys.readouterr().out
    assert "  of: A Shop; hosted by east; services: books\n" in shown
    assert "  from 2007-11-01 on: new.example.org; of: B Shop; services: books\n" in shown
    shop |= {"control": "record", "shown": "2006-11-09", "control_places": 3, "state_places": 1, "looked": "2006-12-01"}
    assert show("books.example.org") == 0
    said_of_it = capsys.readouterr().out
    assert "  state: live, by the roll's own looks, from one place since 2006-11-01" in said_of_it
    assert "shown by a record, which the roll found itself on 2006-11-09, from 3 places\n" in said_of_it
    assert "  the roll looked at it last on 2006-12-01\n" in said_of_it
    assert show(number_text(2)) == 0
    assert (
        capsys.readouterr().out
        == f"{number_text(2)}: a natural person's site, filed in 2006; live, as far as its operator said\n"
    )
    assert show("other.example.org") == show(number_text(3)) == 1
    assert "it is not believed" in capsys.readouterr().err


def test_the_roll_is_told_what_checks_found_step_by_step(
    fake: FakeRoll, run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A site that nobody looked at is not told of; one that is retired is silent first; nothing is told twice."""
    assert run(SHOP + LI, "--key", "KEY") == 0
    kept = tmp_path / "sites.numbers.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    state, then = tmp_path / "state.json", datetime(2006, 11, 1, tzinfo=UTC)
    watched = Watched(state)
    life = begun(then).looked(True, then)
    for looks in range(LOOKS + 1):
        life = life.looked(False, then + SILENCE / LOOKS * (looks + 1))
    for day in range(0, 63, 7):
        life = life.looked(False, then + SILENCE + timedelta(days=9 + day))
    assert life.state == "retired"
    with watched.opened(["xn--1jqq80b.example.org", "li.example.org"], then):
        watched.sites["xn--1jqq80b.example.org"] = life
        watched.save()
    words = [
        "tell",
        str(kept),
        "--state",
        str(state),
        "--roll",
        "https://roll.example",
        "--token",
        str(tmp_path / "token"),
    ]

    def tell() -> list[str]:
        fake.sent.clear()
        site_filing.app(words, exit_on_error=False, result_action="return_value")
        return [one["state"] for one in fake.sent]

    assert tell() == ["silent"]
    assert f"{number_text(1)} (书店.example.org (xn--1jqq80b.example.org)): live -> silent" in capsys.readouterr().out
    fake.declines["retired"] = "retired-too-soon"
    assert tell() == ["retired"]
    assert "Told of 0 of 2 sites" in capsys.readouterr().out
    fake.declines.clear()
    assert tell() == ["retired"]
    assert tell() == []
    for lost in (False, True):  # filed again, what the roll has is known
        kept.write_bytes(kept.read_bytes().replace(b"retired", b"live"))  # an old copy
        if lost:
            kept.unlink()
        assert run(SHOP + LI, "--key", "KEY") == 0
        assert tell() == []
