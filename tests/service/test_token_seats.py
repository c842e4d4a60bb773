"""Tokens by which somebody acts: whose they are, who may have one issued, and what they do not let in to."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from psycopg.errors import InvalidTextRepresentation

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.filing import bulk, porting
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Submission, Taken
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.people import admit_organisation, end_seat, invite
from openroll.service.identity.token_seats import Program, program_of
from openroll.service.queries import official_acts
from openroll.service.roll import Roll
from openroll.store import migrations
from openroll.store.assumptions import Assumptions
from openroll.store.assumptions import require as require_fast
from openroll.store.rights import TokenOver, TokenRight
from openroll.words import say_refused
from tests.handles import handle
from tests.on_behalf import on_behalf_of
from tests.seats import seated
from tests.service.filings import filing
from tests.service.test_unconfirmed import do

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0035_token_seats.sql"


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
    """It is issued for a seat, by the keeper or that seat alone; with the seat it ends."""
    lead, officer = police(roll)
    assert code(issue_token(roll, "police", "program")) == "token-without-seat"
    assert code(issue_token(roll, "police", "program", lead, seat=officer.number)) == "not-allowed"
    assert code(issue_token(roll, "police", "program", seat=99)) == "seat-gone"
    token = issue_token(roll, "police", "program", officer, seat=officer.number)
    assert isinstance(token, str)
    assert program_of(roll, token_hash(token)) == Program("police", "authority", officer)
    assert organisation_of(roll, token_hash(token)) is None  # no operator: whatever files asks for one
    assert not isinstance(end_seat(roll, "police", officer.number, lead), Refused)
    assert program_of(roll, token_hash(token)) is None
    assert live_tokens(roll, "police") == []


def test_a_seats_token_is_replaced_by_nobody(roll: Roll) -> None:
    """Neither by the keeper nor by the seat, whose session may be an old one, nor by a lead: a successor would act for the seat
    in another's hand, and no entry would say so. It is ended, and the entry names the seat."""
    lead, clerk = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    own, given = (issue_token(roll, "east", "x", by, seat=clerk.number) for by in (clerk, KEEPER))
    before = len(official_acts(roll, 1000))
    for live in live_tokens(roll, "east"):
        for by in (KEEPER, clerk, lead):
            outcome = replace_token(roll, "east", live.number, by)
            assert isinstance(outcome, Refused)
            assert outcome.refusal.code == "token-of-a-seat"
            assert str(clerk) in say_refused(outcome, "en")
    assert len(official_acts(roll, 1000)) == before
    number = live_tokens(roll, "east")[0].number
    assert end_token(roll, "east", number, lead) is None
    assert json.loads(official_acts(roll)[0].body)["seat"] == clerk.number
    assert isinstance(own, str)
    assert isinstance(given, str)
    assert program_of(roll, token_hash(own)) is None
    assert program_of(roll, token_hash(given)) == Program("east", "operator", clerk)


def files(roll: Roll, token: str) -> bool:
    """Whether a token files, as every way of looking it up has it: alone, with a filing the long way and the short one, with a
    file, with a port."""
    hashed, own = token_hash(token), handle(f"t-{roll.random_bytes(6).hex()}")
    alone = organisation_of(roll, hashed) == "east"
    one = Submission(command=filing(handle=own), key=own, request=b"r" * 32, token=hashed, handle=own)
    assert isinstance(do(roll, one), Taken) == alone
    with roll.database.own() as connection:
        assert (bulk.token_may_file(roll, "east", hashed, connection) is None) == alone
        refused = porting._may_not(connection, porting.Party("east", token=hashed), roll.clock())
        assert (refused is None) == alone
        with pytest.raises(InvalidTextRepresentation) if not alone else nullcontext():
            require_fast(connection, Assumptions(0, 0, 9, {hashed: "east"}), roll.clock())
            connection.execute("select 1")
    return alone


def test_an_operators_token_files_without_a_seat_and_acts_with_one(roll: Roll) -> None:
    """Whoever issued it: what it does is said by the seat that it was issued for, and by no other."""
    lead, clerk = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    plain = issue_token(roll, "east", "billing")
    own = issue_token(roll, "east", "billing", lead)
    bound, its = (issue_token(roll, "east", "requests", seat=seat.number) for seat in (lead, clerk))
    for token, seat in ((plain, None), (own, None), (bound, lead), (its, clerk)):
        assert isinstance(token, str)
        program = program_of(roll, token_hash(token))
        assert program == Program("east", "operator", seat)
        assert (code(program.acts()) == "token-without-seat") if seat is None else program.acts() == seat
        assert files(roll, token) == (seat is None)
    assert program_of(roll, token_hash("openroll_none")) is None


def test_a_seats_token_is_no_word_of_its_organisation(roll: Roll) -> None:
    """Nobody is invited in an operator's name by the token of one of its clerks, nor does one keep such an invitation good."""
    clerk = seated(roll, "east", "clerk")
    token = issue_token(roll, "east", "requests", seat=clerk.number)
    assert isinstance(token, str)
    assert code(invite(roll, "east", "operator-lead", "friend", token=token)) == "token-unknown"


def test_tokens_end_with_their_seat_and_no_others(roll: Roll) -> None:
    """Whoever is put out or leaves: in that transaction; the operator's own file on. A rebuild agrees."""
    lead, clerk = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    plain, its = issue_token(roll, "east", "billing", lead), issue_token(roll, "east", "x", seat=clerk.number)
    leads = issue_token(roll, "east", "requests", lead, seat=lead.number)
    assert isinstance(end_seat(roll, "east", clerk.number, lead), Accepted)
    assert [one.seat for one in live_tokens(roll, "east")] == [0, lead.number]
    for token, there in ((plain, True), (its, False), (leads, True)):
        assert isinstance(token, str)
        assert (program_of(roll, token_hash(token)) is not None) == there
        right = on_behalf_of(TokenRight(token_hash(token), roll.clock))
        with pytest.raises(TokenOver) if not there else nullcontext(), right, roll.database.own() as connection:
            connection.execute("select 1")
    assert isinstance(plain, str)
    assert files(roll, plain)
    assert rebuild(roll, replace=False).differences == ()


def test_tokens_of_before_are_whose_their_facts_say(roll: Roll) -> None:
    """An upgrade finds the seat in the fact of the issue, through successors, and ends what a seat that ended left alive."""
    lead, gone = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    tokens = [issue_token(roll, "east", "billing", lead), issue_token(roll, "east", "x", seat=lead.number)]
    tokens += [issue_token(roll, "east", "y", seat=gone.number)]
    with roll.database.open() as connection:  # a seat's token had a successor then, and has none now
        connection.execute("update token set seat = 0 where id = 2")
    tokens += [replace_token(roll, "east", 2, lead)]
    assert isinstance(end_seat(roll, "east", gone.number, lead), Accepted)
    with roll.database.open() as connection:
        connection.execute("update token set revoked = null where seat = %s", (gone.number,))
        connection.execute("alter table token drop seat")
        connection.execute("drop index request_officer")
        connection.execute(STATEMENTS.read_bytes())
    seats = [None, lead, lead]
    found = [program_of(roll, token_hash(str(tokens[at]))) for at in (0, 1, 3)]
    assert found == [Program("east", "operator", seat) for seat in seats]
    assert program_of(roll, token_hash(str(tokens[2]))) is None
    assert rebuild(roll, replace=False).differences == ()
