"""Whoever reads a log asks whose act each fact is: what others wrote in a body's name changes nothing that any of them gives."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import openroll
from openroll.cli.requests.held_log import BesideLog, FactsInLog, ToldInLog
from openroll.disclosure.envelope import HYBRID, HeldKey, public_line
from openroll.register.event import Event
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request import events
from openroll.watch.audit.entries import CivilDays, EntryRules
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.requests.lives import Lives
from openroll.watch.requests.public_log import PublicLog
from tests.cli.test_held_log import TOLD, returned, told
from tests.told import SIGNER
from tests.watch.cheats.forge import act_of
from tests.watch.test_forged_requests import known

SOURCE = Path(openroll.__file__).parent
PAGES = Path(__file__).parents[2] / "frontend/src"
FACES = ("api", "cli", "paper", "rdap", "report", "sheet", "watch", "web", "words")
"""The rooms that read logs which somebody else may have written."""
ASKS = {
    "watch/facts.py": "takes an entry apart",
    "watch/requests/believed.py": "asks whose each is, for everybody who reads a log",
    "watch/requests/proved.py": "asks whose each is, of what a roll gives with receipts",
    "watch/requests/lives.py": "says which entries do not read, and takes no fact from them",
    "cli/requests/held_log.py": "names keys in an organisation's own name to itself, and believes nothing by it",
    "watch/audit/entries.py": "gives each to the rules, which name what is nobody's to do",
    "watch/audit/request_rules.py": "judges each act by the seats that the log shows",
    "watch/audit/checks.py": "looks at the one entry of a folder of evidence",
    "watch/audit/figures.py": "holds figures against the roll, whose registrar publishes them and keeps the log",
    "watch/log_restart.py": "takes the first entries alone, by which a log says itself what it goes on from",
    "watch/rules/versions.py": "takes the rules alone, which the registrar publishes, who keeps the log",
    "watch/mirror/keys.py": "takes the log's own keys alone, each signed by those before it",
}
"""The files that take a fact, or its text, from an entry, each with why it is right there: all others ask `BelievedLog`."""
READS_RECEIPTS = {
    "desk-proof.js": "asks whose each is, of what the roll gives with receipts",
    "desk-answer.js": "reads the facts of a record, which no body says in another's name",
    "given.js": "as desk-answer.js",
    "needed.js": "as desk-answer.js",
    "verify.js": "shows a receipt as it is",
}


def taking(path: Path) -> Iterator[str]:
    """What of an entry's text a file takes: the functions that read it, or the text itself."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            yield from names & {"read_entry", "fact_of"} if node.module == "openroll.watch.facts" else ()
            yield from names & {"EVENTS"} if node.module == "openroll.register.events" else ()
            if node.module == "openroll.watch" and "facts" in names:
                yield "facts"
        if isinstance(node, ast.Attribute) and node.attr == "act" and "entr" in ast.unparse(node.value):
            yield ast.unparse(node)


def test_no_face_takes_a_fact_from_an_entry_past_those_who_ask_whose_it_is() -> None:
    """A new reader of a log asks `BelievedLog`, or stands here with why it need not."""
    found = {
        str(path.relative_to(SOURCE)) for room in FACES for path in (SOURCE / room).rglob("*.py") if set(taking(path))
    }
    assert found == set(ASKS)


def test_no_page_takes_a_fact_from_a_receipt_past_those_who_ask() -> None:
    """So does the page's side: one file takes what is said of requests and keys from receipts."""
    takes = re.compile(r"import \{[^}]*\b(check|claimed)\b[^}]*\} from \"./receipt.js\"")
    assert {path.name for path in PAGES.glob("*.js") if takes.search(path.read_text("utf-8"))} == set(READS_RECEIPTS)


OF: dict[str, Any] = {"request": 1, "at": TOLD, "rule": "law@1"}
FILED = returned()[0]
ANSWERED = events.RequestAnswered(outcome="not-held", fields=(), envelope="c" * 64, by="east/1", **OF)
KEY = HeldKey(b"f" * 32, HYBRID)


def key_in_easts_name(key: HeldKey, by: str) -> events.KeyPublished:
    """A key for what is sealed to east, published by a seat."""
    return events.KeyPublished(
        organisation="east", key=key.id, public=public_line(key.published).strip(), by=by, rule="law@1"
    )


HONEST: Sequence[Event] = (*known(), key_in_easts_name(SIGNER, "east/1"), *returned(), ANSWERED, told(1, b"true"))
FORGED: Sequence[Event] = (
    events.RequestNarrowed(fields=("name",), why="", by="registrar/1", **OF),
    events.RequestRefused(reason="basis", why="", by="police/2", **OF),
    events.RequestWithdrawn(by="court/2", why="", **OF),
    told(1, b"of the registrar's own making", by="registrar/1"),
    told(1, b"of a program", by="east/0"),
    msgspec.structs.replace(FILED, request=2, by="registrar/1"),
    told(2, b"of nobody's request"),
    key_in_easts_name(KEY, "registrar/1"),
    events.KeyEnded(organisation="east", key=SIGNER.id, why="", by="registrar/1", rule="law@1"),
    OperatorSucceeded(operator="east", heir="court", offered_by="registrar/1", by="registrar/1", rule="law@1"),
)


def public_log(log: PublicLog) -> object:
    """What it holds a roll's lists against, and whose keys it believes."""
    return list(log.every_act()), log.signers("log.example"), log.contradicted([], [], whole=True), log._uses


def told_in_log(log: ToldInLog) -> object:
    """Who was told by which notice."""
    return log.tellings("log.example"), log.requests(), log.not_in(frozenset(), lambda *_: True)


def facts_in_log(log: FactsInLog) -> object:
    """What a roll hid that gave the filing alone."""
    return log.hidden((FILED,))


def lives(log: Lives) -> object:
    """The figures of requests, and who stands out."""
    return log.counted(10**6)[0], log.standing_out()


READERS: dict[type[BelievedLog], tuple[Callable[[], Any], Callable[[Any], object]]] = {
    PublicLog: (PublicLog, public_log),
    ToldInLog: (ToldInLog, told_in_log),
    FactsInLog: (lambda: FactsInLog(1), facts_in_log),
    BesideLog: (lambda: BesideLog(1), lambda log: (facts_in_log(log), log.in_force("east"))),
    Lives: (Lives, lives),
}
"""Everybody who reads a log for what it says, with what is made of it."""


@pytest.mark.parametrize("reader", READERS)
def test_what_others_wrote_changes_nothing(reader: type[BelievedLog]) -> None:
    """With acts of others behind each of the true ones, everything that is said is as it was without."""
    assert {*BelievedLog.__subclasses__(), *FactsInLog.__subclasses__()} == set(READERS)
    begun, given = READERS[reader]

    def said(facts: Sequence[Event]) -> object:
        log = begun()
        for place, fact in enumerate(facts):
            log.take(place, act_of(fact, "2006-12-20").entry)
        return given(log)

    true = said(HONEST)
    assert said((*HONEST, *FORGED)) == true
    assert said(FORGED) != true


def test_an_audit_holds_notices_against_the_operators_tellings_alone() -> None:
    """Another's telling stands beside an operator's and hides it not: what the operator told is looked for as ever."""

    def read(facts: Sequence[Event]) -> tuple[dict[int, str], list[str], object]:
        rules = EntryRules(
            CivilDays(), tolerance=CivilDays().ends("2006-12-20") - TOLD, now=datetime(2007, 1, 1, tzinfo=UTC)
        )
        for fact in facts:
            list(rules.take(act_of(fact, "2006-12-20").entry.encode()))
        return (
            {number: one.notice for number, one in rules.tellings.items()},
            [one.key for one in rules.keys],
            rules.retold,
        )

    forged = [one for one in FORGED if getattr(one, "request", 1) == 1]
    assert read((*HONEST, *forged)) == read(HONEST)
    assert read(HONEST)[1] == [SIGNER.id]
