"""Whatever one entry of a log says, an audit, a recount and a monitor end with a verdict: nobody who keeps a log stops them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.disclosure.envelope import public_line
from openroll.disclosure.notice_heap import heap_json
from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.organisation.events import SeatConfirmed
from openroll.register.request import events
from openroll.register.request.account import Counted
from openroll.register.request.content import notice_context
from openroll.register.request.events import KeyEnded, KeyPublished
from openroll.register.roll.events import FiguresPublished, LogBegun, LogRestored, RuleRead
from openroll.rules.procedure import procedure, settled
from openroll.tlog import Entry, KeyHistory, Malformed, commit
from openroll.watch.audit import official_acts, rule_acts
from openroll.watch.audit.bodies import NAMES as BODIES
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.figures import digest_of
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.notices import HEAPS
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.render import as_text
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.request_rules import NAMES, RequestRules
from openroll.watch.audit.requests import FIGURES
from openroll.watch.audit.trust import Trust
from openroll.watch.facts import no_moment_in, read_entry
from openroll.watch.log_restart import NotARestart, check_restart
from openroll.watch.requests.proved import Fact, Unproved, matter_of
from openroll.watch.requests.recount import recounted
from openroll.watch.source import FolderSource
from tests.register import asked
from tests.register.test_request_acts import _TOLD, FRIEND, WAITS, walked
from tests.watch.cheats.forge import Made, receipt_of, show
from tests.watch.test_forged_requests import LEAD, WAITING, filed, joined, known
from tests.watch.test_monitor import SIGNER

DAYS = CivilDays(UTC)
DOMAIN = b"openroll/event/1"
PROCEDURES = {
    "beyond every bound": settled(procedure("request-1"), {"postpone": "P999D"}).name,
    "times that are none": settled(procedure("request-1"), {"times.under-review": "soon"}).name,
    "a number that is none": "request-1+pair=x@0",
    "a step that it has not": "request-1+times.nowhere=P1D@0",
    "another digest": "request-1@0000000000000000",
}
"""Procedures that no rule can name, though their file ships."""
NOBODYS = "request-9@0000000000000000"
HOSTILE: tuple[Any, ...] = (
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2006-11-28T00:00:00",
    "9999-12-31",
    "0001-01-01",
    "2006-11-31",
    2**53,
    -(2**63),
    2**64,
    0,
    -1,
    1e308,
    "",
    "x",
    "\x00",
    "police/²",
    f"police/{'9' * 5000}",
    None,
    True,
    [],
    ["x", 1],
    {},
    {"x": "y"},
    NOBODYS,
    *PROCEDURES.values(),
)


KEEPERS = {"by": "registrar/0", "organisation": "east", "role": "clerk"}
"""Whoever keeps the machine, and an organisation for which they may do what they do."""
KEY = {"key": asked.held("police").id, "public": public_line(asked.held("police").published).strip()}
ADMITTED = frozenset(name for name in EVENTS if ".admitted/" in name)


def made(kind: type[Event]) -> Event:
    """Some fact of a kind of which an audit knows nothing but its form."""
    day = date(2006, 11, 28)
    some: Mapping[Any, Any] = {
        **({"by": LEAD, "organisation": "police", **KEY} if kind in (KeyPublished, KeyEnded) else KEEPERS),
        "rule": "law@1",
        str: "x",
        int: 1,
        bool: False,
        date: day,
        tuple: ("x",),
        "languages": ("en",),
        "until": day,
    }
    fields = [one for one in msgspec.structs.fields(kind) if one.required]
    text = {"en": "x"}
    return kind(
        **{one.name: some.get(one.name, some.get(one.type, some.get(get_origin(one.type), text))) for one in fields}
    )


def honest() -> Iterator[Event]:
    """A log in which nothing is wrong: everybody is there, three requests are lived through, one fact of any other kind."""
    chance, lives = Random(4), []
    for number, way in enumerate(("ordinary", "emergency", "ordinary"), 1):
        tries = [
            (chance.random() < 0.9, chance.randrange(200), chance.randrange(36), chance.choice(WAITS[:3]))
            for _ in range(20)
        ]
        world = walked((way, "now", "request-1"), tries)
        lives.append([msgspec.structs.replace(fact, request=number) for fact in world.facts])
    yield from known()
    yield from (life[0] for life in lives)
    yield joined(str(FRIEND.seat), FRIEND.role)
    yield SeatConfirmed(organisation="police", seat=WAITING, by="registrar/1", rule="law@1")
    yield from (fact for life in lives for fact in life[1:])
    alone = official_acts.NAMES - rule_acts.NAMES - ADMITTED - {RuleRead.name, FiguresPublished.name}
    of_the_matter = {*NAMES, *BODIES} - alone
    yield from (made(kind) for name, kind in EVENTS.items() if kind.official and name not in of_the_matter)
    yield made(LogRestored)


def entry_of(fact: Event, text: str) -> bytes:
    """An entry of a text, of the day that a fact says."""
    day = getattr(fact, "at", asked.NOW).date().isoformat()
    return Entry(fact.name, day, commit(DOMAIN, bytes(32), text.encode()), text).encode()


class Shown:
    """A roll's log and pages, with one entry more that publishes its figures."""

    def __init__(self, folder: Path, texts: list[tuple[Event, str]]) -> None:
        self.where = "roll.example"
        self.folder = folder
        entries = [entry_of(*one) for one in texts]
        tally = Counter((parsed.day, parsed.kind) for parsed in map(Entry.parse, entries))
        rows = [{"table": "days", "key": day, "event": kind, "count": n} for (day, kind), n in tally.items()]
        self.figures = json.dumps(rows).encode()
        on = max(day for day, _ in tally)
        fact = FiguresPublished(
            on=date.fromisoformat(on), digest=digest_of(self.figures), by="registrar/1", rule="law@1"
        )
        self.on, self.entries = on, [*entries, Entry(fact.name, on, bytes(32), fact.body()).encode()]
        self.counted = b""
        told = sorted({fact.request for fact, _ in texts if isinstance(fact, events.PersonTold)})
        heap = [(notice_context("log.example/1", one), _TOLD.notice, "2006-11") for one in told]
        self.heaps = {HEAPS: b'{"heaps":1}', f"{HEAPS}/0?of=1&after=0": heap_json(heap, [], 0)}

    def get(self, path: str) -> bytes | None:
        """A page of the roll."""
        figures = {f"figures/published/{self.on}": self.figures, FIGURES: self.counted or None}
        return (figures | self.heaps).get(path)

    def audited(self) -> VisitReport:
        """Recount it, and audit it as a monitor does: its first half, then what came since, and last the whole anew.

        What the first visit kept is enough for the second one to find what a visit of all finds.
        """
        log, trust, state = FolderSource(self.folder / "log"), Trust((SIGNER.verifier,), ()), self.folder / "state"
        half, clock = len(self.entries) // 2, [DAYS.ends(Entry.parse(self.entries[len(self.entries) // 2]).day)]
        limits = MonitorLimits(days=DAYS, quiet=timedelta.max)
        watch = Monitor(
            state, state / "evidence", LogSources(log, public=self), trust, limits, lambda: clock[-1], lambda _: None
        )
        show(self.folder / "log", self.entries[:half], [SIGNER])
        reports = [watch.once()]
        show(self.folder / "log", self.entries, [SIGNER])
        rows = recounted(log, KeyHistory([SIGNER.verifier]), 0).rows
        self.counted = msgspec.json.encode(Counted(len(self.entries), rows))
        clock.append(datetime(2011, 1, 1, tzinfo=UTC))
        reports.append(watch.once())
        watch.limits = replace(limits, whole=True)
        report = watch.once()
        assert all(recheck(folder, trust).answer != "fails" for folder in watch.folders.values())
        assert as_text(report, watch.folders)
        kinds = [{(fault.kind, fault.details.get("index")) for fault in one.faults} for one in (*reports, report)]
        # One spoilt admission can have everybody of a body named, and a visit lists so many faults of a kind.
        warnings = [said for one in (*reports, report) for said in one.warnings]
        assert any("more faults of the kind" in said for said in warnings) or kinds[2] == kinds[0] | kinds[1]
        return report


@pytest.fixture(scope="module")
def facts() -> list[tuple[Event, str]]:
    """The facts of the honest log, each with its text."""
    return sorted(((fact, fact.body()) for fact in honest()), key=lambda one: getattr(one[0], "at", asked.NOW).date())


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each value of a text stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*at, name)
        yield from places(one, (*at, name))


def with_value(text: str, place: tuple[Any, ...], value: Any) -> str:
    """A text with another value at one place, in its canonical form."""
    said = json.loads(text)
    into = said
    for name in place[:-1]:
        into = into[name]
    into[place[-1]] = value
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_hostile_value_ends_no_audit(
    facts: list[tuple[Event, str]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """In any fact, at any place of it; and where the text is none that a roll writes, the verdict is not GOOD."""
    at = data.draw(st.integers(0, len(facts) - 1))
    fact, text = facts[at]
    place = data.draw(st.sampled_from(list(places(json.loads(text)))))
    other = with_value(text, place, data.draw(st.sampled_from(HOSTILE)))
    report = Shown(tmp_path_factory.mktemp("log"), [*facts[:at], (fact, other), *facts[at + 1 :]]).audited()
    if read_entry(fact.name, other).wrong is not None:
        assert report.status == 1, (fact.name, other)


def test_the_log_without_it_is_good(facts: list[tuple[Event, str]], tmp_path: Path) -> None:
    """Its requests reach an end, its figures are those of its entries."""
    report = Shown(tmp_path, facts).audited()
    assert (report.status, report.faults, report.trouble) == (0, [], [])
    assert any("figures of requests are those" in one for one in report.checked)
    assert any("figures of 20" in one for one in report.checked)
    assert {fact.name for fact, _ in facts} >= {"request.approved/1", "request.told/2", "log.restored/1", "log.begun/1"}


def following(*acts: Event) -> list[str]:
    """What a monitor says of each of these entries."""
    rules = RequestRules(bodies=Bodies())
    for fact in known():
        assert rules.take(fact.name, fact.body()) == ""
    rules.rules["law@2"] = rules.rules["law@1"]
    return [rules.take(fact.name, fact.body()) for fact in acts]


@pytest.mark.parametrize("name", PROCEDURES.values(), ids=PROCEDURES)
def test_a_procedure_that_no_rule_can_name_is_named(name: str) -> None:
    """Where its file ships, its settings are within their bounds, or no rule has them."""
    (said,) = following(filed(procedure=name))
    assert "which no rule can name" in said


def test_what_goes_by_an_unknown_procedure_is_said_not_to_be_judged() -> None:
    """It may be of a newer version, so it is no fault; and the requests beside it are judged as ever."""
    first, second = filed(procedure=NOBODYS), filed(request=2, rule="law@2")
    answer: dict[str, Any] = {"at": first.at, "by": "east/2", "rule": first.rule}
    given_out: dict[str, Any] = {"outcome": "given", "fields": first.fields, "envelope": "a" * 64}
    answers = [events.RequestAnswered(request=number, **answer, **given_out) for number in (1, 2, 77)]
    produced = filed(request=3, rule="law@2", desired="produce", earlier=1)
    unseen = filed(request=4, rule="law@2", desired="produce", earlier=50)
    said = following(first, second, *answers, produced, unseen)
    assert said[:3] == ["", "", ""]
    assert "not-in-this-step" in said[3]
    assert "request 77 was never filed" in said[4]
    assert said[5] == ""
    assert "nothing-preserved" in said[6]


def test_a_rule_has_one_procedure() -> None:
    """Two requests under one rule by two procedures: no rule names two."""
    other = filed(request=2, procedure=settled(procedure("request-1"), {"postpone": "P30D"}).name)
    assert following(filed(), other)[1].startswith("under law@1 requests go by")
    assert following(filed(), msgspec.structs.replace(other, rule="law@2")) == ["", ""]


def shown_alone(folder: Path, fact: Event, text: str) -> FolderSource:
    """A log of one entry."""
    show(folder, [entry_of(fact, text)], [SIGNER])
    return FolderSource(folder)


ODD_MEMBERS = (("before", 5), ("checkpoint", 5), ("checkpoint", ""), ("carried", "x"), ("carried", -1), ("why", None))


@pytest.mark.parametrize("odd", ODD_MEMBERS)
def test_an_odd_beginning_of_a_log_is_refused(tmp_path: Path, odd: tuple[str, Any]) -> None:
    """Whoever compares it with the log before is told that it does not go on from that."""
    begun = made(LogBegun)
    new = shown_alone(tmp_path, begun, with_value(begun.body(), odd[:1], odd[1]))
    with pytest.raises((Malformed, NotARestart)):
        check_restart(new, [SIGNER.verifier], new, [SIGNER.verifier])


@pytest.mark.parametrize("odd", [("at", "9999-12-31T23:59:59Z"), ("at", "2006-11-28T00:00:00"), ("procedure", NOBODYS)])
def test_an_odd_request_is_not_proved(tmp_path: Path, odd: tuple[str, Any]) -> None:
    """Whoever asks the roll for it is told why, whatever its receipt proves."""
    fact = filed()
    text = with_value(fact.body(), odd[:1], odd[1])
    shown_alone(tmp_path, fact, text)
    entry = Entry.parse(entry_of(fact, text))
    receipt = receipt_of(tmp_path, Made(entry, bytes(32), text.encode()), 0).decode()
    with pytest.raises(Unproved):
        matter_of([Fact(fact.name, asked.NOW.date(), text, receipt)], KeyHistory([SIGNER.verifier]))


def test_a_moment_that_is_none_is_found_however_deep() -> None:
    """In what a server answers, whatever it stands in and beneath: its depth ends nobody's program."""
    odd = datetime(2006, 11, 28)  # noqa: DTZ001 - as said
    deep: Any = {"at": [odd]}
    for _ in range(2_000):
        deep = [NOW, (deep, "text", 7)]
    assert no_moment_in(deep) is odd
    assert no_moment_in([{"at": NOW}, frozenset({date(2006, 11, 28)}), None, LogRestored]) is None


NOW = datetime(2006, 11, 28, tzinfo=UTC)
