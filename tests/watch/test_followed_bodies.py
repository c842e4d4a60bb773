"""What is once in a roll is written no second time: no use is registered, and nobody seated, anew for one entry."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from openroll.disclosure.envelope import public_line
from openroll.register.event import Event
from openroll.register.organisation.events import (
    CodesGiven,
    OperatorAdmitted,
    OperatorLeft,
    OperatorSucceeded,
    OrganisationAdmitted,
    PersonInvited,
    PersonLeft,
    ProviderSet,
    SeatAnnounced,
    SeatConfirmed,
    SuccessionAccepted,
    SuccessionOffered,
    SuccessionWithdrawn,
    TokenEnded,
    TokenIssued,
    TokenReplaced,
)
from openroll.register.request import commands, events
from openroll.register.request.events import KeyEnded, KeyPublished
from openroll.register.roll.events import (
    FiguresPublished,
    LogRestored,
    RuleDropped,
    RuleProposed,
    RulePublished,
    RuleRead,
)
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.audit.rule_acts import Proposed
from openroll.watch.audit.seatings import SeatTaken
from tests.register import asked
from tests.watch.test_forged_requests import GONE, LEAD, OF, WAITING, filed, joined, known, opened

TITLE = {"zh": "x", "en": "x"}
DAY = date(2006, 11, 28)
USE = {name: getattr(asked.USE, name) for name in commands.RegisterUse.__struct_fields__}


def use(number: int = 1, by: str = LEAD, **changed: Any) -> Event:
    """A use that police register."""
    return events.UseRegistered(**USE | changed, organisation="police", use=number, by=by, rule="law@1")


def use_ended(by: str = LEAD, number: int = 1) -> Event:
    """Its end."""
    return events.UseEnded(use=number, organisation="police", why="over", by=by, rule="law@1")


def confirmed(by: str, seat: str = WAITING, *, unasked: bool = False) -> Event:
    """Somebody's word for a seat."""
    return SeatConfirmed(organisation=seat.partition("/")[0], seat=seat, by=by, rule="law@1", unasked=unasked)


def announced(by: str, days: int = 14, seat: str = "police/40") -> Event:
    """The registrar's notice of a seat."""
    return SeatAnnounced(
        organisation=seat.partition("/")[0], seat=seat, until=DAY + timedelta(days), by=by, rule="law@1"
    )


def succeeded(operator: str, heir: str, offered_by: str, by: str) -> Event:
    """One operator is succeeded by another body."""
    return OperatorSucceeded(operator=operator, heir=heir, offered_by=offered_by, by=by, rule="law@1")


def left(seat: str, by: str) -> Event:
    """A seat that is taken away."""
    return PersonLeft(organisation=seat.partition("/")[0], seat=seat, by=by, rule="law@1")


def uninvited(seat: str, role: str) -> Event:
    """Somebody sits there whom nobody invited, as in a roll of before seats were confirmed."""
    return msgspec.structs.replace(joined(seat, role), founding=False)


def founding(seat: str, role: str, by: str) -> Event:
    """Somebody founds an organisation at another seat's invitation."""
    return msgspec.structs.replace(joined(seat, role, by), founding=True)


def restored(by: str) -> Event:
    """The database came back without what it knew last."""
    said: dict[str, Any] = {"kind": "behind", "to": "", "restored": "", "size": 1, "seen": 2, "lost": 1}
    return LogRestored(**said, by=by, rule="law@1")


def proposed(by: str = "registrar/1", rule: str = "law@2") -> Event:
    """A rule that is to be in force from tomorrow."""
    return RuleProposed(proposed=rule, jurisdiction="x", starts=DAY + timedelta(1), safeguards=(), by=by, rule="law@1")


def published(by: str = "registrar/2", rule: str = "law@2", days: int = 1, proposer: str = "registrar/1") -> Event:
    """Its publication."""
    said: dict[str, Any] = {"jurisdiction": "x", "starts": DAY + timedelta(days), "proposed_by": proposer}
    return RulePublished(published=rule, by=by, rule="law@1", **said)


def dropped(by: str = "registrar/1", rule: str = "law@2", place: str = "") -> Event:
    """Its end before it was published; of what was proposed in several ways with the jurisdiction of the one."""
    one = RuleDropped(dropped=rule, proposed_by="registrar/1", by=by, rule="law@1")
    return msgspec.structs.replace(one, jurisdiction=place, starts=DAY + timedelta(1)) if place else one


def offers(by: str, operator: str = "west", heir: str = "east", days: int = 14) -> Event:
    """Somebody offers that one operator is succeeded by the other, asks for it or announces it."""
    return SuccessionOffered(operator=operator, heir=heir, until=DAY + timedelta(days), by=by, rule="law@1")


def agrees(by: str, until: date | None = None) -> Event:
    """A further word for it."""
    return SuccessionAccepted(operator="west", heir="east", by=by, until=until, rule="law@1")


def admitted(name: str, kind: str = "", by: str = "registrar/1") -> Event:
    """An organisation is admitted, an operator where no kind is said."""
    of: dict[str, Any] = {"title": TITLE, "by": by, "rule": "law@1"}
    if kind:
        return OrganisationAdmitted(organisation=name, kind=kind, **of)
    return OperatorAdmitted(operator=name, kind="access-operator", **of)


def figures(by: str) -> Event:
    """The figures of the day."""
    return FiguresPublished(on=DAY, digest="0" * 64, by=by, rule="law@1")


def body_key(organisation: str = "east", by: str = "east/1", of: str = "") -> KeyPublished:
    """A key for envelopes that an organisation publishes, or another's of which it says that it is its own."""
    held = asked.held(of or organisation)
    public = public_line(held.published).strip()
    return KeyPublished(organisation=organisation, key=held.id, public=public, by=by, rule="law@1")


def key_ended(organisation: str = "east", by: str = "east/1") -> KeyEnded:
    """The end of the operator's key."""
    return KeyEnded(organisation=organisation, key=asked.held("east").id, why="", by=by, rule="law@1")


KEYED = [joined("east/1", "operator-lead")]
"""An operator whose lead publishes keys."""
SECOND = joined("registrar/2", "registrar-lead")
OFFERED = [SECOND, joined("police/40", "officer", "registrar/1")]
LEADS = [joined("east/1", "operator-lead"), joined("west/1", "operator-lead")]
WORDS = [*LEADS, SECOND]
OTHER = [*LEADS, joined("west/3", "operator-lead", "registrar/1"), confirmed("west/1", "west/3")]
"""Of one operator two leads of different lines."""
CLERK = [SECOND, joined("registrar/3", "registrar", "registrar/1"), confirmed("registrar/2", "registrar/3")]
"""Of the registrar one more seat, whom its first one let in."""
READ: dict[str, Any] = {"read": "law@2", "digest": "x", "words": "x", "rule": "law@1"}
TOKEN: dict[str, Any] = {"organisation": "east", "token": 1, "rule": "law@1"}
ALONE = joined("police/4", "officer-lead", "registrar/1")
FORGED: dict[str, tuple[list[Event], Event]] = {
    "a use again, with another office": ([], use(office="+86 23 9999 0000")),
    "a use again that has ended": ([use_ended()], use()),
    "a use by no lead": ([], use(2, "police/2")),
    "a use by another organisation's lead": ([], use(2, "registrar/1")),
    "an end of a use by no lead": ([], use_ended("police/2")),
    "an end of a use that has ended": ([use_ended()], use_ended()),
    "an end of another's use": ([], msgspec.structs.replace(use_ended(), organisation="court")),
    "an end of no use": ([], use_ended(number=9)),
    "a seat again that was left": ([], joined(GONE, "officer")),
    "a seat again in another role": ([], joined("police/2", "officer-lead")),
    "a leaving of a seat that was left": ([], PersonLeft(organisation="police", seat=GONE, **OF)),
    "a leaving of another organisation": ([], msgspec.structs.replace(left(WAITING, LEAD), organisation="court")),
    "a word of the seat itself": ([], confirmed(WAITING)),
    "a word of a lead that waits, for itself": ([ALONE], confirmed("police/4", "police/4")),
    "a word of no seat": ([], confirmed("police/99")),
    "a word of no lead": ([], confirmed("police/2")),
    "a word of a lead of the same line": ([], confirmed(LEAD)),
    "a word of another organisation's lead": ([joined("court/4", "reviewer-lead")], confirmed("court/4")),
    "a word for whom its own lead let in that says nobody spoke": ([], confirmed("registrar/1", unasked=True)),
    "a word for whom a program let in that says somebody spoke": (
        [joined("east/3", "clerk", "east/0")],
        confirmed("registrar/1", "east/3"),
    ),
    "a word for a seat in force": ([confirmed("registrar/1")], confirmed("registrar/1")),
    "a word for a seat that was left": ([], confirmed("registrar/1", GONE)),
    "an organisation again, of another kind": (
        [],
        OrganisationAdmitted(organisation="court", kind="authority", title=TITLE, **OF),
    ),
    "a seat that nobody invited to, behind others": ([], uninvited("court/90", "reviewer")),
    "a seat of somebody by the development door of a real roll": (
        [opened(demonstration=False)],
        joined("court/90", "reviewer"),
    ),
    "a founding seat of no lead": ([], founding("third/90", "reviewer", "registrar/1")),
    "a founding lead of what has begun": ([], founding("police/90", "officer-lead", "registrar/0")),
    "a seat that never was invites": ([], joined("court/90", "reviewer", "court/777")),
    "a seat that left invites": ([], joined("police/90", "officer", GONE)),
    "a seat that is no lead invites": ([], joined("police/90", "officer", "police/2")),
    "a lead that waits invites": ([ALONE], joined("police/90", "officer", "police/4")),
    "another organisation's lead invites": ([], joined("court/90", "reviewer", LEAD)),
    "another organisation's program invites": ([], joined("court/90", "reviewer", "east/0")),
    "a role of another kind": ([], joined("court/90", "officer", "registrar/1")),
    "a seat of nobody's organisation": ([], joined("nobody/1", "officer", "registrar/1")),
    "a seat of another text": ([], joined("police/09", "officer", LEAD)),
    "a seat of another organisation than it says": (
        [],
        msgspec.structs.replace(joined("court/90", "reviewer", "registrar/1"), organisation="police"),
    ),
    "a word of the keeper": ([], confirmed("registrar/0")),
    "a word of the registrar alone, of which no notice was given": (OFFERED, confirmed("registrar/2", "police/40")),
    "a word of the registrar alone, while its notice runs": (
        [*OFFERED, announced("registrar/2")],
        confirmed("registrar/2", "police/40"),
    ),
    "a notice of some days": (OFFERED, announced("registrar/2", 13)),
    "a notice by no lead": (OFFERED, announced("police/2")),
    "a word for what was invited to by a seat that left since": (
        [joined("police/40", "officer-lead"), joined("police/41", "officer", "police/40"), left("police/40", LEAD)],
        confirmed(LEAD, "police/41"),
    ),
    "a leaving at another organisation's word": ([], left("court/2", LEAD)),
    "an operator succeeded by who asks": (LEADS, succeeded("east", "police", "registrar/1", "registrar/1")),
    "an operator succeeded by a court": ([*LEADS, SECOND], succeeded("east", "court", "registrar/1", "registrar/2")),
    "an operator succeeded by itself": (LEADS, succeeded("east", "east", "east/1", "east/1")),
    "an authority succeeded": (LEADS, succeeded("police", "east", LEAD, "east/1")),
    "an operator succeeded at an officer's word": (LEADS, succeeded("east", "west", LEAD, LEAD)),
    "an operator succeeded at one registrar's word": (LEADS, succeeded("east", "west", "registrar/1", "registrar/1")),
    "an operator that left at nobody's word": ([], OperatorLeft(operator="east", by="police/1", rule="law@1")),
    "an operator succeeded of which nothing was offered": (
        WORDS,
        succeeded("west", "east", "registrar/1", "registrar/2"),
    ),
    "an operator succeeded while the notice runs": (
        [*WORDS, offers("registrar/1"), agrees("east/1")],
        succeeded("west", "east", "registrar/1", "registrar/2"),
    ),
    "an operator succeeded by another than the offer's": (
        [*WORDS, admitted("south"), joined("south/1", "operator-lead"), offers("west/1")],
        succeeded("west", "south", "west/1", "south/1"),
    ),
    "an operator succeeded at one lead's word where two are": (
        [*OTHER, offers("east/1")],
        succeeded("west", "east", "east/1", "west/1"),
    ),
    "an operator succeeded as was offered and taken back": (
        [*WORDS, offers("west/1"), SuccessionWithdrawn(operator="west", by="west/1", rule="law@1")],
        succeeded("west", "east", "west/1", "east/1"),
    ),
    "a word for what nobody offered": (WORDS, agrees("east/1")),
    "a succession offered by who asks": (WORDS, offers(LEAD)),
    "a succession announced for some days": (WORDS, offers("registrar/1", days=13)),
    "a word for no heir": (
        [*WORDS, offers("registrar/1")],
        msgspec.structs.replace(agrees("east/1"), heir=""),
    ),
    "a withdrawal of what nobody offered": (
        WORDS,
        SuccessionWithdrawn(operator="west", by="west/1", rule="law@1"),
    ),
    "a rule by who asks": ([], proposed(LEAD)),
    "a rule that nobody proposed": ([SECOND], published()),
    "a rule published by who asks": ([SECOND, proposed()], published(LEAD)),
    "a rule published by who proposed it": ([SECOND, proposed()], published("registrar/1")),
    "a rule published by whom its proposer let in": ([*CLERK, proposed()], published("registrar/3")),
    "a rule published from another day": ([SECOND, proposed()], published(days=2)),
    "a rule published of today": ([SECOND, proposed()], published(days=0)),
    "a rule published twice": ([SECOND, proposed(), published()], published()),
    "a rule published that was dropped": ([SECOND, proposed(), dropped()], published()),
    "a rule dropped by who asks": ([proposed()], dropped(LEAD)),
    "a rule published with the jurisdiction that was dropped": (
        [SECOND, proposed(), msgspec.structs.replace(proposed(), jurisdiction="y"), dropped(place="x")],
        published(),
    ),
    "a rule dropped with a jurisdiction that was dropped": (
        [SECOND, proposed(), msgspec.structs.replace(proposed(), jurisdiction="y"), dropped(place="x")],
        dropped(place="x"),
    ),
    "a rule published after as many were dropped unnamed as wait": (
        [SECOND, proposed(), msgspec.structs.replace(proposed(), jurisdiction="y"), dropped(), dropped()],
        published(),
    ),
    "a rule published again of two of which one was dropped unnamed": (
        [SECOND, proposed(), proposed(), dropped(), published()],
        published(),
    ),
    "a rule read by another organisation than says so": (
        [],
        RuleRead(**READ, role="officer-lead", organisation="court", by=LEAD),
    ),
    "an admission by who asks": ([], admitted("north", by=LEAD)),
    "an authority that is an operator too": ([], admitted("police")),
    "an operator that is an authority too": ([], admitted("east", "authority")),
    "an operator again": ([], admitted("east")),
    "an operator that left again": ([OperatorLeft(operator="east", **OF)], admitted("east")),
    "figures by who asks": ([], figures(LEAD)),
    "figures by a seat that waits": ([joined("registrar/5", "registrar", "registrar/1")], figures("registrar/5")),
    "a coming back by who asks": ([], restored(LEAD)),
    "codes given to another organisation": ([], CodesGiven(organisation="east", by=LEAD, rule="law@1")),
    "a provider of another organisation": (
        [],
        ProviderSet(organisation="court", issuer="x", by="registrar/1", rule="law@1"),
    ),
    "an invitation by another organisation": (
        [],
        PersonInvited(organisation="court", role="reviewer", withdrawn=False, by=LEAD, rule="law@1"),
    ),
    "a token of another seat": ([], TokenIssued(**TOKEN, seat=2, by="police/2")),
    "a token replaced by another organisation": ([], TokenReplaced(**TOKEN, successor=2, until="", by=LEAD)),
    "a token ended by another organisation": ([], TokenEnded(**TOKEN, by=LEAD)),
    "a key of another organisation": ([], KeyPublished(organisation="court", key="x", public="x", by=LEAD, rule="x")),
    "a key by no lead": ([], KeyEnded(organisation="police", key="x", why="", by="police/2", rule="x")),
    **{
        f"a key of the operator by {by or 'nobody'}": (KEYED, body_key(by=by))
        for by in ("registrar/0", "registrar/1", "court/2", GONE, "nobody/9", "x", "", "east/2")
    },
    **{
        f"an end of the operator's key by {by}": ([*KEYED, body_key()], key_ended(by=by))
        for by in ("registrar/0", "registrar/1", "court/2", GONE, "nobody/9", "east/2")
    },
    "a key of the registrar": ([], body_key("registrar", by="registrar/1")),
    "a key under another's id": (KEYED, msgspec.structs.replace(body_key(), key=asked.held("west").id)),
    "a key that is none": (KEYED, msgspec.structs.replace(body_key(), public="x")),
    "a key again": ([*KEYED, body_key()], body_key()),
    "a key again that has ended": ([*KEYED, body_key(), key_ended()], body_key()),
    "another organisation's key": ([*KEYED, body_key()], body_key("police", LEAD, "east")),
    "an end of a key that has ended": ([*KEYED, body_key(), key_ended()], key_ended()),
    "an end of no key": (KEYED, key_ended()),
    "an end of another organisation's key": ([*KEYED, body_key()], key_ended("police", LEAD)),
    "an authority that left": ([], OperatorLeft(operator="police", by="registrar/1", rule="law@1")),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_no_decider_makes_of_bodies_is_named_and_changes_nothing(what: str) -> None:
    """The entries before it are taken without a word; after it everything stands as it stood."""
    before, forged = FORGED[what]
    bodies, beside = Bodies(), Bodies()
    for fact in (*known(), *before):
        assert (bodies.take(fact, DAY), beside.take(fact, DAY)) == ("", "")
    assert bodies.take(forged, DAY) != ""
    assert bodies == beside


def test_what_deciders_make_of_bodies_is_taken() -> None:
    """A further use, its end by the registrar's lead, a word of another line, and the next number of seats."""
    bodies = Bodies()
    rest = (use(2), use_ended("registrar/1", 2), confirmed("registrar/1"), joined("police/8", "officer", LEAD))
    offered = (*OFFERED, announced("registrar/2"), joined("registrar/3", "registrar"))
    for fact in (*known(), *rest, *offered, joined("east/3", "clerk", "east/0"), *LEADS):
        assert bodies.take(fact, DAY) == "", fact
    for fact in (offers("registrar/1"), agrees("east/1"), proposed(), figures("registrar/2"), published()):
        assert bodies.take(fact, DAY) == "", fact
    assert "something else of unasked" in bodies.take(confirmed("registrar/2", "police/40"), DAY + timedelta(15))
    late = (
        confirmed("registrar/2", "police/40", unasked=True),
        succeeded("west", "east", "registrar/1", "registrar/3"),
    )
    for fact in late:
        assert bodies.take(fact, DAY + timedelta(15)) == "", fact
    assert bodies.uses[2].ended
    assert bodies.seats[WAITING].confirmed_by == "registrar/1"


def test_a_roll_of_before_seats_were_confirmed_is_taken() -> None:
    """Its seats stand before all others; from its first seat of today on nobody sits down uninvited."""
    bodies = Bodies()
    old = [uninvited(f"registrar/{number}", "registrar-lead") for number in (1, 2)]
    for fact in (*old, joined("registrar/3", "registrar", "registrar/1"), confirmed("registrar/2", "registrar/3")):
        assert bodies.take(fact) == "", fact
    assert bodies.take(uninvited("registrar/4", "registrar")) != ""
    today = Bodies()
    assert today.take(opened(demonstration=False)) == ""
    assert today.take(old[0]) != ""


def test_an_operator_shares_its_name_with_one_other_body_in_an_old_roll_alone() -> None:
    """By way of an operator of its name no authority becomes a reviewer, which then would decide what it asks."""
    bodies = Bodies()
    for fact in (uninvited("registrar/1", "registrar-lead"), admitted("police", "authority"), admitted("police")):
        assert bodies.take(fact) == "", fact
    assert bodies.take(admitted("police", "reviewer")) != ""
    assert bodies.take(admitted("police", "authority")) == ""


def test_what_a_database_forgot_is_done_again() -> None:
    """Behind an entry that says so, an organisation has its first lead a second time, and what was taken up waits again."""
    bodies = Bodies()
    before = (*WORDS, proposed(), published(), offers("west/1"))
    again = (founding("police/90", "officer-lead", "registrar/0"), published(), admitted("east"), offers("west/1"))
    for fact in (*known(), *before, restored("registrar/0"), *again):
        assert bodies.take(fact, DAY) == "", fact
    for fact in (founding("police/91", "officer-lead", "registrar/0"), published(), admitted("police")):
        assert bodies.take(fact, DAY) != "", fact


WAYS: dict[str, tuple[list[Event], list[Event]]] = {
    "the heir asks and the one lead agrees": (LEADS, [offers("east/1"), succeeded("west", "east", "east/1", "west/1")]),
    "one lead offers, the other one and the heir agree": (
        OTHER,
        [offers("west/1"), agrees("east/1"), succeeded("west", "east", "west/1", "west/3")],
    ),
    "one of two leads of one line agrees, and the other has its days": (
        [*LEADS, joined("west/3", "operator-lead", "west/1"), confirmed("registrar/1", "west/3")],
        [offers("east/1"), agrees("west/1", DAY + timedelta(14))],
    ),
    "a seat that a program offered is announced, as its lead speaks, or put in force": (
        [SECOND, joined("east/3", "clerk", "east/0")],
        [announced("registrar/1", seat="east/3"), confirmed("registrar/1", "east/3", unasked=True)],
    ),
    "what was announced, and is void by a sign of life, is announced anew": (
        WORDS,
        [offers("registrar/1"), offers("registrar/2"), agrees("east/1")],
    ),
    "what was announced gives way to the operator's word": (WORDS, [offers("registrar/1"), offers("west/1")]),
}


@pytest.mark.parametrize("way", WAYS)
def test_operators_end_by_the_words_that_it_takes(way: str) -> None:
    """Whatever the deciders of a succession make one after the other."""
    bodies = Bodies()
    for fact in (*known(), *WAYS[way][0], *WAYS[way][1]):
        assert bodies.take(fact, DAY) == "", fact


def test_a_log_that_no_entry_opens_is_named_and_judged_all_the_same() -> None:
    """The rule of its first act is taken for the roll's: of what comes by another, and of who may not, more is said."""
    rules = RequestRules(bodies=Bodies(), from_first=True)
    first, *rest = tuple(known())[1:]
    assert "no entry before it opens the roll: 'law@1'" in rules.follow(first)
    assert {rules.follow(fact) for fact in rest} == {""}
    assert "'law@9', which no entry" in rules.follow(filed(rule="law@9"))
    assert "no proposal of it" in rules.follow(published("registrar/1"))


def test_a_chain_of_any_length_is_followed_at_once() -> None:
    """Ten thousand seats that each let the next one in: no seat's line is walked for another's."""
    bodies = Bodies(kinds={"police": "authority"})
    assert bodies.take(joined("registrar/1", "registrar-lead")) == ""
    bodies.seats |= {
        f"police/{number}": SeatTaken("officer-lead", f"police/{number - 1}", confirmed_by="x")
        for number in range(1, 10_001)
    }
    assert bodies.take(joined("police/10001", "officer", "police/10000")) == ""
    member = bodies.member("police/10001")
    assert member is not None
    assert len(member.chain) == 10_003


class Looked(dict[str, SeatTaken]):
    """Seats that count how often one is looked at."""

    looked = 0

    def get(self, key: str, default: Any = None) -> Any:
        """One of them."""
        self.looked += 1
        return super().get(key, default)


def test_a_chain_of_any_length_is_confirmed_link_by_link() -> None:
    """Each lead lets in the next one, whom the registrar confirms: the last seats take as many looks as the first."""
    bodies = Bodies()
    for fact in known():
        assert bodies.take(fact) == ""
    looks, before = list[int](), LEAD
    for number in range(100, 200):
        bodies.seats = Looked(bodies.seats)
        seat = f"police/{number}"
        assert bodies.take(joined(seat, "officer-lead", before)) == ""
        assert bodies.take(confirmed("registrar/1", seat)) == ""
        looks, before = [*looks, bodies.seats.looked], seat
    assert looks[-1] <= looks[0] + 1


def test_an_act_is_under_a_rule_that_was_in_force() -> None:
    """The one that the roll was opened under, or one that was published, from its first day on; and a roll is opened once."""
    rules, days = (
        RequestRules(bodies=Bodies(), from_first=True),
        [CivilDays().within(f"2006-11-{day}") for day in (28, 29)],
    )
    first, asks = tuple(known()), filed()
    for fact in first:
        assert rules.follow(fact, days[0]) == "", fact
    never, later = (msgspec.structs.replace(asks, rule=name) for name in ("never@0000000000000000", "law@2"))
    assert "'never@0000000000000000', which no entry" in rules.follow(never, days[0])
    assert rules.follow(published(), days[0]) != ""
    assert "'law@2', which no entry" in rules.follow(later, days[0])
    assert [rules.follow(fact, days[0]) for fact in (SECOND, proposed(), published())] == ["", "", ""]
    assert "'law@2', which no entry" in rules.follow(later, days[0])
    assert "opened before" in rules.follow(opened(demonstration=True), days[0])
    assert rules.going == {}
    tomorrow = msgspec.structs.replace(later, at=later.at + timedelta(1))
    assert [
        rules.follow(one, day)
        for one, day in zip((asks, msgspec.structs.replace(tomorrow, request=2)), days, strict=True)
    ] == ["", ""]


def test_keys_that_their_own_leads_publish_and_end_are_taken() -> None:
    """Once; and again where the database came back without them, as far as its roll may have forgotten them."""
    bodies = Bodies()
    back = restored("registrar/1")
    anew = (body_key(), key_ended(), back, body_key(), key_ended(), back, key_ended())
    for fact in (*known(), *KEYED, *anew):
        assert bodies.take(fact, DAY) == "", fact
    assert bodies.take(body_key(), DAY) != ""
    unread = Bodies()  # a monitor that began in the middle of a log does not know which keys there were
    for fact in (*known(), *KEYED, key_ended()):
        assert fact.name.startswith("roll.opened") or unread.take(fact, DAY) == "", fact


def test_a_state_of_before_ways_were_counted_follows_on() -> None:
    """What was kept of proposals says how many wait; which of its ways may, it takes from then on."""
    kept = msgspec.convert({"ways": ["a", "b"], "times": 2, "waiting": 2}, Proposed)
    assert kept.which(["c"]) is None
    kept.add("c")
    kept.take("c")
    assert (kept.which(["c"]), kept.which(["c", "a"]), kept.waiting) == (None, "a", 2)
