"""What a roll lists for everybody, held against its log, says of no honest list that it is otherwise."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from openroll.cli.requests.public_part import Public, beside
from openroll.register.event import Event
from openroll.register.organisation.events import OperatorSucceeded, OrganisationAdmitted, SuccessionOffered
from openroll.register.request.compared import PublicRequest, PublicUse
from openroll.register.request.content import Notice, read_content
from openroll.register.request.events import RequestFiled, UseRegistered
from openroll.register.roll.events import LogRestored
from openroll.watch.requests.public_log import PublicLog
from tests.told import USE, content_of, in_public
from tests.watch.cheats.forge import act_of
from tests.watch.test_forged_requests import seated

RULE = "law@1"
*_, REGISTERED = (one for one in seated() if isinstance(one, UseRegistered))
SEATED = [one for one in seated() if one != REGISTERED]


def public_log(*facts: Event) -> PublicLog:
    """A log of these facts, behind those by which everybody is there but for the police's use."""
    held = PublicLog()
    for position, fact in enumerate((*SEATED, *facts)):
        held.take(position, act_of(fact, "2006-12-20").entry)
    return held


def registered(by: str = "police/1") -> UseRegistered:
    """The use of the list, registered by a seat."""
    named = {name: USE[name] for name in ("basis", "supervisor", "supervised_at")}
    return msgspec.structs.replace(REGISTERED, by=by, **named)


def test_a_use_that_another_body_registered_is_none() -> None:
    """That its list and its log name it alike makes nothing of it: an authority says itself what it may ask for."""
    use = msgspec.convert(USE | {"titles": {"zh": "police", "en": "police"}}, PublicUse)
    for by, said in (
        ("police/1", []),
        ("registrar/0", ["use 1 (not in the log)"]),
        ("court/2", ["use 1 (not in the log)"]),
    ):
        found = public_log(registered(by)).contradicted([], [use], ())
        assert list(map(str, found)) == said, by


def test_nobody_answers_for_an_operator_at_others_words() -> None:
    """An heir is who the two operators say, one after the other, and nobody whom nothing was offered or whom others name."""
    offered = SuccessionOffered(operator="east", heir="west", until=date(2007, 1, 20), by="west/1", rule=RULE)
    of = {"operator": "east", "heir": "west", "rule": RULE}
    for before, words, heirs in (
        ((offered,), ("west/1", "east/1"), {"west"}),
        ((), ("west/1", "east/1"), set()),
        ((offered,), ("registrar/1", "registrar/2"), set()),
        ((offered,), ("registrar/0", "west/1"), set()),
    ):
        held = public_log(*before, OperatorSucceeded(offered_by=words[0], by=words[1], **of))
        assert set(held.answering("east")) == {"east"} | heirs, words


def test_an_authority_that_was_admitted_again_may_be_called_anew() -> None:
    """Its database went back: each title that it ever had is one that its uses may be listed under, and no other is."""
    of: dict[str, Any] = {"by": "registrar/0", "rule": RULE}
    restored = LogRestored(kind="behind", to="", restored="", size=1, seen=2, lost=1, **of)
    again = OrganisationAdmitted(organisation="police", kind="authority", title={"en": "City Police"}, **of)
    held = public_log(restored, again, registered())
    titles = {"police": {"zh": "police", "en": "police"}} | {one: {"en": one} for one in ("City Police", "Library")}
    uses = {one: msgspec.convert(USE | {"titles": title}, PublicUse) for one, title in titles.items()}
    found = {title: list(map(str, held.contradicted([], [one], ()))) for title, one in uses.items()}
    assert found == {"police": [], "City Police": [], "Library": ["use 1 (titles)"]}
    assert held.left_out.count == 0


def test_one_request_by_a_procedure_of_later_spoils_no_list() -> None:
    """What was filed is held against the log, what came of it is not, and of its notice it is said that nobody compared it."""
    filed = RequestFiled(
        request=1,
        at=datetime(2006, 11, 1, tzinfo=UTC),
        authority="police",
        use=1,
        operator="east",
        reviewer="court",
        objector="",
        fields=("name",),
        urgency="ordinary",
        desired="now",
        earlier=None,
        envelope="e" * 64,
        case_digest="c" * 64,
        procedure="request-9@0000000000000000",
        by="police/1",
        rule=RULE,
    )
    held, listed = public_log(filed), msgspec.convert(in_public(1), PublicRequest)
    lied = msgspec.structs.replace(listed, fields=("address",))
    assert held.contradicted([listed], [], ()) == []
    assert list(map(str, held.contradicted([lied], [], ()))) == ["request 1 (fields)"]
    public = Public({1: listed}, {}, whole=True, unfollowed=held.unfollowed)
    assert (
        "a procedure that this version of Openroll does not have"
        in beside(read_content(content_of(1), Notice), public).fault
    )
