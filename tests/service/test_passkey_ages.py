"""What asks the age of a passkey, asked by every session that is left over, after every order of adding and ending."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.service.filing.submit import Taken
from openroll.service.identity import filing_code, passkeys, people, release, sessions
from openroll.service.identity.passkeys import RelyingParty
from openroll.service.roll import ClockBehind, Roll
from openroll.store import sessions as session_rows
from openroll.store.people import in_seat
from tests.handles import handle
from tests.seats import in_force, seated
from tests.service.filings import filing
from tests.service.test_holding import later, refused, submit
from tests.service.test_passkeys_of_records import add, says_no
from tests.service.test_release import EAST, asked
from tests.service.test_release import key as form_key


class Standing(NamedTuple):
    """A passkey that stands, in the order of age: when it was added, and since when it is young. The first is never young."""

    credential: bytes
    added: date
    young_since: date | None


class House:
    """A record with its passkeys and sessions as they should be, beside the roll that has them."""

    def __init__(self, roll: Roll, clerk: Seat) -> None:
        self.roll, self.clerk = roll, clerk
        taken = submit(roll, filing(handle=handle(f"age-{roll.random_bytes(6).hex()}")), None, EAST)
        assert isinstance(taken, Taken)
        self.number = taken.number
        self.standing: list[Standing] = []
        self.sessions: dict[str, bytes] = {}
        self.ended: list[str] = []
        self.add("")

    @property
    def today(self) -> date:
        """The roll's day."""
        return self.roll.day(self.roll.clock())

    def listed(self) -> list[bytes]:
        """The credentials that stand, by the roll."""
        return [credential for credential, _ in filing_code.passkeys_of_record(self.roll, self.number)]

    def add(self, cookie: str) -> None:
        """A passkey is made in a session's browser, which goes on by it; every other session ends."""
        if len(self.standing) > 4:
            return
        made = add(self.roll, self.number, cookie)
        assert isinstance(made, str)
        credential = next(one for one in self.listed() if one not in {known.credential for known in self.standing})
        self.standing.append(Standing(credential, self.today, self.today if self.standing else None))
        self.ended += self.sessions
        self.sessions = {made: credential}

    def sign_in(self, nth: int) -> None:
        """A passkey begins a session."""
        credential = self.standing[nth % len(self.standing)].credential
        with self.roll.database.own() as connection:
            made = sessions.begin_by_passkey(connection, self.roll, self.number, passkey=credential)
        assert isinstance(made, str)
        self.sessions[made] = credential

    def place(self, credential: bytes) -> int:
        """Where a passkey stands by age."""
        return next(place for place, one in enumerate(self.standing) if one.credential == credential)

    def end(self, cookie: str, nth: int) -> None:
        """A session ends a passkey: its own or a younger one, an older one after its days, and never the last."""
        other = nth % len(self.standing)
        credential = self.standing[other].credential
        outcome = filing_code.end_passkey(self.roll, self.number, credential, self.roll.clock(), cookie)
        own = self.place(self.sessions[cookie])
        if len(self.standing) == 1:
            assert refused(outcome) == "last-passkey"
            return
        if own > other and self.today <= self.standing[own].added + timedelta(days=self.roll.release_days):
            assert refused(outcome) == "passkey-waits"
            return
        assert outcome is None
        older, younger = self.standing[:other], self.standing[other + 1 :]
        self.standing = older + [one._replace(young_since=one.young_since and self.today) for one in younger]
        left = {cookie: self.sessions[cookie]} if own != other else {}
        self.ended += [one for one in self.sessions if one not in left]
        self.sessions = left

    def wait(self, days: int) -> None:
        """Days pass, and with them every session."""
        later(self.roll, days=days)
        assert all(sessions.someone(self.roll, cookie) == sessions.NOBODY for cookie in self.sessions)
        self.sessions = {}

    def check(self) -> None:
        """What stands is what should, no session that ended opens anything, and each left over says no by its passkey's age."""
        assert self.listed() == [one.credential for one in self.standing]
        assert all(sessions.someone(self.roll, cookie) == sessions.NOBODY for cookie in self.ended)
        for cookie, credential in self.sessions.items():
            assert sessions.someone(self.roll, cookie).record == self.number
            young = self.standing[self.place(credential)].young_since
            assert isinstance(asked(self.roll, self.clerk, self.number), Taken)
            said = says_no(self.roll, self.number, cookie)
            if young is not None and young + timedelta(days=self.roll.release_days) >= self.today:
                assert refused(said) == "passkey-too-young"
                assert isinstance(release.give_up(self.roll, self.clerk, self.number, form_key(self.roll)), Taken)
            else:
                assert isinstance(said, Taken)
        for cookie in self.ended[-2:]:
            assert isinstance(asked(self.roll, self.clerk, self.number), Taken)
            assert refused(says_no(self.roll, self.number, cookie)) == "passkey-too-young"
            assert isinstance(release.give_up(self.roll, self.clerk, self.number, form_key(self.roll)), Taken)


ACTS = st.tuples(st.sampled_from(["add", "end", "end", "sign in", "wait"]), st.integers(0, 3), st.integers(0, 4))


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@example([("add", 0, 0), ("add", 0, 0), ("end", 0, 2), ("end", 0, 0)])
@example([("add", 0, 0), ("add", 0, 0), ("sign in", 0, 1), ("end", 0, 2), ("end", 1, 0)])
@example(
    [("wait", 0, 0), ("sign in", 0, 0), ("add", 0, 0), ("wait", 3, 0), ("sign in", 0, 1), ("end", 0, 0), ("add", 0, 0)]
)
@given(st.lists(ACTS, min_size=3, max_size=7))
def test_no_order_of_adding_and_ending_makes_a_young_passkey_an_old_one(
    roll: Roll, acts: list[tuple[str, int, int]]
) -> None:
    """Whoever acts is asked for the age of the passkey that began their session, and a session ends with its passkey."""
    lead = in_force(roll, "east", "operator-lead") if not _leads(roll) else Seat("east", 1)
    house = House(roll, lead)
    for act, whose, which in acts:
        cookie = (
            sorted(house.sessions, key=list(house.sessions).index)[whose % len(house.sessions)]
            if house.sessions
            else ""
        )
        if act == "wait":
            house.wait(days=(1, 3, 7, 8)[whose])
        elif act == "sign in":
            house.sign_in(which)
        elif cookie and act == "add":
            house.add(cookie)
        elif cookie:
            house.end(cookie, which)
    house.check()


def _leads(roll: Roll) -> bool:
    with roll.database.own() as connection:
        return connection.execute("select 1 from person where organisation = 'east'").fetchone() is not None


def test_a_session_that_names_no_passkey_counts_as_the_youngest(roll: Roll) -> None:
    """One of before passkeys were kept with sessions ends none and says no to nothing, until its holder signs in anew."""
    house = House(roll, in_force(roll, "east", "operator-lead"))
    house.add(next(iter(house.sessions)))
    with roll.database.own() as connection:
        session = sessions.begin_by_passkey(connection, roll, house.number)
    assert isinstance(session, str)
    assert isinstance(asked(roll, house.clerk, house.number), Taken)
    assert refused(says_no(roll, house.number, session)) == "passkey-too-young"
    for credential in house.listed():
        outcome = filing_code.end_passkey(roll, house.number, credential, roll.clock(), session)
        assert refused(outcome) == "passkey-waits"


def test_a_session_of_an_ended_passkey_opens_nothing(roll: Roll) -> None:
    """A second wall: should a session be left whose passkey has ended, it is nobody's, of a record or of a person."""
    house = House(roll, in_force(roll, "east", "operator-lead"))
    cookie = next(iter(house.sessions))
    with roll.database.own() as connection:
        session_rows.end_passkeys(connection, roll.clock(), record=house.number)
    assert sessions.someone(roll, cookie) == sessions.NOBODY
    assert filing_code.signed_in_by(roll, house.number, cookie) == ""


@pytest.mark.parametrize("own", [True, False])
def test_a_persons_session_ends_with_its_passkey_too(roll: Roll, own: bool) -> None:
    """Who ends the passkey that they signed in with is signed out; who ends another one stays."""
    clerk = seated(roll, "east", "clerk")
    with roll.database.own() as connection:
        person = connection.execute("select id from person where organisation = 'east' and seat = %s", (clerk.number,))
        number = int((person.fetchone() or (0,))[0])
        for credential in (b"first", b"second"):
            row = session_rows.PasskeyRow(credential, number, None, credential, 0, "", roll.clock())
            session_rows.put_passkey(connection, row)
        cookie = sessions.begin_of_person(connection, roll, number, passkey=b"second" if own else b"first")
    assert isinstance(cookie, str)
    who = sessions.someone(roll, cookie)
    ended = b"second"
    assert sessions.ends_with(roll, cookie, ended) is own
    outcome: Refused | None = people.end_passkey(roll, who, ended, cookie)
    assert outcome is None
    assert (sessions.someone(roll, cookie) == sessions.NOBODY) is own


@pytest.mark.parametrize("by", ["old", "young"])
def test_a_minute_at_a_leads_browser_does_not_take_the_seat(roll: Roll, by: str) -> None:
    """A seat's own passkey is not ended while young ones alone would stay, nor by a young one's session; after days it is."""
    lead = seated(roll, "east", "clerk")
    with roll.database.own() as connection:
        person = connection.execute("select id from person where organisation = 'east' and seat = %s", (lead.number,))
        number = int((person.fetchone() or (0,))[0])

    def adds(credential: bytes) -> None:
        with roll.database.own() as connection:
            row = session_rows.PasskeyRow(credential, number, None, credential, 0, "", roll.clock())
            session_rows.put_passkey(connection, row)

    def ends(credential: bytes) -> str:
        with roll.database.own() as connection:
            cookie = sessions.begin_of_person(connection, roll, number, passkey=by.encode())
        assert isinstance(cookie, str)
        outcome = people.end_passkey(roll, sessions.someone(roll, cookie), credential, cookie)
        return refused(outcome) if isinstance(outcome, Refused) else ""

    adds(b"old")
    later(roll, days=1)
    adds(b"young")
    assert ends(b"old") == "passkey-waits"
    later(roll, days=roll.release_days)
    assert ends(b"old") == "passkey-waits"
    later(roll, days=1)
    adds(b"youngest")
    assert ends(b"youngest") == ""
    assert ends(b"old") == ""


def test_a_clock_that_stood_behind_makes_no_passkey_an_older_one(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seat's passkeys are as old as the order in which they were made; a clock that is days behind makes none."""
    clerk = seated(roll, "east", "clerk")
    with roll.database.own() as connection:
        found = in_seat(connection, "east", clerk.number)
    assert found is not None
    place = RelyingParty("https://roll.example", "roll.example")
    signed_in = sessions.someone(roll, str(sessions.begin(roll, person=found.id)))

    def adds(credential: bytes) -> None:
        row = session_rows.PasskeyRow(credential, None, None, credential, 0, "", roll.clock())
        monkeypatch.setattr(passkeys, "registered", lambda *_: (row, b""))
        assert people.add_passkey(roll, place, signed_in, {}, 5) is None

    adds(b"own")
    later(roll, minutes=-50)
    adds(b"young")
    later(roll, minutes=50)
    with roll.database.own() as connection:
        cookie = sessions.begin_of_person(connection, roll, found.id, passkey=b"young")
        assert isinstance(cookie, str)
        assert [one.id for one in session_rows.passkeys_of(connection, person=found.id)] == [b"own", b"young"]
    assert refused(people.end_passkey(roll, sessions.someone(roll, cookie), b"own", cookie)) == "passkey-waits"
    later(roll, days=-2)
    with pytest.raises(ClockBehind):
        adds(b"late")
