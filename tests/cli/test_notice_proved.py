"""`openroll notice list --log-key`: what is believed is the log's, and what the log cannot say yet is no lie."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from tests.register.test_request_acts import World
from tests.told import SECRET, SIGNER, USE, content_of, sealed_to, told_in, told_months
from tests.watch.cheats.forge import act_of, show
from tests.watch.test_forged_requests import seated

from openroll.cli.requests import at_roll, person, public_part
from openroll.cli.requests.at_roll import PAGE, Believed
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import HYBRID, HeldKey, digest, public_line
from openroll.disclosure.notice import seal_notice
from openroll.disclosure.notice_heap import heap_json
from openroll.register.event import Event
from openroll.register.organisation.events import OrganisationAdmitted, PersonLeft
from openroll.register.request.compared import told_of
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import (
    KeyPublished,
    PersonTold,
    RequestEvent,
    RequestFiled,
    RequestWithdrawn,
    UseRegistered,
)
from openroll.register.request.state import fold
from openroll.tlog import Signer, add_cosignatures
from openroll.tlog.note import Signature
from openroll.watch.source import FolderSource

LOG = Signer.from_seed("roll.example", bytes(32), "ed25519")
NOW = datetime(2006, 12, 20, tzinfo=UTC)
RULE = "law@1"
*_, REGISTERED = (one for one in seated() if isinstance(one, UseRegistered))
SEATED = [one for one in seated() if one != REGISTERED]
OTHER = HeldKey(b"o" * 32, HYBRID)
"""A key that nobody published."""
TRUE: dict[str, Any] = {
    "filed": World("ordinary", "now", "request-1").now,
    "asked": ("name", "address"),
    "approved": (),
    "given": (),
    "outcome": "withdrawn",
}
"""What is true of a request that was withdrawn."""
NOTICE = sealed_to(content_of(1, **TRUE), 1)


def uses() -> list[Event]:
    """The bodies and their seats, the key that east signs with, and the police's use as it is listed."""
    key = {"key": SIGNER.published.id, "public": public_line(SIGNER.published).strip(), "by": "east/1"}
    named = {name: USE[name] for name in ("basis", "supervisor", "supervised_at")}
    begun = [
        msgspec.structs.replace(one, title=USE["titles"])
        if isinstance(one, OrganisationAdmitted) and one.organisation == "police"
        else one
        for one in SEATED
    ]
    return [*begun, KeyPublished(organisation="east", rule=RULE, **key), msgspec.structs.replace(REGISTERED, **named)]


def told_by(envelope: bytes, number: int = 1) -> list[Event]:
    """A request that was filed and withdrawn, and of which its person was told by this notice."""
    filed = msgspec.structs.replace(World("ordinary", "now", "request-1").facts[0], request=number)
    of: dict[str, Any] = {"request": number, "at": NOW, "rule": RULE}
    told = PersonTold(by="east/1", notice=digest(envelope), bucket=7, complaint=complaint_digest("w"), **of)
    return [filed, RequestWithdrawn(by="police/1", why="", **of), told]


WITNESS = Signer.from_seed("witness.example/1", b"1" * 32, "cosignature")
POLICY = f"log {LOG.verifier_key}\nwitness one {WITNESS.verifier_key}\nquorum one\n"


def cosigned(note: bytes, at: datetime) -> bytes:
    """A head that the witness has seen at this moment."""
    text = note.decode().partition("\n\n")[0] + "\n"
    signature = WITNESS.sign(text, int(at.timestamp()))
    return add_cosignatures(note, [Signature(WITNESS.name, WITNESS.verifier.key_id, signature)])


class Roll:
    """A roll whose list is what `facts` say but for a `lie`, whose log lacks the last `late` of them, and which has one heap."""

    def __init__(self, folder: Path) -> None:
        self.where, self.folder = "http://roll.example", folder
        self.facts = [*uses(), *told_by(NOTICE[1])]
        self.late, self.witnessed = 0, NOW
        self.hidden = self.made_up = self.before = 0
        self.heaps = 1
        self.heap = heap_json([NOTICE], [SIGNER.published])
        self.lie: dict[str, object] = {}
        self.day = "2006-12-20"
        self.waited: list[Callable[[], None]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.entries: list[bytes] = []

    def get(self, path: str, _: int = 0) -> bytes:
        """What is at a path."""
        if path.endswith("/notices"):
            told = told_months(self.listed()) | ({"2003-01": self.before} if self.before else {})
            return json.dumps({"heaps": self.heaps, "months": told}).encode()
        if "/notices/" in path:
            return self.heap
        if path.endswith("/log"):
            return b'{"origin": "roll.example"}'
        if "/told/" in path:
            return told_in(self.listed(), path.rpartition("/")[2])
        return json.dumps([USE]).encode() if "/api/" in f"/{path}" else b""

    def listed(self) -> list[dict[str, object]]:
        """The requests that its facts make."""
        lives: dict[int, list[RequestEvent]] = {}
        for fact in self.facts:
            if isinstance(fact, RequestEvent):
                lives.setdefault(fact.request, []).append(fact)
        found = [
            msgspec.to_builtins(request)
            | msgspec.to_builtins(told_of(facts))
            | {"complain_until": request.complain_until}
            for facts in lives.values()
            if (request := fold(facts)) is not None
        ]
        blank: dict[str, object] = {
            "approved": None,
            "given": [],
            "outcome": "",
            "annulled": False,
            "postponed": None,
            "complained": False,
        }
        rows = [blank | one | (self.lie if one["number"] == 1 else {}) for one in found[::-1]]
        more = [rows[0] | {"number": self.made_up}] if self.made_up else []
        return more + [one for one in rows if one["number"] != self.hidden]

    def wait(self, seconds: float) -> None:
        """Some seconds, in which the next of those things happens that are to happen."""
        CLOCK[0] += timedelta(seconds=seconds)
        if self.waited:
            self.waited.pop(0)()

    def log(self, _: str) -> Any:
        """The log's folder, as it stands at this moment, after what happened since the lists were fetched."""
        self.meanwhile()
        source = FolderSource(self.folder)

        def get(path: str) -> bytes | None:
            if path == "checkpoint":
                for fact in self.facts[len(self.entries) :]:
                    self.entries.append(act_of(fact, self.day).entry.encode())
                show(self.folder, self.entries[: len(self.facts) - self.late], [LOG])
                return cosigned(source.get(path) or b"", self.witnessed)
            return source.get(path)

        return SimpleNamespace(where=source.where, get=get, close=lambda: None)


CLOCK = [NOW]


@pytest.fixture
def roll(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Roll:
    """The roll that commands are answered by."""
    made = Roll(tmp_path / "log")
    monkeypatch.setattr(person, "RollApi", lambda _: made)
    monkeypatch.setattr(public_part, "HttpSource", made.log)
    monkeypatch.setattr(public_part, "pause", made.wait)
    CLOCK[:] = [NOW]
    return made


def listed(
    capsys: pytest.CaptureFixture[str], *, proved: bool = True, output: Path | None = None, policy: Path | None = None
) -> tuple[int, str, str]:
    """The status of the list and what it says."""
    status = 0
    believed = Believed(log_key=[LOG.verifier_key], policy=policy) if proved else None
    wiring: Any = SimpleNamespace(clock=lambda: CLOCK[0], random=bytes)
    try:
        person.list_own(cast(Wiring, wiring), SECRET, "http://roll.example", "", output, believed)
    except SystemExit as ended:
        status = int(cast(int, ended.code))
    said = capsys.readouterr()
    return status, said.out, " ".join(said.err.split())


def test_by_whose_key_a_notice_was_signed_the_log_says(
    roll: Roll, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A heap without its sender's key takes nothing away with the log's keys; without them it is said that it could not be
    looked at, in what is taken away too. A notice that a key signed which the operator never published is not shown."""
    honest = listed(capsys)
    assert (honest[0], honest[1].count("asked for")) == (0, 1), honest
    roll.heap = heap_json([NOTICE], [])
    assert listed(capsys) == honest
    status, out, err = listed(capsys, proved=False)
    assert (status, out, "no key that the roll gives with it" in err, "--log-key" in err) == (2, "", True, True)
    assert (listed(capsys, proved=False, output=tmp_path / "none.json")[0], list(tmp_path.glob("none.json"))) == (2, [])
    forged = sealed_to(content_of(1, **TRUE), 1, signer=OTHER)
    roll.facts[-3:], roll.entries[:] = told_by(forged[1]), []
    roll.heap = heap_json([forged], [OTHER.published])
    status, out, err = listed(capsys)
    assert (status, out, "no key that the log has of its operator" in err) == (2, "", True)


OTHERS = (notice_context("roll.example", 2), b"somebody else's")
"""What stands in the heap of whoever else was told."""


def another(number: int) -> list[Event]:
    """A request that somebody filed and took back, and of which somebody else was told."""
    return told_by(OTHERS[1], number)


def tell_others(roll: Roll) -> None:
    """Have somebody else be told too, of request 2."""
    roll.facts += another(2)
    roll.heap = heap_json([NOTICE, OTHERS], [SIGNER.published])


def test_what_the_log_has_not_yet_is_no_lie(roll: Roll, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever somebody did a moment ago is listed some seconds before it is in the log: that is waited for. What comes later
    than anybody waits is said to be the roll's word alone, with status 2, where each is younger than the log's promise."""
    honest = listed(capsys)
    tell_others(roll)
    for late in (1, 2):
        roll.late = late
        roll.waited = [lambda: None, lambda: setattr(roll, "late", 0)]
        assert listed(capsys)[:2] == honest[:2]
        assert CLOCK[0] == NOW + late * timedelta(seconds=4)

    def act() -> None:
        roll.facts += another(len(roll.facts))
        roll.waited.append(act)

    roll.late, roll.waited = 2, [act]
    status, out, err = listed(capsys)
    assert (status, out, "not in the log yet" in err, "not believed" in err) == (2, honest[1], True, False)
    assert CLOCK[0] < NOW + timedelta(minutes=3)


def test_who_was_told_since_the_lists_were_fetched_is_left_out_of_none(
    roll: Roll, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the log has it by then: also of a request that the log had long before."""
    honest = listed(capsys)
    roll.facts += another(2)[:2]
    assert listed(capsys)[0] == 0
    roll.facts = roll.facts[:-2]
    roll.entries.clear()
    roll.meanwhile = lambda: tell_others(roll)
    assert listed(capsys)[:2] == honest[:2]
    assert CLOCK[0] == NOW + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("lie", "named"),
    [
        ({"lie": {"given": ["name"]}}, "request 1 (given)"),
        ({"made_up": 900}, "request 900 (not in the log, or not to be followed)"),
        ({"hidden": 2}, "request 2 (not listed)"),
    ],
)
def test_what_the_log_never_has_is_a_lie(
    roll: Roll, capsys: pytest.CaptureFixture[str], lie: dict[str, Any], named: str
) -> None:
    """What stands there for as long as the log may take, whatever else happens meanwhile, and what a later list leaves out."""

    def act() -> None:
        roll.facts += another(len(roll.facts))
        roll.waited.append(act)

    tell_others(roll)
    vars(roll).update(lie, waited=[act])
    status, _, err = listed(capsys)
    assert (status, named in err) == (1, True), err
    assert CLOCK[0] - NOW <= at_roll.LOGGED_WITHIN + timedelta(seconds=2)


def test_tellings_that_never_were_make_room_for_no_heaps(roll: Roll, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever counts tellings that never were would have each heap be few people's: who was told is counted by the log."""
    roll.heaps, roll.before = 1024, 600_000
    assert "by what was told" not in listed(capsys, proved=False)[2]
    status, out, err = listed(capsys)
    assert (status, out, "by what was told there are 1 at the most" in err) == (1, "", True), err


@pytest.mark.parametrize("nothing", [[], [1], [1, 2]])
def test_a_roll_that_says_something_else_each_time_is_a_liar_too(
    roll: Roll, capsys: pytest.CaptureFixture[str], nothing: list[int]
) -> None:
    """What was listed once has to come into the log, whatever is listed then; and what is left out in turn was left out."""
    tell_others(roll)
    looks: list[int] = []

    def act() -> None:
        looks.append(len(looks))
        lie: dict[str, object] = {"reason": f"reason {looks[-1]}"}
        roll.lie, roll.hidden = (lie, 0) if looks[-1] % 3 not in nothing else ({}, 2 if looks[-1] % 3 == 2 else 0)
        roll.made_up = 0 if roll.lie or roll.hidden else 900 + looks[-1]
        roll.waited.append(act)

    act()
    status, _, err = listed(capsys)
    assert (status, "is not what its log says" in err) == (1, True), err
    assert CLOCK[0] - NOW <= at_roll.LOGGED_WITHIN + timedelta(seconds=2)


def test_of_when_the_newest_is_stands_there(roll: Roll, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One person may be shown a roll that stands still, all of it genuine: day and head of the log are said, with a policy when
    witnesses cosigned it; and plainly where that is long ago by one's own clock. It is no refusal."""
    policy = tmp_path / "policy"
    policy.write_text(POLICY)
    for days, seen, by, old in (
        (1, 0, None, False),
        (4, 0, None, True),
        (4, 0, policy, True),
        (4, 3, policy, False),
        (4, 400_000, policy, False),  # a witness may say any day
    ):
        CLOCK[:] = [NOW + timedelta(days=days)]
        roll.witnessed = NOW + timedelta(days=seen)
        status, out, err = listed(capsys, policy=by)
        assert (status, out.count("asked for"), "LONG AGO" in err) == (0, 1, old), (days, seen, err)
        assert all(word in err for word in ("The newest entry is of 2006-12-20", "Its head is "))
        assert (f"cosigned the head on {roll.witnessed:%Y-%m-%d}" in err) == (by is not None)


@pytest.mark.parametrize("by", ["registrar/0", "police/1", "court/2"])
def test_nobody_tells_the_person_in_the_operators_name(roll: Roll, capsys: pytest.CaptureFixture[str], by: str) -> None:
    """The keeper takes the notice out, and has another body tell anew in one that is sealed to nobody: it is no telling."""
    assert listed(capsys)[0] == 0
    others = seal_notice(b"nothing", bytes(16), SIGNER.signing, NOTICE[0], pad_to=8192)
    of: dict[str, Any] = {"request": 1, "at": NOW, "rule": RULE, "by": by}
    roll.facts.append(PersonTold(**of, notice=digest(others), bucket=7, complaint="0" * 64))
    roll.entries.clear()
    roll.heap = heap_json([(NOTICE[0], others, *NOTICE[2:])], [SIGNER.published])
    status, out, err = listed(capsys)
    assert status == 1, (out, err)
    assert "Nothing was told" not in out + err


def test_one_forged_entry_hides_no_telling_that_was_taken_out(roll: Roll, capsys: pytest.CaptureFixture[str]) -> None:
    """A ghost's filing before the honest one, of the number or of its use, makes nothing of what the operator told."""
    filed, use = roll.facts[-3], roll.facts[-4]
    forged = [
        msgspec.structs.replace(filed, authority="ghost", by="ghost/1", operator="spook", reviewer="shade"),
        msgspec.structs.replace(use, organisation="ghost", by="ghost/1", supervisor="Ghost"),
    ]
    honest, true = listed(capsys), roll.listed()
    roll.listed = lambda: true  # type: ignore[method-assign]
    roll.facts[-4:-4] = forged
    roll.entries.clear()
    status, out, err = listed(capsys)
    assert (status, out) == (2, honest[1]), err
    for said in (
        "request.filed/1: of request 1, 'ghost/1' is no seat",
        "use.registered/1: ghost/1 is no seat of ghost",
    ):
        assert said in err
    roll.heap = heap_json([], [SIGNER.published])
    status, out, err = listed(capsys)
    assert (status, "Nothing was told" in out + err, "no heap has the notice" in err) == (1, False, True), err


def test_of_a_log_of_which_acts_are_left_out_nobody_says_that_nothing_was_told(
    roll: Roll, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Who told had left by then, as the log says: it may be true, or forged to hide the telling, and is said either way."""
    roll.facts.insert(-1, PersonLeft(organisation="east", seat="east/1", by="registrar/1", rule=RULE))
    roll.facts[:], told = roll.facts[:-1], roll.facts[-1]
    true = roll.listed()
    roll.facts.append(told)
    roll.listed = lambda: true  # type: ignore[method-assign]
    roll.heap = heap_json([], [SIGNER.published])
    status, out, err = listed(capsys)
    assert (status, "Nothing was told" in out + err) == (2, False), err
    assert "request.told/1: of request 1, its decider refuses it: seat-gone (seat east/1)" in err
    written = tmp_path / "own.json"
    assert (listed(capsys, output=written)[0], written.exists()) == (2, False)


class Older(Roll):
    """A roll that says it is of before, so that its list of all requests is read: the newest page, and what lies below."""

    def get(self, path: str, most: int = 0) -> bytes:
        """What is at a path."""
        if path.endswith("/notices"):
            return b'{"heaps": 1}'
        if "/requests" in path:
            before = int(path.partition("before=")[2] or 10**9)
            rows: list[dict[str, object]] = [one for one in self.listed() if int(str(one["number"])) < before]
            return msgspec.json.encode(rows[:PAGE])
        return super().get(path, most)


@pytest.mark.parametrize("hidden", [0, 1])
def test_a_roll_that_calls_itself_older_hides_no_telling_of_an_old_request(
    roll: Roll, capsys: pytest.CaptureFixture[str], hidden: int
) -> None:
    """Filed years before the first month and told this month, below a page of newer ones: with the whole log it is looked for."""
    roll.__class__ = Older
    years = {number: NOW.replace(year=2002 if number == 1 else 2003) for number in range(1, PAGE + 3)}
    facts = told_by(NOTICE[1]) + [one for number in range(2, PAGE + 3) for one in another(number)]
    roll.facts = uses() + [
        msgspec.structs.replace(
            one, at=years[one.request] if one.request != 1 or isinstance(one, RequestFiled) else NOW
        )
        for one in facts
        if isinstance(one, RequestEvent)
    ]
    roll.hidden = hidden
    status, said, wrong = listed(capsys)
    if hidden:
        assert (status, "request 1 (not listed)" in wrong) == (1, True)
    else:
        assert ("not listed" in wrong, "Request 1" in said) == (False, True)
