"""What must be impossible, tried on a real roll through the ways that people go."""

import hashlib

import pytest

from openroll.disclosure.envelope import X25519, HeldKey, public_line
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance import lives
from openroll.service.identity import people
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import ask, proofs, rights, shown, steps
from openroll.service.roll import Roll
from openroll.store.table_export import names
from openroll.watch.requests.proved import Fact, heirs_of, keys_by
from tests.register.asked import COMPLAINT, FIELDS, OFFICE, WORD, notice, sealed
from tests.seats import seated
from tests.service.going_back import remember
from tests.service.requests.bodies import Bodies, bodies


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


def refused(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def asked(made: Bodies, who: str = "officer", **given: object) -> object:
    """What comes of asking."""
    return ask.file_request(made.roll, made.asking(**given), made.seats[who])


def test_what_is_not_whole_or_beyond_what_was_registered_is_not_filed(made: Bodies) -> None:
    """Outside the registered use, without its envelope, for the wrong readers, or by another body: nothing is written."""
    assert refused(asked(made, fields=("birth",))) == "beyond-use"
    assert refused(asked(made, use=99)) == "use-unknown"
    assert refused(asked(made, fields=(), case_digest="x")) == "request-incomplete"
    assert refused(asked(made, operator="nobody")) == "operator-unknown"
    assert refused(asked(made, urgency="very")) == "word-of-list"
    assert refused(asked(made, envelope=sealed(b"x", ("police", "court")))) == "not-sealed-to"
    assert refused(asked(made, envelope=sealed(b"x", ("police", "court", "east", "west")))) == "not-sealed-to"
    assert refused(asked(made, envelope=b"plain text")) == "envelope-unfit"
    assert refused(asked(made, "clerk")) == "not-allowed"
    assert refused(asked(made, desired="produce", earlier=99)) == "nothing-preserved"
    assert isinstance(rights.end_use(made.roll, made.use, "over", made.seats["police lead"]), Acted)
    assert refused(asked(made)) == "use-unknown"
    assert shown.public(made.roll) == []


def test_nobody_reviews_what_is_their_own(made: Bodies) -> None:
    """Not the authority itself, not the operator, not a body that shares people's chains of invitations with one of them."""
    assert refused(asked(made, reviewer="police")) == "reviewer-not-apart"
    assert refused(asked(made, reviewer="east")) == "reviewer-not-apart"
    assert refused(asked(made, reviewer="nobody")) == "reviewer-not-apart"
    with made.roll.database.open() as connection:  # as in a roll in which a lead of the police once let the court's in
        connection.execute(
            "update person set invited_by = 'police/1', confirmed_by = 'police/1', founding = false where organisation = 'court'"
        )
    assert refused(asked(made)) == "reviewer-not-apart"


def test_an_emergency_has_its_call_and_its_second_person(made: Bodies) -> None:
    """Without the call to the registered office nobody confirms, nor does who asked; and nothing is answered before."""
    number = made.file(urgency="emergency")
    assert made.refused(commands.ConfirmEmergency(request=number), "second officer") == "not-called-back"
    assert made.refused(commands.CallBack(request=number, number="+86 23 9999 0000"), "clerk") == "not-called-back"
    assert made.refused(commands.CallBack(request=number, number=OFFICE), "officer") == "not-in-this-step"
    made.does(commands.CallBack(request=number, number=OFFICE), "clerk")
    assert made.refused(commands.ConfirmEmergency(request=number), "officer") == "one-person"
    answer = commands.Answer(
        request=number, outcome="given", fields=FIELDS, envelope=sealed(b"it is Li", ("police",), "east")
    )
    assert made.refused(answer, "clerk") == "not-in-this-step"
    made.does(commands.ConfirmEmergency(request=number), "second officer")
    made.does(answer, "clerk")
    assert made.step_of(number) == "later-review"


def test_a_pair_trades_no_more_approvals_than_the_procedure_allows(made: Bodies) -> None:
    """The twenty-first approval of one officer by one reviewer within a month is refused; another reviewer may decide."""
    numbers = [made.file() for _ in range(21)]
    for number in numbers[:20]:
        made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    last = commands.Approve(request=numbers[20], fields=FIELDS)
    assert made.refused(last, "reviewer") == "pair-too-often"
    made.does(last, "second reviewer")


def test_nothing_is_widened_replayed_or_answered_beyond(made: Bodies) -> None:
    """After a review its fields stand; an answer has no more of them, comes once, and not under what expired."""
    number = made.file()
    assert made.refused(commands.Approve(request=number, fields=(*FIELDS, "birth")), "reviewer") == "fields-beyond"
    made.does(commands.Approve(request=number, fields=FIELDS[:1]), "reviewer")
    assert made.refused(commands.Approve(request=number, fields=FIELDS), "reviewer") == "not-in-this-step"
    envelope = sealed(b"it is Li", ("police",), "east")
    more = commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=envelope)
    assert made.refused(more, "clerk") == "fields-beyond"
    right = commands.Answer(request=number, outcome="given", fields=FIELDS[:1], envelope=envelope)
    assert made.refused(right, "west clerk") == "request-unknown"
    made.does(right, "clerk")
    assert made.refused(right, "clerk") == "not-in-this-step"
    assert made.refused(commands.TellNobody(request=number), "clerk") == "not-in-this-step"


def test_who_may_not_see_learns_nothing(made: Bodies) -> None:
    """A request that is not one's own and one that never was are refused alike, whatever is tried."""
    number = made.file()
    for other in (number, 999_999):
        assert refused(shown.envelopes(made.roll, other, made.seats["west clerk"])) == "request-unknown"
        assert refused(shown.one(made.roll, other, "west")) == "request-unknown"
        assert made.refused(commands.OpenRequest(request=other), "west clerk") == "request-unknown"
        assert made.refused(commands.OpenRequest(request=other), "west lead") == "request-unknown"
    assert shown.mine(made.roll, "west") == shown.mine(made.roll, "") == []
    assert [one.number for one in shown.mine(made.roll, "east")] == [number]


def test_a_key_is_one_organisations_and_published_once(made: Bodies) -> None:
    """Nobody publishes another's key or one that ended, and what is sealed to an ended key is not taken."""
    roll, lead = made.roll, made.seats["police lead"]
    key = HeldKey(hashlib.sha256(b"court").digest(), X25519)
    assert refused(rights.publish_key(roll, public_line(key.published), lead)) == "envelope-key-unfit"
    assert refused(rights.publish_key(roll, "no key", lead)) == "envelope-key-unfit"
    assert refused(rights.publish_key(roll, public_line(key.published), made.seats["officer"])) == "not-allowed"
    own = HeldKey(hashlib.sha256(b"police").digest(), X25519)
    assert isinstance(rights.end_key(roll, own.id, "lost", lead), Acted)
    assert refused(rights.publish_key(roll, public_line(own.published), lead)) == "envelope-key-unfit"
    assert refused(asked(made)) == "no-envelope-key"
    assert rights.keys_of(roll, "police") == ()


def test_a_complaint_has_the_word_of_the_notice_and_comes_once(made: Bodies) -> None:
    """Who was told complains without an account; who guesses, or comes twice, is refused. The log shows no person."""
    roll, number = made.roll, made.file()
    made.does(commands.Refuse(request=number, reason="no-grounds"), "reviewer")
    assert refused(steps.complain(roll, commands.Complain(request=number, word=WORD))) == "not-in-this-step"
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    assert refused(steps.complain(roll, commands.Complain(request=number, word="guess"))) == "complaint-word-wrong"
    letter = sealed(b"I never", ("court",), "person")
    complaint = commands.Complain(request=number, word=WORD, envelope=letter)
    assert isinstance(steps.complain(roll, complaint), Acted)
    assert refused(steps.complain(roll, complaint)) == "complained-already"
    with roll.database.own() as connection:
        rows = connection.execute(
            "select role, actor_organisation, body from event where name = 'request.complained/1'"
        ).fetchall()
    assert [(role, by) for role, by, _ in rows] == [("subscriber", None)]
    assert '"by":""' in rows[0][2]
    assert made.read(number, "reviewer")[-1] == b"I never"


def test_one_person_in_two_seats_decides_nothing(made: Bodies) -> None:
    """A seat of the reviewer whose chain of invitations meets the officer's is no second person, though its body is another."""
    roll, number = made.roll, made.file()
    with roll.database.open() as connection:
        connection.execute(
            "update person set invited_by = 'police/2', confirmed_by = 'court/1', founding = false"
            " where organisation = 'court' and seat = 2"
        )
    assert made.refused(commands.Approve(request=number, fields=FIELDS), "reviewer") == "one-person"
    assert made.refused(commands.Refuse(request=number, reason="no-grounds"), "reviewer") == "one-person"


def test_an_operator_that_is_succeeded_leaves_its_requests_to_its_heir(made: Bodies) -> None:
    """What was asked of the one is the other's to answer and to tell, and nobody else's; no row differs from its facts."""
    roll, number = made.roll, made.file()
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    assert isinstance(lives.offer_succession(roll, "east", "west", made.seats["east lead"]), Accepted)
    assert isinstance(lives.succeed(roll, "east", by=made.seats["west lead"]), Accepted)
    assert [one.number for one in shown.mine(roll, "west")] == [number]
    assert shown.mine(roll, "east") == []
    made.does(commands.Answer(request=number, outcome="not-held"), "west clerk")
    made.does(commands.OpenRequest(request=number), "west clerk")
    made.does(commands.TellNobody(request=number), "west clerk")
    assert rights.keys_of(roll, "east") == ()  # nobody seals to it any more
    Sequencer(roll).run_until_empty()
    proved = [Fact(one.name, one.day, one.body, one.receipt) for one in proofs.successions(roll, "west")]
    assert heirs_of(proved, keys_by(roll.keys.verifiers, b"")) == (("east", "west"),)
    assert proofs.successions(roll, "east") == []
    assert [one.ended for one in rights.published_keys(roll, "east")] == [True]  # what it signed stays signed
    assert rights.keys_of(roll, "west") != ()
    assert rebuild(roll, replace=False).differences == ()


def test_an_operator_that_owes_an_answer_or_a_telling_does_not_leave(made: Bodies) -> None:
    """Whoever says it, in whatever step, as long as something is or may come to be the operator's to do; told, it leaves."""
    roll, number, east = made.roll, made.file(), made.seats["east lead"]
    registrar = seated(roll, "registrar", "registrar-lead")
    steps_to_there = (
        lambda: None,
        lambda: made.does(commands.Approve(request=number, fields=FIELDS), "reviewer"),
        lambda: made.does(commands.Answer(request=number, outcome="not-held"), "clerk"),
    )
    for go_on in steps_to_there:
        go_on()
        assert refused(lives.leave_roll(roll, "east", "", east)) == "still-owes"
        assert refused(lives.leave_roll(roll, "east", "it closed", registrar)) == "still-owes"
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    assert isinstance(lives.leave_roll(roll, "east", "", east), Accepted)
    assert rights.keys_of(roll, "east") == ()
    assert made.step_of(number) == "told"
    assert rebuild(roll, replace=False).differences == ()


def test_who_leaves_and_comes_back_as_a_reviewer_is_known_again(made: Bodies) -> None:
    """By the subject at a provider with which an officer came, a reviewer who came with it later decides nothing of theirs."""
    roll, issuer = made.roll, "https://id.example"
    officer = joined(roll, "police", "officer", issuer, "sub-7", made.seats["police lead"])
    filed = ask.file_request(roll, made.asking(), officer)
    assert isinstance(filed, Acted)
    assert isinstance(people.end_seat(roll, "police", officer.number, made.seats["police lead"]), Accepted)
    again = joined(roll, "court", "reviewer", issuer, "sub-7", made.seats["court lead"])
    other = joined(roll, "court", "reviewer", issuer, "sub-8", made.seats["court lead"])
    approve = commands.Approve(request=filed.fresh, fields=FIELDS)
    assert refused(steps.step(roll, approve, again)) == "one-person"
    assert isinstance(steps.step(roll, approve, other), Acted)


def joined(roll: Roll, organisation: str, role: str, issuer: str, subject: str, lead: Seat) -> Seat:
    """Somebody whom the keeper invited, who joined with a subject, and whose seat a lead confirmed."""
    secret = people.invite(roll, organisation, role, "somebody")
    assert isinstance(secret, str), secret
    assert isinstance(people.join_with_subject(roll, secret, issuer, subject), str)
    with roll.database.own() as connection:
        (number,) = connection.execute(
            "select max(seat) from person where organisation = %s", (organisation,)
        ).fetchone() or (0,)
    assert isinstance(people.confirm_seat(roll, organisation, number, lead), Accepted)
    return Seat(organisation, number)


def test_a_number_of_a_request_comes_once_though_the_database_goes_back(made: Bodies) -> None:
    """What the public log named once is never another's: not a request, and not a registered use."""
    roll = made.roll
    kept = made.file()
    go_back = remember(roll)
    lost = made.file()
    go_back()
    after = made.file()
    assert len({kept, lost, after}) == 3
    assert [one.number for one in shown.public(roll)] == [after, kept]


def test_what_is_sealed_goes_into_every_copy_of_a_roll(made: Bodies) -> None:
    """Escrow and backups take envelopes and notices along; a copy without one is named, with the request it is missing from."""
    roll, number = made.roll, made.file()
    with roll.database.open() as connection:
        assert {"request", "envelope", "notice", "envelope_key", "registered_use"} <= set(names(connection))
        connection.execute("set session_replication_role to replica")
        connection.execute("alter table envelope disable trigger append_only")
        connection.execute("delete from envelope")
        connection.commit()
    (missing,) = rebuild(roll, replace=False).differences
    assert (missing.table, missing.kept) == ("envelope", None)
    assert str(number) in missing.key
