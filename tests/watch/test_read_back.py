"""An act counts as done where the log has it as it was sent: every field of every kind of act that a body sends is held."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from openroll.cli.requests.read_back import KINDS
from openroll.disclosure.envelope import digest
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import Member
from openroll.register.request.ask import file_request
from openroll.register.request.commands import Complain, Step
from openroll.register.request.events import RequestApproved, RequestComplained, RequestEvent, RequestNarrowed
from openroll.register.request.made import fact_of
from openroll.register.request.state import fold
from openroll.tlog import KeyHistory, parse_proof
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.requests.read_back import OF_THE_ROLL, Before, in_request, is_there, of_entry
from openroll.web.desk import procedure_said
from openroll.words.desk import ACTS
from tests.register.asked import FIELDS, NOW, OFFICER, asking, facts, under, whole
from tests.register.test_request_checked import SIGNER, receipts
from tests.tlog.test_corpus import node
from tests.watch import held_acts
from tests.watch.test_proved import SRC

KEYS = KeyHistory([SIGNER.verifier])
CASES = held_acts.read()
(ASKS,) = facts(file_request(whole(), asking(), OFFICER, under()))
SAID: dict[str, dict[str, Any]] = {
    "open": {},
    "return": {"missing": ["grounds"], "why": "which day"},
    "complete": {"envelope": b"anew"},
    "ask-back": {"envelope": b"question"},
    "answer-back": {"envelope": b"reply"},
    "call-back": {"number": "+86 23 1234 5678"},
    "confirm": {},
    "approve": {"fields": list(FIELDS), "why": "enough"},
    "second": {},
    "refuse": {"reason": "not-specific", "why": "too wide"},
    "object": {"ground": "immunity", "why": "a lawyer's"},
    "let-pass": {},
    "sign": {"decision": "openroll decision 1 request=1", "key": "0" * 32, "signature": "AAAA"},
    "postpone": {"until": NOW + timedelta(days=3), "why": "a search"},
    "extend": {"until": NOW + timedelta(days=3), "why": "a holiday"},
    "withdraw": {"why": "solved"},
    "produce": {"later": 7},
    "preserve": {},
    "answer": {"outcome": "given", "fields": list(FIELDS), "envelope": b"answer"},
    "tell": {"notice": b"notice", "bucket": 7, "complaint": "0" * 64, "by_word": True},
    "nobody": {},
}
"""What each act says."""


OTHERWISE: dict[type, Callable[[Any], Any]] = {
    str: lambda text: f"{text}x",
    int: lambda number: number + 1,
    tuple: lambda names: (*names, "phone"),
    datetime: lambda moment: moment + timedelta(days=1),
}
"""Another value of each type."""


def command_of(act: str) -> Step:
    """An act as a program sends it."""
    return msgspec.convert(SAID[act] | {"request": ASKS.request}, KINDS[act])


def made(command: Step) -> RequestEvent:
    """The fact that an honest roll makes of it."""
    request = fold([ASKS])
    assert request is not None
    seat = Seat("court", 2)
    by = Member(seat, "reviewer", sits=True, in_force=True, chain=(seat,))
    return fact_of(command, request, by, Under("law@1", NOW.date(), NOW))


def served(*acts: Event) -> list[Fact]:
    """A request's facts as a roll serves them, each with its receipt."""
    every = (ASKS, *acts)
    return [Fact(one.name, NOW.date(), one.body(), proof) for one, proof in zip(every, receipts(*every), strict=True)]


def standing(*acts: Event, size: int = 0) -> Before:
    """What there is before an act is sent."""
    return Before(size, tuple(served(*acts)))


def altered(fact: RequestEvent) -> Iterator[RequestEvent]:
    """The fact with each thing that it says said otherwise, one after the other."""
    for name in fact.__struct_fields__:
        if name in OF_THE_ROLL or name == "request":
            continue
        value = getattr(fact, name)
        other = OTHERWISE[type(value)](value)
        yield msgspec.structs.replace(fact, **{name: other})


def test_every_act_is_among_them() -> None:
    """Who adds an act that a body sends says here what it says, so that each of its fields is held."""
    assert set(SAID) == set(KINDS)


@pytest.mark.parametrize("act", SAID)
def test_an_act_is_held_in_every_field(act: str) -> None:
    """As it was sent it is found; with any one field otherwise, or as an act of another kind, it is not."""
    command, before = command_of(act), standing()
    fact = made(command)
    found = in_request(command, served(fact), before, KEYS)
    assert (found.act is not None, found.meant) == (True, fact)
    another = made(command_of("withdraw" if act == "preserve" else "preserve"))
    for lie in (*altered(fact), another):
        lied = in_request(command, served(lie), before, KEYS)
        assert (lied.act, [one.fact for one in lied.since]) == (None, [lie]), lie
        assert isinstance(lied.meant, type(fact))


def test_a_narrowed_request_is_not_an_approved_one() -> None:
    """Whoever approves one field has approved that, and not what was asked for."""
    command = msgspec.convert({"request": ASKS.request, "fields": FIELDS[:1], "why": "enough"}, KINDS["approve"])
    wide = RequestApproved(request=ASKS.request, at=NOW, by="court/2", rule="law@1", fields=FIELDS, why="enough")
    lied = in_request(command, served(wide), standing(), KEYS)
    assert lied.act is None
    assert isinstance(lied.meant, RequestNarrowed)


def test_the_same_act_of_before_is_not_this_one() -> None:
    """What was approved once says nothing of the approval that was sent now; nor is what stood before said otherwise since."""
    command = command_of("approve")
    first, lie = made(command), made(command_of("refuse"))
    assert in_request(command, served(first, lie), standing(first), KEYS).act is None
    with pytest.raises(Unproved, match="gives otherwise now"):
        in_request(command, served(lie, first), standing(first), KEYS)


def test_an_older_entry_is_not_this_act() -> None:
    """What a roll left out of what it gave before passes for no act since: its entry stands before the head of then."""
    command, fact = command_of("approve"), made(command_of("approve"))
    (_, (*_, at)) = (entries := served(fact)), [parse_proof(one.receipt.encode()).index for one in entries]
    assert in_request(command, entries, standing(size=at), KEYS).act is not None
    old = in_request(command, entries, standing(size=at + 1), KEYS)
    assert (old.act, [one.fact for one in old.since]) == (None, [fact])
    assert not is_there(entries, standing(size=at + 1))
    alone = [of_entry(fact, entries[-1].receipt, size, KEYS).act is not None for size in (at, at + 1)]
    assert alone == [True, False]


def test_a_taking_is_its_seats_in_its_step() -> None:
    """That one's own body, another seat or this one in an earlier step took the envelopes says nothing of this taking."""
    command, mine = command_of("open"), made(command_of("open"))
    completed = [made(command_of("return")), made(command_of("complete"))]
    other = msgspec.structs.replace(mine, by="court/3")
    operators = msgspec.structs.replace(mine, by="east/2", organisation="east")

    def found(*before: Event, since: tuple[Event, ...] = ()) -> bool:
        read = in_request(command, served(*before, *since), standing(*before), KEYS, seat="court/2")
        return read.act is not None

    assert [found(since=(mine,)), found(mine), found(other, mine, since=(operators,))] == [True] * 3
    assert [found(other), found(since=(operators,)), found(since=(other,)), found(mine, *completed)] == [False] * 4


def test_a_complaint_is_held_too() -> None:
    """By its letter, which the word of a notice opens to nobody else."""
    command = Complain(request=ASKS.request, word="w", envelope=b"letter")
    fact = RequestComplained(request=ASKS.request, at=NOW, by="", rule="law@1", envelope="0" * 64)
    assert in_request(command, served(fact), standing(), KEYS).act is None


def test_the_corpus_is_what_its_module_writes() -> None:
    """Of every act of a page, and with each thing that its fact says otherwise, there is a case."""
    if os.environ.get("OPENROLL_GOLDEN") == "write":
        held_acts.CORPUS.write_text(held_acts.written(), "utf-8")
    assert held_acts.CORPUS.read_text("utf-8") == held_acts.written()
    assert set(held_acts.BODIES) == {*ACTS, "open"}
    assert len(CASES) > 200


def test_the_command_judges_each_case_so() -> None:
    """An act is found where the log has it as it was sent, by its very seat, behind what the log had; nowhere else."""

    def found(case: held_acts.Case) -> int | None:
        facts = [Fact(one.name, NOW.date(), one.body(), proof) for one, proof in _proved(case.events)]
        places = [parse_proof(one.receipt.encode()).index for one in facts]
        size = places[case.behind] if case.behind < len(places) else places[-1] + 1
        before = Before(size, tuple(facts[: case.before]))
        act = in_request(case.command, facts, before, KEYS, seat=held_acts.SEAT).act
        return None if act is None else places.index(act.position)

    assert [(case.why, found(case)) for case in CASES] == [(case.why, case.found) for case in CASES]


def _proved(facts: list[Event]) -> Iterator[tuple[Event, str]]:
    return zip(facts, receipts(*facts), strict=True)


_JUDGES = """
import { readFileSync } from "node:fs";
const { inLog, meantBy } = await import(process.argv[1]), { zone, ...by } = JSON.parse(process.argv[2]);
const judged = ([, act, form, , facts, before, behind]) => {
  const served = facts.map(([name, body]) => `${name} ${JSON.stringify(body)}`);
  const proved = Object.assign(facts.map(([name, body], position) => ({ ...body, name, entry: { position } })), { served });
  const meant = meantBy(act, form, { own: by.own, zone }), was = { size: behind, facts: served.slice(0, before) };
  const { found } = inLog(proved, was, meant, by);
  return found ? proved.indexOf(found) : null;
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(judged)));
"""


def test_the_page_judges_each_case_so() -> None:
    """The page's script holds what the command holds, in the same cases."""
    request = fold([ASKS])
    assert request is not None
    by = {"own": "court", "seat": held_acts.SEAT, "zone": held_acts.ZONE, "procedure": procedure_said(request)}
    words = ["--input-type=module", "-e", _JUDGES, (SRC / "desk-read-back.js").as_uri(), json.dumps(by)]
    ran = subprocess.run(
        [node(), *words], input=held_acts.CORPUS.read_text("utf-8"), capture_output=True, text=True, check=False
    )
    assert ran.stdout, ran.stderr
    found = zip(CASES, json.loads(ran.stdout), strict=True)
    assert [(case.why, place) for case, place in found] == [(case.why, case.found) for case in CASES]


_LOOKS_AFTER = """
const [script, keys, facts, note, which] = process.argv.slice(1), spans = [[0, JSON.parse(keys)]];
const given = { "/log/checkpoint": new TextEncoder().encode(note), "/api/v1/requests/1": { facts: JSON.parse(facts) } };
given["/api/v1/requests"] = [{ number: 7, authority: "east" }, { number: 1, authority: "court" }];
const answered = (told) => ({ ok: true, json: async () => told, arrayBuffer: async () => told.buffer });
globalThis.fetch = async (path) => answered(given[path]);
const { lookAfter, meantBy, standing } = await import(script), by = { own: "court", seat: "court/2", zone: "UTC" };
const before = await standing(0, spans), [{ name, body }] = given["/api/v1/requests/1"].facts, filed = JSON.parse(body);
const was = { size: 0, facts: which ? [] : [`${name} ${body}`] }, form = { "withdraw-why": "solved" };
const ask = { ...filed, urgency: "ordinary", envelope: btoa(which), "field-name": "yes", "field-address": "yes", earlier: "" };
const meant = which ? meantBy("ask", ask, by) : meantBy("withdraw", form, by);
const said = await lookAfter(which ? 0 : 1, was, meant, by, spans, true).catch(({ code, receipts }) => [code, receipts.length]);
console.log(JSON.stringify([before.size, said]));
"""


@pytest.mark.parametrize(
    ("why", "by", "which", "said"),
    [
        ("solved", "court/2", "", ["done-still", 1]),
        ("lied", "court/2", "", ["otherwise", 1]),
        ("solved", "court/3", "", {}),
        ("", "court/2", "ask", ["done-still", 1]),
        ("", "court/2", "another", {}),
        ("lied", "court/2", "ask", ["otherwise", 1]),
    ],
)
def test_the_page_looks_after_a_refusal(why: str, by: str, which: str, said: Any) -> None:
    """What its own seat did since, as the log has it, is said, whatever the roll answered; with the proof of it. A filing is
    known by its envelope."""
    withdrawn = msgspec.structs.replace(made(command_of("withdraw")), why=why, by=by)
    request = msgspec.structs.replace(ASKS, authority="court", by="court/2", envelope=digest(b"ask"))
    acts: list[Event] = [request, withdrawn]
    if which:
        acts = [msgspec.structs.replace(request, urgency="emergency") if why == "lied" else request]
    facts = [Fact(one.name, NOW.date(), one.body(), proof) for one, proof in _proved(acts)]
    note = parse_proof(facts[0].receipt.encode()).checkpoint.decode()
    words = [json.dumps([str(SIGNER.verifier)]), msgspec.json.encode(facts).decode(), note, which]
    script = (SRC / "desk-read-back.js").as_uri()
    command = [node(), "--input-type=module", "-e", _LOOKS_AFTER, script, *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    size, found = json.loads(ran.stdout or "[0, null]")
    entries = int(note.split("\n")[1])
    assert (size, found) == (entries, said or {"size": entries}), ran.stderr
