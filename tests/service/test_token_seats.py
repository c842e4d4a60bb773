"""Tokens by which somebody acts: whose they are, who may have one issued, and what they do not let in to."""

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity.api_tokens import issue_token, live_tokens, replace_token
from openroll.service.identity.people import admit_organisation, end_seat
from openroll.service.identity.token_seats import Program, program_of
from openroll.service.roll import Roll
from tests.seats import seated


def code(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def police(roll: Roll) -> tuple[Seat, Seat]:
    """An authority with a lead and an officer."""
    admit = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "警方", "en": "Police"})
    assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    return seated(roll, "police", "officer-lead"), seated(roll, "police", "officer")


def test_an_authoritys_token_acts_for_one_seat_and_files_nothing(roll: Roll) -> None:
    """It is issued for a seat, by the keeper or that seat alone; a successor acts for the same; with the seat it ends."""
    lead, officer = police(roll)
    assert code(issue_token(roll, "police", "program")) == "token-without-seat"
    assert code(issue_token(roll, "police", "program", lead, seat=officer.number)) == "not-allowed"
    assert code(issue_token(roll, "police", "program", seat=99)) == "seat-gone"
    token = issue_token(roll, "police", "program", officer, seat=officer.number)
    assert isinstance(token, str)
    assert program_of(roll, token_hash(token)) == Program("police", "authority", officer)
    assert organisation_of(roll, token_hash(token)) is None  # no operator: whatever files asks for one
    (live,) = live_tokens(roll, "police")
    assert code(replace_token(roll, "police", live.number, lead)) == "not-allowed"
    successor = replace_token(roll, "police", live.number, officer)
    assert isinstance(successor, str)
    assert program_of(roll, token_hash(successor)) == Program("police", "authority", officer)
    assert not isinstance(end_seat(roll, "police", officer.number, lead), Refused)
    assert code(program_of(roll, token_hash(successor))) == "seat-gone"


def test_an_operators_token_files_without_a_seat_and_acts_with_one(roll: Roll) -> None:
    """The keeper's token of before files and acts for nobody; one that a seat issued, or that is issued for one, acts for it."""
    clerk = seated(roll, "east", "operator-lead")
    plain = issue_token(roll, "east", "billing")
    own = issue_token(roll, "east", "billing", clerk)
    bound = issue_token(roll, "east", "requests", seat=clerk.number)
    for token, seat in ((plain, None), (own, clerk), (bound, clerk)):
        assert isinstance(token, str)
        program = program_of(roll, token_hash(token))
        assert program == Program("east", "operator", seat)
        assert organisation_of(roll, token_hash(token)) == "east"
        assert isinstance(program, Program)
        assert (code(program.acts()) == "token-without-seat") if seat is None else program.acts() == seat
    assert program_of(roll, token_hash("openroll_none")) is None
