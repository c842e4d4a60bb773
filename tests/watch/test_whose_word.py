"""Whoever reads a log asks whose act each fact is: what others wrote in a body's name changes nothing that any of them gives."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import openroll
from openroll.cli.requests.held_log import BesideLog, FactsInLog, ToldInLog
from openroll.disclosure.envelope import HYBRID, HeldKey, public_line
from openroll.register.event import Event
from openroll.register.organisation.events import OperatorAdmitted, OperatorSucceeded, SuccessionOffered
from openroll.register.request import events
from openroll.register.request.compared import PublicRequest
from openroll.watch.audit.entries import CivilDays, EntryRules
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.requests.lives import Lives
from openroll.watch.requests.public_log import PublicLog
from tests.cli.test_held_log import TOLD, returned, told
from tests.told import SIGNER, in_public
from tests.watch.cheats.forge import act_of
from tests.watch.test_forged_requests import GONE, WAITING, seated

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
    "watch/site_facts.py": "reads the facts of a site that a roll gives with receipts, and holds each against what was sent",
    "watch/site_recount.py": "counts what stands in the log of sites, as the roll's figures do",
    "watch/mirror/keys.py": "takes the log's own keys alone, each signed by those before it",
}
"""The files that take a fact, or its text, from an entry, each with why it is right there: all others ask `BelievedLog`."""
SEES_RECEIPTS_ALONE = {
    "watch/requests/proved.py": "of what a roll gives with receipts, beside which no other entry is",
    "watch/requests/decisions.py": "of the end of a key, with its receipt, beside which no other entry is",
    "watch/audit/roll_acts.py": "beside the seat that the log shows",
    "watch/audit/tellings.py": "where an earlier version read the entries, and beside the keys that the log shows where not",
    "watch/requests/believed.py": "who succeeded whom, of the successions that it believes",
    "cli/requests/held_log.py": "names keys in an organisation's own name to itself, and believes nothing by it",
    "web/desk_rights.py": "to mark one's own keys, as this roll knows them",
}
"""The files of the faces that ask for the name of an act's seat alone: whoever has the log asks whether somebody sits there."""
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


def test_nobody_who_has_a_log_asks_for_the_name_of_a_seat_alone() -> None:
    """That name is in any entry that somebody wrote; what it is worth the other entries say."""
    asking = "from openroll.register.request.whose import"
    found = {
        str(path.relative_to(SOURCE))
        for room in FACES
        for path in (SOURCE / room).rglob("*.py")
        if asking in path.read_text("utf-8")
    }
    assert found == set(SEES_RECEIPTS_ALONE)


def test_whoever_reads_a_log_says_what_is_left_out_of_it() -> None:
    """A file that begins to read one says so; the audit names those entries itself."""
    readers: list[type[BelievedLog]] = [BelievedLog, *READERS]
    begins = re.compile(rf"\b({'|'.join(one.__name__ for one in readers)})\([\w.]*\)(?!:)")
    reading = {
        str(path.relative_to(SOURCE)): path.read_text("utf-8")
        for room in FACES
        for path in (SOURCE / room).rglob("*.py")
        if begins.search(path.read_text("utf-8"))
    }
    assert {name for name, text in reading.items() if "left_out" not in text} == {"watch/audit/visit.py"}
    assert len(reading) == 5


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


def succeeded(heir: str, offered_by: str, by: str) -> OperatorSucceeded:
    """East is succeeded at two words."""
    return OperatorSucceeded(operator="east", heir=heir, offered_by=offered_by, by=by, rule="law@1")


USE = next(one for one in seated() if isinstance(one, events.UseRegistered))
SEATED = seated()
LIFE: Sequence[Event] = (key_in_easts_name(SIGNER, "east/1"), *returned(), ANSWERED)
OFFERED = SuccessionOffered(operator="east", heir="west", until=date(2007, 1, 20), by="west/1", rule="law@1")
HONEST: dict[str, Sequence[Event]] = {
    "told by who was asked": (*LIFE, told(1, b"true")),
    "told by its heir": (*LIFE, OFFERED, succeeded("west", "west/1", "east/1"), told(1, b"true", by="west/1")),
}
"""What honest bodies write behind `SEATED`."""
GHOST = {"authority": "ghost", "by": "ghost/1", "operator": "spook", "reviewer": "shade"}
FORGED: Sequence[Event] = (
    events.RequestNarrowed(fields=("name",), why="", by="registrar/1", **OF),
    events.RequestRefused(reason="basis", why="", by="police/2", **OF),
    events.RequestWithdrawn(by="court/2", why="", **OF),
    events.RequestWithdrawn(by="police/99", why="", **OF),
    events.RequestWithdrawn(by=GONE, why="", **OF),
    events.RequestWithdrawn(by=WAITING, why="", **OF),
    told(1, b"of the registrar's own making", by="registrar/1"),
    told(1, b"of a program", by="east/0"),
    told(1, b"of a seat that nobody sits in", by="east/99"),
    msgspec.structs.replace(FILED, **GHOST),
    msgspec.structs.replace(FILED, operator="spook"),
    msgspec.structs.replace(FILED, by="police/99"),
    msgspec.structs.replace(FILED, request=2, by="registrar/1"),
    told(2, b"of nobody's request"),
    key_in_easts_name(KEY, "registrar/1"),
    events.KeyEnded(organisation="east", key=SIGNER.id, why="", by="registrar/1", rule="law@1"),
    key_in_easts_name(KEY, "east/99"),
    key_in_easts_name(KEY, "east/2"),
    msgspec.structs.replace(USE, use=2, organisation="ghost", by="ghost/1"),
    msgspec.structs.replace(USE, use=2, by="police/99"),
    msgspec.structs.replace(USE, basis="no law"),
    succeeded("court", "registrar/1", "registrar/1"),
    succeeded("north", "registrar/7", "registrar/8"),
    succeeded("west", "registrar/7", "registrar/8"),
    OperatorAdmitted(operator="spook", title={"en": "x"}, kind="access-operator", by="east/1", rule="law@1"),
)


def public_log(log: PublicLog) -> object:
    """What it holds a roll's lists against, and whose keys it believes."""
    return list(log.every_act()), log.signers("log.example"), log.filed_since(0), log.told_since(""), log._uses


def told_in_log(log: ToldInLog) -> object:
    """Who was told by which notice."""
    return log.tellings("log.example"), log.not_in(frozenset(), lambda *_: True)


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
    BesideLog: (lambda: BesideLog(1), facts_in_log),
    Lives: (Lives, lives),
}
"""Everybody who reads a log for what it says, with what is made of it."""


def read(log: BelievedLog, facts: Sequence[Event]) -> BelievedLog:
    """A log that was read to its end."""
    for place, fact in enumerate(facts):
        log.take(place, act_of(fact, "2006-12-20").entry)
    return log


@pytest.mark.parametrize("life", HONEST)
@pytest.mark.parametrize("reader", READERS)
def test_what_others_wrote_changes_nothing(reader: type[BelievedLog], life: str) -> None:
    """With acts of those who may not before, between and behind the true ones, everything that is said is as without them."""
    assert {*BelievedLog.__subclasses__(), *FactsInLog.__subclasses__()} == set(READERS)
    begun, given = READERS[reader]
    true = given(read(begun(), (*SEATED, *HONEST[life])))
    for place in range(len(HONEST[life]) + 1):
        before, behind = HONEST[life][:place], HONEST[life][place:]
        assert given(read(begun(), (*SEATED, *before, *FORGED, *behind))) == true, place
    assert given(read(begun(), SEATED)) != true


@pytest.mark.parametrize("life", HONEST)
def test_what_is_left_out_is_said_and_of_an_honest_log_nothing(life: str) -> None:
    """Each entry with its reason, the first ten of them; whoever reads that "nothing" was told reads that beside it."""
    honest = read(BelievedLog(), (*SEATED, *HONEST[life]))
    assert (honest.left_out.count, str(honest.left_out)) == (0, "")
    held = read(BelievedLog(), (*SEATED, *FORGED[9:], *HONEST[life]))
    assert held.left_out.count == len(FORGED[9:])
    said = str(held.left_out)
    assert f"entry {len(SEATED)}, request.filed/1: of request 1, 'ghost/1' is no seat;" in said
    assert f"; and {len(FORGED[9:]) - 10} more. `openroll audit` names each such entry." in said
    assert [held.placed(1), held.answering("east")] == [
        tuple(one._replace(position=one.position + len(FORGED[9:])) for one in honest.placed(1)),
        honest.answering("east"),
    ]


def test_whoever_does_not_answer_any_more_or_yet_tells_nobody() -> None:
    """An heir tells from its succession on, and who was asked until then."""
    life = HONEST["told by its heir"]
    early, late = told(1, b"too early", by="west/1"), told(1, b"too late", by="east/1")
    held = read(BelievedLog(), (*SEATED, *life[:-3], early, *life[-3:], late))
    assert [one for one in held.acts(1) if isinstance(one, events.PersonTold)] == [life[-1]]
    assert held.left_out.count == 2


def test_of_two_filings_that_could_both_be_believed_none_is_preferred() -> None:
    """The bodies of either may act, no list of it is believed, and no figure counts it: nobody can tell which it is."""
    other = msgspec.structs.replace(FILED, by="police/3", operator="west")
    tellings = told(1, b"of the one"), told(1, b"of the other", by="west/1")
    for filings in ((FILED, other), (other, FILED)):
        facts = (*SEATED, *filings, *tellings)
        public = read(PublicLog(), facts)
        assert public.acts(1) == [*filings, *tellings]
        row = msgspec.convert(in_public(1), PublicRequest)
        (said,) = public.contradicted([row], [], ())  # type: ignore[attr-defined]
        assert "filed more than once" in str(said)
        assert "filed a second time" in str(read(Lives(), facts).counted(10**6))  # type: ignore[attr-defined]
        assert len(read(ToldInLog(), facts)._every) == 2  # type: ignore[attr-defined]


def audited(facts: Sequence[Event]) -> tuple[EntryRules, set[int]]:
    """An audit of these entries, and which of them it names for what they say (their days stand as they may)."""
    now = datetime(2007, 1, 1, tzinfo=UTC)
    rules = EntryRules(CivilDays(UTC), tolerance=timedelta(1), now=now)
    entries = [act_of(fact, f"{getattr(fact, 'at', FILED.at).date()}").entry.encode() for fact in facts]
    return rules, {one.index for entry in entries for one in rules.take(entry) if one.kind == "act-missing"}


@pytest.mark.parametrize("life", HONEST)
def test_an_audit_follows_what_honest_bodies_do_past_what_it_names(life: str) -> None:
    """It names each entry of somebody who may not, and no other behind it; it looks for what operators told, by their keys."""
    honest, named = audited((*SEATED, *HONEST[life]))
    assert (named, [one.key for one in honest.keys]) == (set(), [SIGNER.id])
    for place in range(len(HONEST[life]) + 1):
        first = len(SEATED) + place
        rules, named = audited((*SEATED, *HONEST[life][:place], *FORGED, *HONEST[life][place:]))
        assert named == set(range(first, first + len(FORGED))), place
        told_of = [{one: of[one].notice for one in of if one == 1} for of in (rules.tellings, honest.tellings)]
        assert told_of[0] == told_of[1], place
        assert ([one.key for one in rules.keys], rules.requests.over) == ([SIGNER.id], honest.requests.over)
