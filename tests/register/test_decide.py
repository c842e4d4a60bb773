"""Deciding and following: any run of commands keeps the record true, and nothing is ever thrown."""

from datetime import date, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chongqing import KINDS, terms
from tests.handles import handle
from tests.service.filings import digest, digests, filing

from openroll.register.command import Actor, Command
from openroll.register.decision import Accepted, Refused
from openroll.register.events import EVENTS, event_of
from openroll.register.subscription.commands import Change, Correct, End, File, Notify, Rehandle, Withdraw
from openroll.register.subscription.decide import Setting, Subscription, decide, evolve
from openroll.register.subscription.refusals import KindNotCovered

TODAY = date(2006, 12, 20)
TERMS = terms(TODAY, 4)
SETTING = Setting("rule@1", TERMS)
EAST, WEST, SUBSCRIBER = Actor("operator", "east"), Actor("operator", "west"), Actor("subscriber")

DIGESTS = st.sampled_from([digest(str(n)) for n in range(6)] + ["short", ""])
SOME = st.lists(DIGESTS, max_size=3).map(tuple)
DATES = st.dates(date(1990, 1, 1), TODAY + timedelta(days=30))
MAYBE = {
    "kind": st.none() | st.sampled_from(["household", "organisation", "king"]),
    "access": st.none() | st.sampled_from(["adsl", "lan", "telepathy"]),
    "district": st.none() | st.sampled_from(["500103", "500105", "999999"]),
}
COMMANDS = st.one_of(
    st.builds(filing, connected=DATES, told=SOME),
    st.builds(Change, on=DATES, digests=st.none() | st.just(digests("new")) | SOME, **MAYBE),
    st.builds(End, on=DATES),
    st.builds(Notify, added=SOME),
    st.builds(Withdraw, dropped=SOME),
    st.builds(Rehandle, handle=st.sampled_from([handle("a-1"), handle("a-2"), "13812345678"])),
    st.builds(Correct, connected=st.none() | DATES, added=SOME, dropped=SOME, **MAYBE),
    st.builds(Command),
)
ACTORS = st.sampled_from([EAST, EAST, SUBSCRIBER, SUBSCRIBER, WEST, Actor("officer")])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(COMMANDS, ACTORS), max_size=12))
def test_any_run_of_commands_keeps_the_record_true(asked: list[tuple[Command, Actor]]) -> None:
    """Whatever is asked in whatever order, each answer is a decision, and the facts alone give the state back."""
    state: Subscription | None = None
    stored: list[tuple[str, str]] = []
    for command, actor in asked:
        decision = decide(command, state, actor, SETTING)
        if isinstance(decision, Refused):
            assert decision.refusal.params is not None
            continue
        assert isinstance(decision, Accepted)
        assert decision.events
        assert actor in (EAST, SUBSCRIBER), "nobody else ever changes a record of east's"
        for event in decision.events:
            assert not event.official
            stored.append((event.name, event.body()))
            before, state = state, evolve(state, event, TODAY)
            assert state is not None
            assert state.version == (before.version if before else 0) + 1
        assert state is not None
        assert state.connected <= TODAY
        assert state.kind in KINDS
        assert state.district in TERMS.districts
        assert len(state.digests) == TERMS.digests
        over = before is not None and before.ended is not None
        assert not over or isinstance(command, Withdraw), "nothing follows an end but a taking back"
    again: Subscription | None = None
    for name, body in stored:
        again = evolve(again, event_of(name, body), TODAY)
    assert again == state


def test_only_a_subscriber_tells_by_choice_and_only_that_is_taken_back() -> None:
    """An operator cannot notify for a subscriber, and what an operator filed is not a subscriber's to withdraw."""
    state = evolve(None, decide(filing(), None, EAST, SETTING).events[0], TODAY)  # type: ignore[union-attr] # it is accepted
    told = Notify(added=(digest("told"),))
    assert isinstance(decide(told, state, EAST, SETTING), Refused)
    assert isinstance(decide(told, state, SUBSCRIBER, SETTING), Accepted)
    filed = Withdraw(dropped=(digests("easta-1")[0],))
    assert isinstance(decide(filed, state, SUBSCRIBER, SETTING), Refused)


def test_a_filing_tells_no_more_than_a_record_may_carry() -> None:
    """Filed with 64 digests in all it is taken, with one more refused: nobody stores a thousand under the name of telling."""
    told = tuple(digest(f"told {n}") for n in range(61))
    assert isinstance(decide(filing(told=told[:60]), None, SUBSCRIBER, SETTING), Accepted)
    refused = decide(filing(told=told), None, SUBSCRIBER, SETTING)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "digests-miscounted"


def test_a_kind_that_the_rule_does_not_cover_is_refused_as_such() -> None:
    """Under a rule that covers organisations only, a household's filing is refused because the rule does not cover it."""
    terms = msgspec.structs.replace(
        TERMS, kinds=frozenset({"organisation"}), uncovered=frozenset({"household", "person"})
    )
    decision = decide(filing(), None, EAST, Setting("rule@1", terms))
    assert isinstance(decision, Refused)
    assert decision.refusal == KindNotCovered(kind="household")


def test_event_names_are_explicit_and_versioned() -> None:
    """The names that are stored are these and no others: a class may move, a name may not."""
    assert sorted(EVENTS) == [
        "codes.given/1",
        "envelope-key.ended/1",
        "envelope-key.published/1",
        "escrow.deposited/1",
        "figures.published/1",
        "log.begun/1",
        "log.keys-changed/1",
        "log.keys-revoked/1",
        "log.restored/1",
        "operator.admitted/1",
        "operator.admitted/2",
        "operator.left/1",
        "operator.succeeded/1",
        "operator.succession-accepted/1",
        "operator.succession-offered/1",
        "operator.succession-withdrawn/1",
        "organisation.admitted/1",
        "organisation.admitted/2",
        "person.invited/1",
        "person.joined/1",
        "person.left/1",
        "private-site.changed/1",
        "private-site.checked/1",
        "private-site.ended/1",
        "private-site.filed/1",
        "provider.set/1",
        "record.seen/1",
        "request.annulled/1",
        "request.answered-back/1",
        "request.answered/1",
        "request.approved/1",
        "request.asked-back/1",
        "request.called-back/1",
        "request.complained/1",
        "request.completed/1",
        "request.confirmed/1",
        "request.filed/1",
        "request.let-pass/1",
        "request.narrowed/1",
        "request.nobody-told/1",
        "request.objected/1",
        "request.opened/1",
        "request.preserved/1",
        "request.produced/1",
        "request.refused/1",
        "request.returned/1",
        "request.seconded/1",
        "request.signed/1",
        "request.telling-postponed/1",
        "request.time-extended/1",
        "request.time-passed/1",
        "request.told/1",
        "request.told/2",
        "request.withdrawn/1",
        "roll.opened/1",
        "roll.opened/2",
        "roll.opened/3",
        "rule.dropped/1",
        "rule.proposed/1",
        "rule.proposed/2",
        "rule.published/1",
        "rule.published/2",
        "rule.read/1",
        "seat.announced/1",
        "seat.confirmed/1",
        "site.changed/1",
        "site.checked/1",
        "site.ended/1",
        "site.filed/1",
        "subscription.changed/1",
        "subscription.confirmed/1",
        "subscription.contact-changed/1",
        "subscription.corrected/1",
        "subscription.disowned/1",
        "subscription.ended/1",
        "subscription.erased/1",
        "subscription.filed/1",
        "subscription.held/1",
        "subscription.lapsed/1",
        "subscription.notified/1",
        "subscription.passkey-added/1",
        "subscription.passkey-ended/1",
        "subscription.port-offered/1",
        "subscription.port-withdrawn/1",
        "subscription.ported/1",
        "subscription.rehandled/1",
        "subscription.release-asked/1",
        "subscription.release-refused/1",
        "subscription.release-seconded/1",
        "subscription.released/1",
        "subscription.withdrawn/1",
        "token.ended/1",
        "token.issued/1",
        "token.replaced/1",
        "use.ended/1",
        "use.registered/1",
        "work.settled/1",
    ]


def test_a_body_is_canonical() -> None:
    """The bytes that a receipt commits to: keys sorted, no white space, whole."""
    decision = decide(File(**{**msgspec.structs.asdict(filing()), "digests": digests("x")}), None, EAST, SETTING)
    assert isinstance(decision, Accepted)
    body = decision.events[0].body()
    told = ",".join(f'"{one}"' for one in sorted(digests("x")))
    assert body == (
        f'{{"access":"adsl","by":"operator","connected":"2006-11-01","digests":[{told}],"district":"500103",'
        f'"handle":"{handle("a-1")}","kind":"household","operator":"east","rule":"rule@1"}}'
    )
