"""All organisations have one space of names: seats, tokens and invitations go by a name alone, and end by it."""

from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.service.governance.lives import leave_roll, offer_succession, succeed
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity.people import admit_organisation
from openroll.service.identity.seats import acting
from openroll.service.roll import Roll
from tests.seats import seated
from tests.service.test_porting import code

TITLE = {"zh": "某处", "en": "Some Office"}


def test_no_two_organisations_bear_one_name(roll: Roll) -> None:
    """Neither the registrar's nor one of another kind, by either door."""
    lead = seated(roll, "registrar", "registrar-lead")
    police = AdmitOrganisation(organisation="police", kind="authority", title=TITLE)
    assert code(admit_organisation(roll, police, lead)) == ""
    for name in ("registrar", "police", "east"):
        operator = AdmitOperator(operator=name, kind="access-operator", title=TITLE, by=str(lead))
        assert code(admit_operator(roll, operator)) == "operator-admitted-already"
        authority = AdmitOrganisation(organisation=name, kind="authority", title=TITLE)
        assert code(admit_organisation(roll, authority, lead)) == "operator-admitted-already"


def test_an_operator_that_shares_a_name_ends_nobody_s_seats(roll: Roll) -> None:
    """In a roll of before: it neither leaves nor is succeeded, nor succeeds another."""
    lead, east, west = (
        seated(roll, of, role)
        for of, role in (("registrar", "registrar-lead"), ("east", "operator-lead"), ("west", "operator-lead"))
    )
    assert code(offer_succession(roll, "east", "west", east)) == ""
    with roll.database.own() as connection:
        connection.execute(
            "insert into operator (name, title, kind, admitted, number)"
            " select 'registrar', title, kind, admitted, number + 1000000 from operator where name = 'west'"
        )
        connection.execute(
            "insert into organisation (name, kind, title, number, admitted)"
            " select name, 'authority', title, number + 1000000, admitted from operator where name = 'east'"
        )
    assert code(leave_roll(roll, "registrar", "not wanted", lead)) == "operator-unknown"
    assert code(leave_roll(roll, "east", "", east)) == "operator-unknown"
    assert code(succeed(roll, "east", "west", west)) == "operator-unknown"
    assert code(offer_succession(roll, "west", "east", west)) == "operator-unknown"
    with roll.database.own() as connection:
        assert [acting(connection, seat) for seat in (lead, east, west)] == [None] * 3
