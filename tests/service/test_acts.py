"""The one writer: who acted is told as who they are, what is public is the kind's, a file is written as its filings are."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors

from openroll.register.command import Actor
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation, Invite, SetProvider
from openroll.register.organisation.events import OrganisationAdmitted, PersonInvited
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.register.subscription.columns import FILED, filed_bodies
from openroll.register.subscription.commands import Erase, LookUp
from openroll.register.subscription.events import RecordSeen, SubscriptionFiled
from openroll.service.acts import Acted, act, append
from openroll.service.event_rows import event_columns, event_row
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.filing.unconfirmed import lapse_due
from openroll.service.identity import people
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import by_number, official_acts
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store.events import EventRow
from openroll.tlog import Entry, decode_bundle
from tests.handles import handle
from tests.seats import in_force, seated
from tests.service.filings import digests, filing
from tests.service.test_holding import later, refused, submit


def newest(roll: Roll, organisation: str = "") -> EventRow:
    """The newest official act, or the newest on an organisation's record."""
    return next(one for one in official_acts(roll) if organisation in ("", one.organisation))


@pytest.fixture
def lead(roll: Roll) -> Seat:
    """The registrar's lead."""
    return seated(roll, REGISTRAR, "registrar-lead")


def test_an_act_tells_its_actor_as_who_they_are(roll: Roll, lead: Seat) -> None:
    """A lead, a clerk, an officer and the keeper stand in the event by their own role and organisation, and all is public."""
    assert isinstance(issue_token(roll, "east", "by the keeper"), str)
    said = newest(roll)
    assert (said.role, said.organisation, said.actor_organisation) == ("keeper", "east", REGISTRAR)
    east = seated(roll, "east", "operator-lead")
    said = newest(roll)
    assert (said.role, said.organisation, said.actor_organisation) == ("operator-lead", "east", None)
    assert isinstance(issue_token(roll, "east", "by its lead", east), str)
    said = newest(roll)
    assert (said.role, said.organisation, said.actor_organisation) == ("operator-lead", "east", None)
    assert end_token(roll, "east", live_tokens(roll, "east")[0].number, lead, "found on a wall") is None
    said = newest(roll)
    assert (said.role, said.organisation, said.actor_organisation) == ("registrar-lead", "east", REGISTRAR)
    police = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "公安", "en": "Police"})
    assert isinstance(people.admit_organisation(roll, police, lead), Accepted)
    seated(roll, "police", "officer")
    said = newest(roll)
    assert (said.name, said.role, said.organisation) == ("person.joined/1", "officer", "police")
    assert all(one.body for one in official_acts(roll))


def test_what_is_public_is_the_kinds_and_stands_in_the_log_whole(roll: Roll, lead: Seat) -> None:
    """Acts of every role are logged with their body, a filing is not; and events of before, by `registrar`, as they were."""
    seated(roll, "east", "operator-lead")
    assert isinstance(submit(roll, filing(handle=handle("k-1")), None, Actor("operator", "east")), Taken)
    with roll.database.own() as connection:
        fact = PersonInvited(organisation="east", role="clerk", withdrawn=True, by="registrar/1", rule=roll.rule_name)
        of = {"stream": 1, "version": events.version_of(connection, 1) + 1}
        append(connection, roll, [event_row(roll, roll.clock(), fact, **of, actor=Actor("registrar"), owner="east")])
    assert official_acts(roll)[0].role == "registrar"
    size = Sequencer(roll).run_until_empty().size
    path = next((roll.public / "tile" / "entries").rglob(f"*.p/{size}"))
    entries = [Entry.parse(one) for one in decode_bundle(path.read_bytes())]
    assert {one.kind for one in entries if one.act is None} == {"subscription.filed/1"}
    assert {one.kind for one in entries if one.act} >= {"person.joined/1", "person.invited/1", "operator.admitted/2"}
    assert fsck(roll).fault is None


def test_what_is_longer_than_an_entry_is_refused_and_one_of_before_does_not_stop_the_log(
    roll: Roll, lead: Seat
) -> None:
    """No such fact is written, by a use case or by the writer; in a roll that has one the log goes on, and fsck names it."""
    title = {"zh": "一", "en": "A" * 70_000}
    admit = AdmitOrganisation(organisation="police", kind="authority", title=title)
    assert refused(people.admit_organisation(roll, admit, lead)) == "text-unfit"
    fact = OrganisationAdmitted(organisation="police", kind="authority", title=title, by=str(lead), rule=roll.rule_name)
    row = event_row(roll, roll.clock(), fact, stream=99, version=1, actor=Actor("registrar-lead"), owner="police")
    with roll.database.own() as connection:
        with pytest.raises(ValueError, match="longer than an entry"):
            append(connection, roll, [row])
        events.append(connection, [row])  # as it was written before
    assert isinstance(submit(roll, filing(handle=handle("k-2")), None, Actor("operator", "east")), Taken)
    size = Sequencer(roll).run_until_empty().size
    found = fsck(roll)
    assert (found.fault, found.size, len(found.silent)) == (None, size, 1)
    assert isinstance(receipt(roll, 99, 1), bytes)


def test_a_refused_act_and_a_dry_run_write_nothing(roll: Roll, lead: Seat) -> None:
    """Neither leaves an event, an effect or a number that is gone."""
    before = rebuild(roll, replace=False).events
    stranger = Seat("west", 7)
    with roll.database.own() as connection:
        named = Invite(organisation="east", role="clerk", label="x", digest=b"0" * 32)
        assert refused(act(connection, roll, named, stranger)) == "seat-gone"
        assert refused(act(connection, roll, SetProvider(organisation="nobody", issuer="x", client_id="y"))) == (
            "operator-unknown"
        )
        assert isinstance(act(connection, roll, named, lead, dry_run=True), Acted)
    after = rebuild(roll, replace=False)
    assert (after.events, after.differences) == (before, ())
    provider = Provider(organisation="nobody", issuer="https://id.example", client_id="us", client_secret="s")
    assert refused(use_provider(roll, provider)) == "operator-unknown"
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from provider").fetchone() == (0,)


def test_a_look_stands_in_the_records_history_as_the_registrars(roll: Roll, lead: Seat) -> None:
    """Its operator and its subscriber see that the registrar looked, whichever seat of the registrar did; it is erased with
    the record."""
    taken = submit(roll, filing(handle="", operator="east"), None, Actor("subscriber"))
    assert isinstance(taken, Taken)
    with roll.database.own() as connection:
        assert isinstance(act(connection, roll, LookUp(number=taken.number), lead), Acted)
        assert isinstance(act(connection, roll, LookUp(number=taken.number), KEEPER), Acted)
        assert refused(act(connection, roll, LookUp(number=99_999), lead)) == "subscription-unknown"
        clerk = in_force(roll, "east", "operator-lead")
        assert refused(act(connection, roll, LookUp(number=taken.number), clerk)) == "not-allowed"
    record = by_number(roll, taken.number)
    assert not isinstance(record, Refused)
    looks = [one for one in record.history if one.name == RecordSeen.name]
    assert [one.role for one in looks] == [REGISTRAR, REGISTRAR]
    assert rebuild(roll, replace=False).differences == ()


def test_a_role_of_the_database_writes_no_other_office(roll: Roll) -> None:
    """The registrar's database role writes events of any office, and none as an operator that files or as a subscriber."""
    write_as(roll, "registrar-lead")
    write_as(roll, "officer")
    for role in ("operator", "subscriber"):
        with pytest.raises(errors.InsufficientPrivilege):
            write_as(roll, role)


def write_as(roll: Roll, role: str) -> None:
    """Write an event of somebody of this role, under the registrar's database role."""
    fact = RecordSeen(by="registrar/1", rule=roll.rule_name)
    with roll.database.transaction("registrar") as connection:
        at = events.version_of(connection, 0) + 1
        actor = Actor(role)
        append(
            connection, roll, [event_row(roll, roll.clock(), fact, stream=0, version=at, actor=actor, owner=REGISTRAR)]
        )


class Fixed:
    """As much of a roll as an event's row needs, with salts that repeat."""

    rule_name = "cn-cq@0123456789abcdef"

    def writes_at(self, now: datetime) -> None:
        """It may."""

    def day(self, now: datetime) -> date:
        """A civil day."""
        return now.date()

    def random_bytes(self, size: int) -> bytes:
        """Nothing random."""
        return bytes(range(32)) * (size // 32)


@pytest.fixture(scope="module")
def fixed() -> Roll:
    """A roll without chance."""
    return Fixed()  # type: ignore[return-value] # as much of a roll as is asked for


@settings(max_examples=50, deadline=None)
@given(seeds=st.lists(st.text("abcdef0123456789", min_size=1, max_size=8), min_size=1, max_size=5, unique=True))
def test_a_file_is_written_by_column_as_each_filing_would_be_by_itself(fixed: Roll, seeds: list[str]) -> None:
    """The columns that COPY writes are the rows that a filing of each would be: name, actor, salt, commitment and body."""
    now = datetime(2006, 12, 20, 3, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "handle": [handle(seed) for seed in seeds],
            "kind": "household",
            "access": "adsl",
            "district": "500103",
            "connected": date(2006, 10, 2),
            "digests": [" ".join(digests(seed)) for seed in seeds],
        }
    )
    numbers = pl.Series("number", range(7, 7 + len(seeds)))
    differ, alike = event_columns(fixed, now, FILED, "east", numbers, filed_bodies(frame, "east", fixed.rule_name))
    for number, seed, row in zip(numbers, seeds, differ.iter_rows(named=True), strict=True):
        fact = SubscriptionFiled(
            operator="east",
            handle=handle(seed),
            kind="household",
            access="adsl",
            district="500103",
            connected=date(2006, 10, 2),
            digests=digests(seed),
            by="operator",
            rule=fixed.rule_name,
        )
        one = event_row(fixed, now, fact, stream=number, version=1, actor=Actor("operator", "east"), owner="east")
        assert row | alike | {"actor_organisation": None} == one._asdict()


def test_erasing_takes_the_actors_organisation_out_too(roll: Roll, lead: Seat) -> None:
    """What an office did on a record names nothing any more once the record was erased, and the history is whole."""
    taken = submit(roll, filing(handle="", operator="east"), None, Actor("subscriber"))
    assert isinstance(taken, Taken)
    with roll.database.own() as connection:
        assert isinstance(act(connection, roll, LookUp(number=taken.number), lead), Acted)

    lapse_due(roll)
    later(roll, days=400)
    assert lapse_due(roll) == 1
    Sequencer(roll).run_until_empty()
    assert isinstance(submit(roll, Erase(), taken.number), Taken)
    with roll.database.own() as connection:
        rows = list(events.of_streams(connection, [taken.number]))
    assert {(one.organisation, one.actor_organisation) for one in rows[:-1]} == {("", None)}
