"""Every refusal that the rule causes cites the article that causes it, and every other one has a reason why it cites none."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from tests.service.filings import filing

from openroll import places
from openroll.register import refusals as any_act
from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.file_refusals import FileFaulty, FileRestFaulty
from openroll.register.official import Under
from openroll.register.organisation.seats import KEEPERS
from openroll.register.refusals import ROOMS, every_refusal
from openroll.register.roll.commands import OpenRoll, Propose
from openroll.register.roll.decide import Roll, open_roll
from openroll.register.roll.refusals import RuleUnsafe
from openroll.register.roll.rule_versions import Proposing, propose
from openroll.register.subscription.citations import citation_of_faults
from openroll.register.subscription.commands import Change, Confirm, End, Erase, Lapse
from openroll.register.subscription.decide import LAPSED, UNCONFIRMED, Setting, Subscription, decide
from openroll.register.subscription.refusals import (
    FilingFaulty,
    KeptUntil,
    KindNotCovered,
)
from openroll.register.subscription.terms import terms_of
from openroll.rules import Rule, load
from openroll.service.governance.rule_standing import standing
from openroll.sheet.rows import check_row
from openroll.words import say_refused

CITES = {kind for kind in every_refusal() if kind.cites}
FILES = {FilingFaulty, FileFaulty, FileRestFaulty}
"""These cite what their faults come from (the last test here; for whole files tests/service/test_bulk.py)."""
OF_NO_RULE = {
    "subscription": "of the record as it stands, of a shape or of the sender's own keys: no rule of a roll says it",
    "organisation": "Openroll's own order of organisations, seats and tokens, which no rule can loosen",
    "roll": "Openroll's own order: four eyes, a day's notice, one opening, a clock that goes forward",
    "log_keys": "the log's own order (docs/log.md)",
    "site": "Openroll's own order of sites: what a filing says, one domain to one site, a number never given twice",
    "request": "what an authority registered in public, the procedure that the rule names, and the form of envelopes",
    "file_refusals": "of the file, the disk or the moment",
    "request_refusals": "of a request that is larger than anything asked for",
    "sign_in_refusals": "of who signs in, and how",
    "refusals": "of the moment or of a text that names somebody: the first never (SECURITY.md)",
}
"""Why the refusals of a room, but for those that cite, cite nothing."""


def test_every_refusal_cites_or_stands_in_a_room_that_says_why_not() -> None:
    """The table is whole: a new refusal is in a room that is listed, or cites."""
    rooms = {module.__name__ for module in (*ROOMS, any_act)}
    assert {kind.__module__ for kind in every_refusal()} <= rooms
    for kind in every_refusal():
        room = kind.__module__.removeprefix("openroll.register.").removesuffix(".refusals")
        assert kind in CITES or OF_NO_RULE[room], kind
    assert {module.removeprefix("openroll.register.").removesuffix(".refusals") for module in rooms} == set(OF_NO_RULE)


RULE = load("cn-cq-2006-regulation+with-safeguards")
TODAY = date(2006, 12, 20)
EAST, ALONE, CLOCK = Actor("operator", "east"), Actor("subscriber"), Actor("registrar")


def rule_with(**changed: object) -> Rule:
    """The safeguarded regulation with something else in it."""
    return msgspec.structs.replace(RULE, **changed)


def setting(rule: Rule = RULE) -> Setting:
    """What decides under a rule, with a day on which filings may be made."""
    return Setting("rule@1", terms_of(rule, places.load("cn-cq-2006"), TODAY))


COVERS = "Overlay art. 2; duty and period of the regulation, article number not confirmed"
assert RULE.retention is not None
WAITS = msgspec.structs.replace(RULE.retention, unconfirmed="P30D")
RECORD = Subscription(
    operator="east",
    handle="",
    kind="household",
    access="adsl",
    district="500103",
    connected=date(2006, 11, 1),
    filed=TODAY,
    digests=frozenset(),
)
ENDED = msgspec.structs.replace(RECORD, ended=date(2006, 12, 1))
WAITING = msgspec.structs.replace(RECORD, standing=UNCONFIRMED)
FALLEN = msgspec.structs.replace(RECORD, standing=LAPSED, ended=TODAY)


SITUATIONS: list[tuple[Command, Subscription | None, Actor, Rule, str, str]] = [
    (filing(kind="household"), None, EAST, rule_with(covers=("organisation",)), "kind-not-covered", COVERS),
    (filing(kind="robot"), None, EAST, RULE, "word-unknown", COVERS),
    (filing(district="1"), None, EAST, RULE, "word-unknown", ""),
    (filing(digests=()), None, EAST, RULE, "digests-miscounted", "Overlay art. 1"),
    (Change(on=TODAY, digests=()), RECORD, EAST, RULE, "digests-miscounted", "Overlay art. 1"),
    (Erase(), ENDED, ALONE, RULE, "kept-until", "Overlay art. 12"),
    (Lapse(), WAITING, CLOCK, rule_with(retention=WAITS), "waits-still", "Overlay art. 12"),
    (Lapse(), WAITING, CLOCK, RULE, "waits-still", ""),
    (Confirm(), FALLEN, EAST, rule_with(retention=WAITS), "not-unconfirmed", "Overlay art. 12"),
    (Confirm(), RECORD, EAST, rule_with(retention=WAITS), "not-unconfirmed", ""),
    (End(on=date(2030, 1, 1)), RECORD, EAST, RULE, "date-range", ""),
]


@pytest.mark.parametrize(("command", "state", "actor", "rule", "code", "article"), SITUATIONS)
def test_a_decision_cites_the_article_whose_value_refused(
    command: Command, state: Subscription | None, actor: Actor, rule: Rule, code: str, article: str
) -> None:
    """What the rule's values refuse is cited with their article; what the roll's own settings refuse cites nothing."""
    refused = decide(command, state, actor, setting(rule))
    assert isinstance(refused, Refused)
    assert (refused.refusal.code, refused.citation) == (code, article)
    assert refused.rule == "rule@1"


def test_every_refusal_that_a_rule_causes_is_tried_here() -> None:
    """A class that says that a rule causes it is cited in one of the situations; the others are of a whole rule, or of a file."""
    tried = {code for *_, code, article in SITUATIONS if article}
    assert {kind.code for kind in CITES - FILES - {RuleUnsafe}} == tried
    uncited = {code for *_, code, article in SITUATIONS if not article}
    assert uncited - {kind.code for kind in CITES} == {"date-range"}


def test_a_rule_that_is_refused_is_cited_itself() -> None:
    """Opened under or proposed, the rule's own articles are named, and the rule is the one that was refused."""
    unsafe = standing(load("cn-cq-2006-notice"), places.load("cn-cq-2006"))
    under = Under("rule@1", TODAY - timedelta(days=9), datetime(2006, 1, 1, tzinfo=UTC))
    opening = OpenRoll(roll="r", title={"en": "R"}, registrar={"en": "R"}, jurisdiction="", demonstration=True)
    opened = open_roll(opening, Roll(standing=unsafe, zones=("Asia/Shanghai",)), KEEPERS, under)
    asked = Propose(starts=TODAY, ref="", digest="", rule="", jurisdiction="", bundle="")
    proposed = propose(asked, Proposing(unsafe, "rule@1", "", "", ("Asia/Shanghai",)), KEEPERS, under)
    for refused in (opened, proposed):
        assert isinstance(refused, Refused)
        assert isinstance(refused.refusal, RuleUnsafe)
        assert refused.rule == unsafe.rule
        assert refused.citation
        assert "; ".join(dict.fromkeys(refused.citation.split("; "))) == refused.citation


def test_the_faults_of_a_row_are_cited_together() -> None:
    """A filing by program and a file are refused for their faults: the articles of these, each once."""
    cells = {
        "handle": "x",
        "kind": "robot",
        "access": "adsl",
        "district": "1",
        "connected": "2006-11-01",
        "digests": "",
    }
    terms = setting().terms
    faults = [(fault.code, fault.column) for fault in check_row(cells, terms, 1)]
    assert citation_of_faults(faults, terms) == f"{COVERS}; Overlay art. 1"
    assert citation_of_faults([("handle-form", "handle")], terms) == ""


def test_each_face_says_the_article_in_its_language_once() -> None:
    """Pages, API and commands say a refusal through one function; none names it twice."""
    refused = Refused(KindNotCovered(kind="household"), "rule@1", "Art. 12(1)")
    assert say_refused(refused, "en").endswith(" (By Art. 12(1).)")
    assert say_refused(refused, "zh").endswith("（依据：第12条第1款）")
    kept = Refused(KeptUntil(until=TODAY, article="Art. 12"), "rule@1", "Art. 12")
    assert say_refused(kept, "en").count("Art. 12") == 1
