"""`openroll site file` and `show`: a list is judged whole, a person's values stay with the operator, proofs are looked for."""

import errno
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest
from tests.register.test_request_checked import DIGESTS, SIGNER, filed, receipts

from openroll.cli import site_filing
from openroll.cli.requests import at_roll
from openroll.disclosure import Disclosure
from openroll.register.organisation.roles import Seat
from openroll.register.site import events, made
from openroll.register.site.commands import CheckSite
from openroll.register.site.life import LOOKS, SILENCE, begun
from openroll.register.site.number import number_text, read_number
from openroll.register.site.record import Site, evolve
from openroll.register.subscription.handle import key_line
from openroll.rules import load, plain
from openroll.sheet.pack import Kept
from openroll.tlog import parse_proof
from openroll.watch.probe import Control
from openroll.watch.probe.watched import Watched
from openroll.watch.roll_api import Declined
from openroll.watch.site_facts import command_of
from openroll.watch.source import Unreachable

HEADER = "sponsor,domains,services,began,account\n"
SHOP = "A Shop,书店.example.org books.example.org,books,2006-11-01,\n"
LI = "Li Wei,li.example.org,a diary,2006-11-01,4711\n"
RULE: dict[str, Any] = {"name": "cn-iis-2000-sites", "rule": plain(load("cn-iis-2000-sites")), "country": "CN"}
FIELDS = 3
VALUE = '"roll.example; accounturi=https://roll.example/operators/east"'

SEAT, BEFORE = Seat("east", 3), filed(DIGESTS)
"""From which seat the roll takes what is sent, and what its log has before."""


class FakeRoll:
    """What a roll would answer, and what was sent to it."""

    def __init__(self) -> None:
        self.where = "https://roll.example"
        self.sent: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {"rule": RULE}
        self.declines: dict[str, str] = {}
        self.before_answer: Callable[[], None] = lambda: None
        self.facts: list[events.SiteEvent] = []
        self.filed: dict[events.SiteEvent, str] = {}
        self.rewrites: Callable[[Any], Any] = lambda fact: fact
        self.fails: Exception | None = None

    def get(self, path: str, _: int = 0) -> bytes:
        """The answer at a path; the log, and the facts of a site, each with its receipt."""
        proofs = receipts(BEFORE, *self.facts)
        if path == "log/checkpoint":
            return parse_proof(proofs[-1].encode()).checkpoint
        if path == "log/keys":
            return f"{SIGNER.verifier}\n".encode()
        if path == "log/key-history.json":
            raise Declined("not-found", "none", 404)
        if path.endswith("/facts"):
            number = read_number(path.split("/")[-2])
            facts = [(fact, proof) for fact, proof in zip(self.facts, proofs[1:], strict=True) if fact.site == number]
            said = [
                {"name": one.name, "day": "2006-11-01", "body": one.body(), "receipt": proof} for one, proof in facts
            ]
            return json.dumps({"facts": said}).encode()
        return json.dumps(self.answers[path.removeprefix("api/v1/")]).encode()

    def post(self, path: str, body: Any) -> bytes:
        """Every site is taken, under the next number, and every step but those in `declines`: the log has each, or rewritten."""
        said = json.loads(msgspec.json.encode(body))
        self.sent.append(said)
        self.before_answer()
        if path.endswith("/steps"):
            if (code := self.declines.get(said["state"])) is not None:
                raise Declined(code, "not now", 409)
            number = read_number(path.split("/")[-2]) or 0
            check = CheckSite(site=number, state=said["state"])
            self.facts.append(made.checked(check, self._site(number), SEAT, "rule@1"))
            return b'{"by": "east/3"}'
        numbers = [0] * len(said["sites"])
        stood = [False] * len(said["sites"])
        if not said["dry_run"]:
            for at, one in enumerate(said["sites"]):
                found = [fact.site for fact in self.filed if self._key(one) == self.filed[fact]]
                stood[at] = bool(found)
                numbers[at] = found[0] if found else len(self.filed) + 1
                if not found:
                    fact = self.rewrites(made.filed(command_of(one), numbers[at], SEAT, "rule@1"))
                    self.filed[fact] = self._key(one)
                    self.facts.append(fact)
                elif one["control"] and not self._site(numbers[at]).control:
                    check = CheckSite(site=numbers[at], control=one["control"])
                    self.facts.append(made.checked(check, self._site(numbers[at]), SEAT, "rule@1"))
        if said["dry_run"] is False and self.fails is not None:
            raise self.fails
        answered = [
            {
                "number": number_text(one) if one else "",
                "repeated": again,
                "state": self._site(one).state if one else "live",
            }
            for one, again in zip(numbers, stood, strict=True)
        ]
        return json.dumps({"sites": answered, "by": str(SEAT)}).encode()

    @staticmethod
    def _key(said: dict[str, Any]) -> str:
        return json.dumps({name: value for name, value in said.items() if name != "control"}, sort_keys=True)

    def _site(self, number: int) -> Site:
        site = None
        for fact in self.facts:
            if fact.site == number:
                site = evolve(site, fact, date(2006, 11, 1))
        assert site is not None
        return site


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRoll:
    """No network: a roll that takes what it is sent, and a world in which only the shop shows control."""
    fake = FakeRoll()
    monkeypatch.setattr(at_roll, "RollApi", lambda *_: fake)
    monkeypatch.setattr(at_roll, "pause", lambda _: None)
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

    def run(text: str, *more: str, roll: str = "https://roll.example") -> int:
        sites = tmp_path / "sites.csv"
        sites.write_text(HEADER + text, "utf-8")
        words = ["file", str(sites), "--roll", roll, "--token", str(token), *more]
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
    assert len(own["digests"]) == FIELDS
    assert not any(told in json.dumps(own) for told in ("Li Wei", "diary", "4711 "))
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
    fewer = RULE["rule"] | {"fields": RULE["rule"]["fields"][:2]}
    fake.answers["rule"] = RULE | {"rule": fewer}
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
    shop |= {"began": "2999-01-01"}
    assert show("books.example.org") == 0
    assert "  state: it opens on 2999-01-01, as its operator said; filed 2006-11-01\n" in capsys.readouterr().out
    shop |= {"began": "2006-11-01"}
    shop |= {"control": "record", "shown": "2006-11-09", "control_places": 3, "state_places": 1, "looked": "2006-12-01"}
    assert show("books.example.org") == 0
    said_of_it = capsys.readouterr().out
    assert (
        "  state: live, by the roll's own looks, from one place since 2006-11-01; opened on 2006-11-01; filed"
        in said_of_it
    )
    assert "shown by a record, which the roll found itself on 2006-11-09, from 3 places\n" in said_of_it
    assert "  the roll looked at it last on 2006-12-01\n" in said_of_it
    assert show(number_text(2)) == 0
    assert (
        capsys.readouterr().out
        == f"{number_text(2)}: a natural person's site, filed in 2006; live, as far as its operator said\n"
    )
    assert show(f"{number_text(3)[:-1]}x") == show("0000-0196") == 2
    assert (
        "0000-0196: this is no site's number. A number has two digits that check the others" in capsys.readouterr().err
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


def test_a_roll_on_this_machine_takes_ones_word_alone(
    fake: FakeRoll, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """No domain can name it: without the word that is said, with it no proof is looked for."""
    here = "http://localhost:8000"
    assert run(SHOP, roll=here) == 2
    assert "or your --word" in " ".join(capsys.readouterr().err.split())
    assert run(SHOP, "--word", roll=here) == 0
    assert fake.sent[-1]["sites"][0]["control"] == "word"


def test_a_filing_that_was_rewritten_is_named(
    fake: FakeRoll, run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As the log has it, with its receipt kept; sent again, what stands there is named too. An honest roll's is read back."""
    assert run(SHOP + LI, "--key", "KEY") == 0
    assert "Read back from the log, as it was sent: 2." in capsys.readouterr().err
    fake.rewrites = lambda fact: msgspec.structs.replace(fact, began=date(2006, 12, 1))
    other = SHOP.replace("books.", "tea.")
    for _ in range(2):
        assert run(other) == 1
        ended = capsys.readouterr()
        assert f"THE LOG SAYS OTHERWISE of {number_text(3)}" in " ".join(ended.err.split())
        assert "began: 2006-12-01" in ended.out
    assert len(list(tmp_path.glob(f"site-{number_text(3)}-entry-3.receipt"))) == 1


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Declined("filing-faulty", "Some have faults.", 422), 1, "1 of them WERE FILED since, whatever the roll says:"),
        (Unreachable("https://roll.example", "it was cut"), 2, "1 of them are filed:"),
    ],
)
def test_what_was_refused_or_not_answered_is_looked_for(
    error: Exception,
    status: int,
    said: str,
    fake: FakeRoll,
    run: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was filed all the same is said, by domain: of one's own sites, and no other operator's."""
    shop = {"number": number_text(1), "operator": "east", "domains": ["xn--1jqq80b.example.org"]}
    fake.answers["sites?domain=xn--1jqq80b.example.org"] = [shop | {"operator": "west"}, shop]
    fake.fails = error
    assert run(SHOP) == status
    assert said in " ".join(capsys.readouterr().err.split())
