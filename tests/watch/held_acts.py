"""One corpus of acts as they were sent and as a log has them, for the command and the page's script: `held_acts.json` has it.

A case is an act with its form and its body, the facts of its request with how many were served before and how many stand behind
the log's head of before, and the place of the fact that is the act: none where the log says otherwise.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from openroll.cli.requests.read_back import KINDS
from openroll.disclosure.envelope import digest
from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import Member
from openroll.register.request import events
from openroll.register.request.ask import file_request
from openroll.register.request.commands import Step
from openroll.register.request.made import fact_of
from openroll.register.request.state import fold
from openroll.watch.requests.read_back import OF_THE_ROLL
from tests.register.asked import FIELDS, NOW, OFFICER, asking, facts, under, whole

CORPUS = Path(__file__).with_name("held_acts.json")
SEAT, ZONE = "court/2", "Asia/Shanghai"
(_FILED,) = facts(file_request(whole(), asking(), OFFICER, under()))
ASKS = msgspec.structs.replace(_FILED, envelope=digest(b"ask"))  # what is sealed differs each time
UNTIL = datetime(2006, 12, 1, 4, 0, tzinfo=UTC)
TYPED = ("2006-12-01 12:00", "2006-12-01T12:00+08:00", "2006-12-01T04:00:00Z")
"""How that moment is typed, by the clock of Chongqing or with its offset."""
SEALED = b64encode(b"sealed").decode()
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "open": ("open", {}),
    "return": ("return", {"missing": ["grounds"], "why": "which day"}),
    "complete": ("complete", {"envelope": SEALED}),
    "ask-back": ("ask-back", {"envelope": SEALED}),
    "answer-back": ("answer-back", {"envelope": SEALED}),
    "call-back": ("call-back", {"number": "+86 23 1234 5678"}),
    "confirm": ("confirm", {}),
    "approve": ("approve", {"fields": list(FIELDS), "why": "enough"}),
    "second": ("second", {}),
    "refuse": ("refuse", {"reason": "not-specific", "why": "too wide"}),
    "annul": ("refuse", {"reason": "not-specific", "why": "too wide"}),
    "object": ("object", {"ground": "immunity", "why": "a lawyer's"}),
    "let-pass": ("let-pass", {}),
    "sign": ("sign", {"decision": "openroll decision 1 request=1", "key": "0" * 32, "signature": "AAAA"}),
    "postpone": ("postpone", {"until": UNTIL.isoformat(), "why": "a search"}),
    "extend": ("extend", {"until": UNTIL.isoformat(), "why": "a holiday"}),
    "withdraw": ("withdraw", {"why": "solved"}),
    "preserve": ("preserve", {}),
    "answer": ("answer", {"outcome": "given", "fields": list(FIELDS), "envelope": SEALED}),
    "not-given": ("answer", {"outcome": "not-held"}),
    "tell": ("tell", {"notice": SEALED, "bucket": 7, "complaint": "0" * 64, "by_word": True}),
    "nobody": ("nobody", {}),
}
"""What each act of a page says, as a program says it: the act of the API, and its members."""
AFTER: dict[str, tuple[type[events.RequestEvent], dict[str, Any]]] = {
    "annul": (events.RequestApproved, {"fields": FIELDS, "why": ""})
}
"""What stood in the request before."""
OTHERWISE: dict[type, Callable[[Any], Any]] = {
    str: lambda text: f"{text}x",
    int: lambda number: number + 1,
    tuple: lambda names: (*names, "phone"),
    datetime: lambda moment: moment + timedelta(seconds=1),
}
"""Another value of each type."""


class Case(NamedTuple):
    """An act, and what a log has of its request. `before`: facts served before; `behind`: facts under the head of before."""

    why: str
    act: str
    form: dict[str, str]
    body: dict[str, Any]
    facts: list[tuple[str, Any]]
    before: int
    behind: int
    found: int | None

    @property
    def events(self) -> list[Event]:
        """The facts, from the filing on."""
        return [event_of(name, msgspec.json.encode(body).decode()) for name, body in self.facts]

    @property
    def command(self) -> Step:
        """The act as a program sends it."""
        act, _ = BODIES[self.act]
        return msgspec.convert(self.body | {"request": ASKS.request}, KINDS[act])


def form_of(act: str, said: dict[str, Any]) -> dict[str, str]:
    """The fields of a page's form that say the same."""
    ticked = {"approve": "fields", "return": "missing"}.get(act)
    own = {"answer": ("outcome", "fields", "envelope"), "tell": ("notice", "bucket", "complaint"), "sign": tuple(said)}
    found = {f"{act}-is-{name}": "yes" for name in said.get(ticked or "", ())}
    for name, value in said.items():
        if name in (ticked, "by_word"):
            continue
        text = " ".join(value) if isinstance(value, list) else str(value)
        code = name in ("reason", "ground") or (act, name) == ("not-given", "outcome")
        whole_form = name in own.get(act, ("envelope",))
        found[name if whole_form else f"{act}-code" if code else f"{act}-{name}"] = text
    return found


def made(command: Step, before: list[events.RequestEvent], by: str = SEAT) -> events.RequestEvent:
    """The fact that an honest roll makes of an act."""
    request = fold(before)
    assert request is not None
    seat = Seat(by.partition("/")[0], int(by.partition("/")[2]))
    return fact_of(
        command, request, Member(seat, "", sits=True, in_force=True, chain=(seat,)), Under("r", NOW.date(), NOW)
    )


def cases() -> Iterator[Case]:
    """Every case, act by act."""
    for act, (_, body) in BODIES.items():
        forms = [form_of(act, body)]
        if "until" in body:
            forms = [forms[0] | {f"{act}-until": typed} for typed in TYPED]
        for form in forms:
            yield from _of_act(act, form, body)
    yield from _takings()


def _of_act(act: str, form: dict[str, str], body: dict[str, Any]) -> Iterator[Case]:
    of: dict[str, Any] = {"request": ASKS.request, "at": NOW, "by": "court/9", "rule": "r"}
    before: list[events.RequestEvent] = (
        [ASKS, *(kind(**of, **said) for kind, said in (AFTER[act],) if act in AFTER)] if act in AFTER else [ASKS]
    )
    size = len(before)
    fact = made(Case("", act, form, body, [], 0, 0, None).command, before)

    def case(why: str, *since: Event, behind: int = size, found: int | None = None) -> Case:
        said = [(one.name, json.loads(one.body())) for one in (*before, *since)]
        return Case(f"{act}: {why}", act, form, body, said, size, behind, found)

    yield case("as it was sent", fact, found=size)
    others = events.RequestOpened(**of | {"by": "court/3"}, organisation="court")
    yield case("another's before it", others, fact, found=size + 1)
    # A taking stands there once in a step, whenever the roll gives it.
    yield case("an entry of before", fact, behind=size + 1, found=size if act == "open" else None)
    yield case("by another seat", msgspec.structs.replace(fact, by="court/3"))
    yield case("by another body", msgspec.structs.replace(fact, by="police/2"))
    for name in fact.__struct_fields__:
        if name not in (*OF_THE_ROLL, "request"):
            value = getattr(fact, name)
            yield case(f"another {name}", msgspec.structs.replace(fact, **{name: OTHERWISE[type(value)](value)}))
    other = events.RequestPreserved if act != "preserve" else events.RequestConfirmed
    yield case("another act", other(**of | {"by": SEAT}))
    if isinstance(fact, events.PersonToldByWord):
        said = {name: getattr(fact, name) for name in ("notice", "bucket", "complaint")}
        yield case("told as programs of before did", events.PersonTold(**of | {"by": SEAT}, **said))
    if isinstance(fact, events.RequestApproved):
        yield case("narrowed", events.RequestNarrowed(**of | {"by": SEAT}, fields=fact.fields, why=fact.why))


def _takings() -> Iterator[Case]:
    """A seat's taking stands there once in a step: one of before is this act, of the same seat, step and envelopes alone."""
    of: dict[str, Any] = {"request": ASKS.request, "at": NOW, "rule": "r"}
    mine = events.RequestOpened(by=SEAT, organisation="court", **of)
    other = events.RequestOpened(by="court/3", organisation="court", **of)
    another = events.RequestOpened(by=SEAT, organisation="east", **of)
    anew = [
        events.RequestReturned(by="court/3", missing=("grounds",), why="", **of),
        events.RequestCompleted(by="police/2", envelope=digest(b"anew"), **of),
    ]
    asked = [
        events.RequestAskedBack(by="court/3", envelope=digest(b"question"), **of),
        events.RequestAnsweredBack(by="police/2", envelope=digest(b"reply"), **of),
    ]
    passed = events.TimePassed(by="", step="under-review", to="refused", **of)
    approved = events.RequestApproved(by="court/3", fields=FIELDS, why="", **of)
    for why, before, found in (
        ("taken in this step", [mine], 1),
        ("taken in this step, and by another", [mine, other], 1),
        ("taken by another seat", [other], None),
        ("taken by this seat for another body", [another], None),
        ("taken before the request came anew", [mine, *anew], None),
        ("taken before the officer answered", [mine, *asked], None),
        ("taken again since the officer answered", [mine, *asked, mine], 4),
        ("taken in the step before", [mine, approved], None),
        ("taken before the time was over", [mine, passed], None),
    ):
        said = [(one.name, json.loads(one.body())) for one in (ASKS, *before)]
        yield Case(f"open: {why}", "open", {}, {}, said, len(said), len(said), found)


def read() -> list[Case]:
    """The corpus as it is written down."""
    return [Case(*one) for one in json.loads(CORPUS.read_text("utf-8"))]


def written() -> str:
    """The corpus as it is to be written down, a case a line."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in cases())
    return f"[\n{lines}\n]\n"
