"""An announced succession is for an operator that is gone: who is there voids it, and who gains by it opens nothing with it."""

from collections.abc import Callable

import pytest

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import Seat
from openroll.service import queries
from openroll.service.filing import porting
from openroll.service.filing.letters import letters_of
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.governance.lives import lives, offer_succession, succeed, withdraw_succession
from openroll.service.governance.open_roll import admit_operator, organisation_of, token_hash
from openroll.service.identity import filing_code, people, sessions
from openroll.service.identity.api_tokens import issue_token
from openroll.service.queries import Record
from openroll.service.roll import Roll
from tests.handles import handle
from tests.seats import invited, seated
from tests.service.filings import filing, submission_of
from tests.service.test_porting import code, filed, reference
from tests.service.test_unconfirmed import do, on


def announced(roll: Roll, heir: str = "west") -> tuple[Seat, Seat, Seat]:
    """The registrar announced that `heir` succeeds east, and its lead agreed: who announces, who carries out, and that lead."""
    first, second = seated(roll, "registrar", "registrar-lead"), seated(roll, "registrar", "registrar-lead")
    lead = seated(roll, heir, "operator-lead")
    assert code(offer_succession(roll, "east", heir, first)) == ""
    assert code(succeed(roll, "east", by=lead)) == ""
    return first, second, lead


def signs_in(roll: Roll, token: str) -> None:
    """A clerk signs in."""
    person = people.create_seat(roll, "east", "clerk", "somebody")
    assert isinstance(person, int)
    sessions.begin(roll, person=person)


def files(roll: Roll, token: str) -> None:
    """It files a subscription."""
    filed(roll, "a-9")


def asks_by_program(roll: Roll, token: str) -> None:
    """Its program asks for something."""
    assert organisation_of(roll, token_hash(token)) == "east"


@pytest.mark.parametrize("lives_on", [signs_in, files, asks_by_program])
def test_any_sign_of_life_voids_what_was_announced(roll: Roll, lives_on: Callable[[Roll, str], None]) -> None:
    """Whatever it does while the notice runs, nothing is carried out; a new announcement begins anew."""
    token = issue_token(roll, "east", "by test")
    assert isinstance(token, str)
    first, second, _ = announced(roll)
    on(roll, 20)
    lives_on(roll, token)
    on(roll, 20)
    assert code(succeed(roll, "east", by=second)) == "operator-lives"
    assert code(withdraw_succession(roll, "east", by=first)) == ""
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert rebuild(roll, replace=False).differences == ()


def test_a_lead_of_the_operator_declines_what_was_announced(roll: Roll) -> None:
    """Its lead, who sits at the page, says no, or agrees with another of its own choice instead."""
    lead = seated(roll, "east", "operator-lead")
    announced(roll)
    assert code(withdraw_succession(roll, "east", "we are here", lead)) == ""
    announced(roll)
    admitted(roll, "third")
    assert code(offer_succession(roll, "east", "third", lead)) == ""
    (row,) = [one for one in lives(roll) if one.name == "east"]
    assert (row.to, row.announced, row.accepted) == ("third", False, False)


def admitted(roll: Roll, name: str) -> None:
    """Another operator."""
    title = {"zh": name, "en": name}
    assert code(admit_operator(roll, AdmitOperator(operator=name, kind="access-operator", title=title))) == ""


def test_the_heir_agrees_by_a_lead_of_its_own(roll: Roll) -> None:
    """A lead whom one of the two of the registrar let in is no third person: neither with who announces nor who carries out."""
    first, second = seated(roll, "registrar", "registrar-lead"), seated(roll, "registrar", "registrar-lead")
    admitted(roll, "friend")
    theirs = invited(roll, "friend", "operator-lead", by=first)
    offer_succession(roll, "east", "friend", first)
    assert code(succeed(roll, "east", by=theirs)) == "one-line"
    withdraw_succession(roll, "east", by=first)
    offer_succession(roll, "east", "friend", second)
    assert code(succeed(roll, "east", by=theirs)) == ""
    on(roll, 40)
    assert code(succeed(roll, "east", by=first)) == "one-line"
    assert code(succeed(roll, "east", by=seated(roll, "registrar", "registrar"))) == ""


def shown_codes(roll: Roll, lead: Seat) -> list[str]:
    """Every filing code that an operator is told: in its list, in letters, or by handle."""
    operator = lead.organisation
    letters = letters_of(roll, lead, 0)
    assert not isinstance(letters, Refused), letters
    found = [code for _, code in queries.codes(roll, operator)] + [code for _, code, _ in letters]
    for account in ("a-1", "x-1"):
        one = queries.by_handle(roll, operator, handle(account))
        found += [one.code] if isinstance(one, Record) and one.code else []
    return found


def test_what_came_over_unasked_has_no_codes_to_hand_out(roll: Roll) -> None:
    """Its subscribers' codes open it as ever; neither its heir, nor the heir's heir, nor one it is ported to is told them."""
    old = filed(roll, "a-1")
    known = queries.by_handle(roll, "east", handle("a-1"))
    assert isinstance(known, Record)
    admitted(roll, "third")
    admitted(roll, "fourth")
    last = seated(roll, "fourth", "operator-lead")
    on(roll, 1)
    _, second, lead = announced(roll)
    on(roll, 40)
    assert code(succeed(roll, "east", by=second)) == ""
    assert shown_codes(roll, lead) == []
    assert rebuild(roll, replace=False).differences == ()
    assert isinstance(filing_code.open_by_code(roll, known.code, "192.0.2.1"), Record)
    own = do(roll, submission_of(filing("west", "w-1"), Actor("operator", "west")))
    assert isinstance(own, Taken)
    assert [found for found, _ in queries.codes(roll, "west")] == [handle("w-1")]
    other = seated(roll, "third", "operator-lead")
    offer_succession(roll, "west", "third", lead)
    assert code(succeed(roll, "west", by=other)) == ""
    assert [found for found, _ in queries.codes(roll, "third")] == [handle("w-1")]
    assert code(porting.offer(roll, Party("third"), old, "fourth")) == ""
    assert code(porting.agree(roll, Party("fourth"), reference(roll, "fourth"), handle("x-1"))) == ""
    assert shown_codes(roll, last) == []
    assert rebuild(roll, replace=True).differences == ()
    assert shown_codes(roll, last) == []


def test_an_announcement_goes_before_what_is_merely_offered(roll: Roll) -> None:
    """Who asks first keeps nobody out: the registrar announces or takes back, and the operator offers itself to another."""
    admitted(roll, "third")
    asks = seated(roll, "third", "operator-lead")
    first = seated(roll, "registrar", "registrar-lead")
    east = seated(roll, "east", "operator-lead")
    assert code(offer_succession(roll, "east", "third", asks)) == ""
    assert code(offer_succession(roll, "east", "west", seated(roll, "west", "operator-lead"))) != ""
    assert code(offer_succession(roll, "east", "west", east)) == ""
    assert code(withdraw_succession(roll, "east", by=first)) == ""
    assert code(offer_succession(roll, "east", "third", asks)) == ""
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert code(offer_succession(roll, "east", "third", asks)) == "succession-offered-already"
    assert code(withdraw_succession(roll, "east", by=asks)) == "not-allowed"
