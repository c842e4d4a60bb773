"""Who acts and who ends what they act by, at one moment: the log's order is that in which it was decided, and is found good."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from openroll.disclosure.envelope import public_line, seal
from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import Seat
from openroll.register.request import commands
from openroll.register.request.words import TEXT
from openroll.service.acts import Acted
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Submission
from openroll.service.governance.lives import leave_roll
from openroll.service.governance.open_roll import admit_operator, token_hash
from openroll.service.identity import people, sessions
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import ask, rights, steps
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store.rights import RightOver, SessionRight
from tests.conftest import Ticking
from tests.on_behalf import on_behalf_of
from tests.register.asked import CONTEXT, FIELDS, OFFICE, held
from tests.seats import invited, seated
from tests.service.filings import filing
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.followed import not_following

END = 30
"""Seconds after which whoever has not come to an end fails the test."""
Does = Callable[[], object]


class Pair(NamedTuple):
    """Who acts, and who ends what they act by (or `gives` it), each with the kind of its fact.

    Whose right is asked for `late`, when they have written, is refused where it ended before.
    """

    acts: Does
    fact: str
    ends: Does
    end: str
    gives: bool = False
    late: bool = False


def use(made: Bodies) -> Does:
    """Register a use."""
    command = commands.RegisterUse(0, "a basis", FIELDS[:1], "a supervisor", "s@supervisor.example", OFFICE)
    return lambda: rights.register_use(made.roll, command, made.seats["police lead"])


def files(made: Bodies, **given: Any) -> Does:
    """File a request."""
    asked = made.asking(**given)
    return lambda: ask.file_request(made.roll, asked, made.seats["officer"])


def leaves(made: Bodies, seat: Seat, by: Seat | None = None) -> Does:
    """Take a seat away."""
    lead = by or made.seats[f"{seat.organisation} lead"]
    return lambda: people.end_seat(made.roll, seat.organisation, seat.number, lead)


def approves(made: Bodies, seat: Seat) -> Does:
    """Approve a request."""
    command = commands.Approve(request=made.file(), fields=FIELDS)
    return lambda: steps.step(made.roll, command, seat)


def confirms(made: Bodies, seat: Seat, by: Seat) -> Does:
    """Give one's word for a seat."""
    return lambda: people.confirm_seat(made.roll, seat.organisation, seat.number, by)


def operator(made: Bodies) -> tuple[str, Seat]:
    """An operator that nobody else has to do with, and its lead."""
    name = f"o{made.roll.random_bytes(4).hex()}"
    admit = AdmitOperator(operator=name, kind="access-operator", title={"zh": name, "en": name})
    assert isinstance(admit_operator(made.roll, admit), Accepted)
    lead = seated(made.roll, name, "operator-lead")
    assert isinstance(rights.publish_key(made.roll, public_line(held(name).published), lead), Acted)
    return name, lead


def asks(made: Bodies, name: str) -> Does:
    """File a request to an operator, sealed to its key."""
    to = [held(one).published.sealing for one in ("police", "court", name)]
    return files(made, operator=name, envelope=seal(b"who?", to, held("police").signing, CONTEXT, pad_to=TEXT))


def files_subscription(made: Bodies, name: str, **by: Any) -> Does:
    """File a subscription of an operator."""
    command = filing(name)
    one = Submission(command=command, key=name, request=b"r", handle=command.handle, **by)

    def does() -> object:
        group = GroupCommit(made.roll)
        try:
            return group.submit_and_wait(one)
        finally:
            group.close()

    return does


def ending_a_use(made: Bodies) -> Pair:
    """A request is filed under a use that is ended."""
    acted = use(made)()
    assert isinstance(acted, Acted), acted
    number = acted.fresh
    end = lambda: rights.end_use(made.roll, number, "over", made.seats["police lead"])  # noqa: E731
    return Pair(files(made, use=number, fields=FIELDS[:1]), "request.filed/1", end, "use.ended/1")


def registering_a_use(made: Bodies) -> Pair:
    """A request is filed under a use that is registered just then."""
    acted = use(made)()
    assert isinstance(acted, Acted), acted
    asked = files(made, use=acted.fresh + 1, fields=FIELDS[:1])
    return Pair(asked, "request.filed/1", use(made), "use.registered/1", gives=True)


def leaving_a_seat(made: Bodies) -> Pair:
    """A reviewer approves, signed in, whose seat is taken away and the session with it."""
    seat = seated(made.roll, "court", "reviewer")
    with made.roll.database.own() as connection:
        row = connection.execute(
            "select id from person where organisation = 'court' and seat = %s", (seat.number,)
        ).fetchone()
        assert row is not None
        secret = sessions.begin_of_person(connection, made.roll, row[0])
    assert isinstance(secret, str)
    approve = approves(made, seat)

    def signed_in() -> object:
        with on_behalf_of(SessionRight(sessions.hashed(secret))):
            return approve()

    return Pair(signed_in, "request.approved/1", leaves(made, seat), "person.left/1")


def confirming_a_seat(made: Bodies) -> Pair:
    """A reviewer approves who is confirmed just then."""
    seat = invited(made.roll, "court", "reviewer")
    confirm = confirms(made, seat, made.seats["court lead"])
    return Pair(approves(made, seat), "request.approved/1", confirm, "seat.confirmed/1", gives=True)


def leaving_who_confirms(made: Bodies) -> Pair:
    """A lead gives a word whose own seat is taken away."""
    lead, seat = seated(made.roll, "court", "reviewer-lead"), invited(made.roll, "court", "reviewer")
    return Pair(confirms(made, seat, lead), "seat.confirmed/1", leaves(made, lead), "person.left/1")


def leaving_who_invited(made: Bodies) -> Pair:
    """Somebody joins by the invitation of one, of another organisation, whose seat is taken away."""
    lead, other = (seated(made.roll, "registrar", "registrar-lead") for _ in range(2))
    secret, subject = people.invite(made.roll, "court", "reviewer", "somebody", lead), made.roll.random_bytes(8).hex()
    assert isinstance(secret, str), secret
    join = lambda: people.join_with_subject(made.roll, secret, "https://id.example", subject)  # noqa: E731
    return Pair(join, "person.joined/1", leaves(made, lead, other), "person.left/1")


def leaving_who_calls_back(made: Bodies) -> Pair:
    """An operator's clerk calls back whose seat is taken away."""
    seat, command = seated(made.roll, "east", "clerk"), commands.CallBack(made.file(urgency="emergency"), number=OFFICE)
    call = lambda: steps.step(made.roll, command, seat)  # noqa: E731
    return Pair(call, "request.called-back/1", leaves(made, seat), "person.left/1")


def ending_a_key(made: Bodies) -> Pair:
    """A request is sealed to a key that is ended."""
    name, lead = operator(made)
    end = lambda: rights.end_key(made.roll, held(name).id, "lost", lead)  # noqa: E731
    return Pair(asks(made, name), "request.filed/1", end, "envelope-key.ended/1")


def leaving_the_roll(made: Bodies) -> Pair:
    """A request is filed to an operator that leaves."""
    name, lead = operator(made)
    return Pair(asks(made, name), "request.filed/1", lambda: leave_roll(made.roll, name, by=lead), "operator.left/1")


def leaving_the_roll_while_a_program_files(made: Bodies) -> Pair:
    """A program files for an operator that leaves."""
    name, lead = operator(made)
    token = issue_token(made.roll, name, "a program")
    assert isinstance(token, str), token
    filed = files_subscription(made, name, token=token_hash(token))
    return Pair(filed, "subscription.filed/1", lambda: leave_roll(made.roll, name, by=lead), "operator.left/1")


def leaving_the_roll_while_a_clerk_files(made: Bodies) -> Pair:
    """A clerk files on the pages for an operator that leaves."""
    name, lead = operator(made)
    filed = files_subscription(made, name, actor=Actor("operator", name))
    return Pair(
        filed, "subscription.filed/1", lambda: leave_roll(made.roll, name, by=lead), "operator.left/1", late=True
    )


def leaving_the_roll_while_a_key_is_published(made: Bodies) -> Pair:
    """A lead publishes a key for an operator that leaves."""
    name, lead = operator(made)
    publish = lambda: rights.publish_key(made.roll, public_line(held(f"{name} 2").published), lead)  # noqa: E731
    return Pair(publish, "envelope-key.published/1", lambda: leave_roll(made.roll, name, by=lead), "operator.left/1")


def ending_a_token(made: Bodies) -> Pair:
    """A program files by a token that is ended."""
    name, lead = operator(made)
    token = issue_token(made.roll, name, "a program")
    assert isinstance(token, str), token
    (one,) = live_tokens(made.roll, name)
    filed = files_subscription(made, name, token=token_hash(token))
    return Pair(filed, "subscription.filed/1", lambda: end_token(made.roll, name, one.number, lead), "token.ended/1")


PAIRS = (
    ending_a_use,
    registering_a_use,
    leaving_a_seat,
    confirming_a_seat,
    leaving_who_confirms,
    leaving_who_invited,
    leaving_who_calls_back,
    ending_a_key,
    leaving_the_roll,
    leaving_the_roll_while_a_program_files,
    leaving_the_roll_while_a_clerk_files,
    leaving_the_roll_while_a_key_is_published,
    ending_a_token,
)
BEGUN, DECIDED, WRITTEN = "begun", "decided", "written"


class Held:
    """Holds whoever comes first where they stand, until the other has come to its end or waits for them."""

    def __init__(self, roll: Roll, patch: pytest.MonkeyPatch) -> None:
        self._roll, self._patch = roll, patch

    def race(self, first: Does, second: Does, at: str) -> None:
        """Have the second begin while the first is held: when it has locked its record, has decided, or has written."""
        others, failed = list[threading.Thread](), list[BaseException]()

        def other() -> None:
            try:
                second()
            except RightOver:
                pass  # refused, as it should be
            except BaseException as error:
                failed.append(error)

        def meanwhile() -> None:
            if not others:
                others.append(threading.Thread(target=other, daemon=True))
                others[0].start()
                self._until_it_waits(others[0])

        name = "version_of" if at == BEGUN else "append"
        with self._patch.context() as patch:
            patch.setattr(events, name, self._stopping(getattr(events, name), meanwhile, before=at == DECIDED))
            with suppress(RightOver):
                first()
            meanwhile()
        others[0].join(END)
        assert not others[0].is_alive(), "the second never came to its end"
        assert not failed, failed

    @staticmethod
    def _stopping(real: Callable[..., Any], meanwhile: Callable[[], None], *, before: bool) -> Callable[..., Any]:
        def stopping(*given: Any, **more: Any) -> Any:
            if before:
                meanwhile()
            answer = real(*given, **more)
            if not before:
                meanwhile()
            return answer

        return stopping

    def _until_it_waits(self, other: threading.Thread) -> None:
        with self._roll.database.open() as connection:
            connection.autocommit = True
            for _ in range(END * 50):
                other.join(0.02)
                row = connection.execute(
                    "select exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                    " and cardinality(pg_blocking_pids(pid)) > 0)"
                ).fetchone()
                if not other.is_alive() or row == (True,):
                    return
        raise AssertionError("the second neither came to its end nor waits")


def written(roll: Roll, after: int) -> list[str]:
    """The kinds of the facts beyond a number, in the order of the log."""
    with roll.database.own() as connection:
        rows = connection.execute("select name from event where id > %s order by xid, id", (after,)).fetchall()
    return [name for (name,) in rows]


def last(roll: Roll) -> int:
    """The number of the newest fact."""
    with roll.database.own() as connection:
        row = connection.execute("select max(id) from event").fetchone()
    return int(row[0]) if row else 0


def test_whoever_acts_and_whoever_ends_it_stand_in_the_log_as_was_decided(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two comes first and however far it has come, an honest roll is found good."""
    made, races = bodies(roll), Held(roll, monkeypatch)
    for make in PAIRS:
        for actor_first, at in ((True, BEGUN), (True, DECIDED), (True, WRITTEN), (False, DECIDED), (False, WRITTEN)):
            assert isinstance(roll.clock, Ticking)
            roll.clock.now += timedelta(days=1)  # a day has room for few acts of one seat
            pair, before = make(made), last(roll)
            one, other = (pair.acts, pair.ends) if actor_first else (pair.ends, pair.acts)
            races.race(one, other, at)
            found = [name for name in written(roll, before) if name in (pair.fact, pair.end)]
            assert found in _right(pair, at, actor_first=actor_first), f"{make.__name__}, {at}, {actor_first}"
    Sequencer(roll).run_until_empty()
    assert not_following(roll) == []


def _right(pair: Pair, at: str, *, actor_first: bool) -> tuple[list[str], ...]:
    """In which orders the facts of a pair may stand. Whoever had decided first is in the log, and the other behind it or not."""
    if pair.gives:
        return ([pair.end], [pair.end, pair.fact])
    acted = ([pair.fact], [pair.fact, pair.end])
    if at == BEGUN or (pair.late and actor_first):
        return (*acted, [pair.end])
    return acted if actor_first else ([pair.end],)
