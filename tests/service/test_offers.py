"""What somebody offers ends with their seat, and no lead gives an operator away over the heads of its other leads."""

from openroll.register.decision import Refused
from openroll.register.organisation.events import OperatorSucceeded, SuccessionAccepted
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance import rule_versions
from openroll.service.governance.lives import lives, offer_succession, succeed, withdraw_succession
from openroll.service.identity import people
from openroll.service.roll import Roll
from tests.handles import handle
from tests.seats import in_force, invited, seated, words_read
from tests.service.test_governance import another
from tests.service.test_porting import code, filed, reference
from tests.service.test_seats import starts
from tests.service.test_unconfirmed import on


def away(roll: Roll, seat: Seat, by: Seat) -> None:
    """A seat is taken away."""
    assert code(people.end_seat(roll, seat.organisation, seat.number, by)) == ""


def agreed(roll: Roll, by: Seat) -> object:
    """What comes of a word for east's succession by west: the kind of event, or the code of the refusal."""
    decision = succeed(roll, "east", "west", by)
    return decision.refusal.code if isinstance(decision, Refused) else type(decision.events[0])


def test_a_succession_that_somebody_offered_who_is_gone_is_not_agreed(roll: Roll) -> None:
    """Who was thrown out has given nothing away; the same of who asked for it, agreed to it, or announced it."""
    lead, rogue = seated(roll, "east", "operator-lead"), seated(roll, "east", "operator-lead")
    west, other = seated(roll, "west", "operator-lead"), seated(roll, "west", "operator-lead")
    first, second = seated(roll, REGISTRAR, "registrar-lead"), seated(roll, REGISTRAR, "registrar-lead")
    offer_succession(roll, "east", "west", rogue)
    away(roll, rogue, lead)
    assert agreed(roll, west) == "succession-not-offered"
    assert [one.to for one in lives(roll)] == [None, None]
    offer_succession(roll, "east", "west", other)
    away(roll, other, west)
    assert agreed(roll, lead) == "succession-not-offered"
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert agreed(roll, west) is SuccessionAccepted
    away(roll, first, second)
    on(roll, 40)
    assert agreed(roll, seated(roll, REGISTRAR, "registrar")) == "succession-not-offered"
    assert rebuild(roll, replace=False).differences == ()


def test_an_operator_with_more_leads_is_given_away_by_two(roll: Roll) -> None:
    """In whatever order they say so, whoever began; nobody of the other operator stands in for one of them."""
    one, two = seated(roll, "east", "operator-lead"), seated(roll, "east", "operator-lead")
    west, other = seated(roll, "west", "operator-lead"), seated(roll, "west", "operator-lead")
    filed(roll, "a-1")
    for begins in (one, west):
        offer_succession(roll, "east", "west", begins)
        assert agreed(roll, begins) == "not-allowed"
        assert agreed(roll, west if begins == one else one) is SuccessionAccepted
        for again in (one, west, other):
            assert agreed(roll, again) == "not-allowed"
        assert rebuild(roll, replace=False).differences == ()
        assert code(withdraw_succession(roll, "east", by=two)) == ""
    offer_succession(roll, "east", "west", one)
    assert agreed(roll, two) is SuccessionAccepted
    assert agreed(roll, west) is OperatorSucceeded
    assert rebuild(roll, replace=False).differences == ()


def test_leads_of_one_line_have_days_to_take_it_back(roll: Roll) -> None:
    """Nobody knows them for two people, so no second word counts: they are told, and any of them takes it back meanwhile."""
    registrar = in_force(roll, REGISTRAR, "registrar-lead")
    one = in_force(roll, "east", "operator-lead")
    two = in_force(roll, "east", "operator-lead", one, registrar)
    west = seated(roll, "west", "operator-lead")
    offer_succession(roll, "east", "west", one)
    assert agreed(roll, two) == "one-line"
    assert agreed(roll, west) is SuccessionAccepted
    assert agreed(roll, west) == "notice-runs"
    assert code(withdraw_succession(roll, "east", "not I", two)) == ""
    offer_succession(roll, "east", "west", one)
    assert agreed(roll, west) is SuccessionAccepted
    on(roll, 40)
    (row,) = [one for one in lives(roll) if one.name == "east"]
    assert (row.ready, row.lapsed) == (True, False)
    assert rebuild(roll, replace=False).differences == ()
    assert agreed(roll, one) is OperatorSucceeded


def test_who_throws_the_others_out_first_waits_as_well(roll: Roll) -> None:
    """Before the offer or while it waits for the other's word: the registrar, whom they call, has days to take it back."""
    one, two = seated(roll, "east", "operator-lead"), seated(roll, "east", "operator-lead")
    west, registrar = seated(roll, "west", "operator-lead"), seated(roll, REGISTRAR, "registrar-lead")
    offer_succession(roll, "east", "west", one)
    assert agreed(roll, west) is SuccessionAccepted
    away(roll, two, one)
    assert agreed(roll, one) == "not-allowed"
    assert agreed(roll, west) is SuccessionAccepted
    assert agreed(roll, west) == "notice-runs"
    assert code(withdraw_succession(roll, "east", "its leads say no", registrar)) == ""
    on(roll, 40)
    offer_succession(roll, "east", "west", one)
    assert agreed(roll, west) is OperatorSucceeded


def test_a_port_that_somebody_offered_who_is_gone_is_not_agreed(roll: Roll) -> None:
    """Nor one that somebody asked for; what a clerk offered whose operator was succeeded is its heir's offer."""
    lead, west = seated(roll, "east", "operator-lead"), seated(roll, "west", "operator-lead")
    clerk = seated(roll, "east", "clerk")
    number = filed(roll, "a-1")
    assert code(porting.offer(roll, Party("east", clerk), number, "west")) == ""
    assert [one.void for one in porting.waiting(roll, "west")] == [False]
    away(roll, clerk, lead)
    assert [[one.void for one in porting.waiting(roll, name)] for name in ("east", "west")] == [[True], [True]]
    agree = porting.agree(roll, Party("west", west), reference(roll), handle("w-1"))
    assert code(agree) == "port-not-offered"
    assert code(porting.withdraw(roll, Party("east", lead), reference(roll))) == ""
    assert code(porting.offer(roll, Party("east", lead), number, "west")) == ""
    assert [one.void for one in porting.waiting(roll, "west")] == [False]
    assert code(porting.agree(roll, Party("west", west), reference(roll), handle("w-1"))) == ""


def test_a_rule_that_somebody_proposed_who_is_gone_is_not_published(roll: Roll) -> None:
    """Another person of the registrar drops it, or proposes it anew."""
    one, two, three = (seated(roll, REGISTRAR, "registrar-lead") for _ in range(3))
    number = rule_versions.propose_rule(roll, another(roll), starts(roll), one)
    assert isinstance(number, int)
    words_read(roll, another(roll))
    away(roll, one, two)
    assert code(rule_versions.settle(roll, number, two, drop=False)) == "seat-gone"
    assert rule_versions.settle(roll, number, three, drop=True) is None


def test_an_invitation_ends_with_the_seat_that_made_it(roll: Roll) -> None:
    """Nobody sits down by it any more, and it is in no list."""
    lead, rogue = seated(roll, "east", "operator-lead"), seated(roll, "east", "operator-lead")
    secret = people.invite(roll, "east", "clerk", "somebody", rogue)
    assert isinstance(secret, str)
    away(roll, rogue, lead)
    assert code(people.invitation(roll, secret)) == "invitation-unknown"
    assert code(people.join_with_subject(roll, secret, "https://id.example", "late")) == "invitation-unknown"
    assert people.overview(roll, "east", 0)[1] == []
    assert isinstance(invited(roll, "east", "clerk", lead), Seat)
