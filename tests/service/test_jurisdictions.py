"""A roll is kept in a jurisdiction: its bundle stands in the log by digest, and changes by a published act with four eyes."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from openroll import places
from openroll.places import District
from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import Seat
from openroll.register.roll.commands import OpenRoll
from openroll.rules import load
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Outcome, Taken
from openroll.service.governance import rule_versions
from openroll.service.governance.open_roll import Basis, admit_operator, find_roll, open_roll
from openroll.service.governance.open_roll import rule_versions as versions_of
from openroll.service.roll import Roll
from openroll.service.rules_in_force import RuleLost
from openroll.store.connect import Database
from openroll.store.schema import drop
from tests.conftest import Ticking
from tests.seats import seated, words_read
from tests.service.filings import filing, submission_of

EAST = Actor("operator", "east")
ONE, TWO = Seat("registrar", 1), Seat("registrar", 2)


@pytest.fixture
def kenya(database_url: str, tmp_path: Path) -> Iterator[Roll]:
    """A roll in Kenya, with an operator and two people of the registrar."""
    place, name = places.load("ke"), f"kenya-{os.urandom(4).hex()}"
    command = OpenRoll(
        roll=name,
        title={"en": "Kenya", "sw": "Kenya"},
        registrar={"en": "Trial registrar"},
        jurisdiction=places.full_name(place),
        languages=place.jurisdiction.languages,
    )
    clock = Ticking()
    clock.now = datetime(2026, 3, 16, 9, tzinfo=UTC)
    database = Database(database_url, name)
    basis = Basis(place, load("ke-notification"))
    roll = open_roll(
        database, tmp_path / "home", command, basis, origin="r.example/ke", clock=clock, random_bytes=os.urandom
    )
    assert isinstance(roll, Roll), roll
    admit_operator(roll, AdmitOperator(operator="east", title={"en": "East"}, kind="access-operator"))
    assert seated(roll, "registrar", "registrar-lead") == ONE
    assert seated(roll, "registrar", "registrar") == TWO
    yield roll
    roll.database.drop_connections()
    drop(database_url, name)


def filed(roll: Roll, account: str, access: str, district: str) -> Outcome:
    """What becomes of a filing of a day last week."""
    command = filing(
        handle=account, access=access, district=district, connected=roll.day(roll.clock()) - timedelta(days=7)
    )
    group = GroupCommit(roll)
    try:
        return group.submit_and_wait(submission_of(command, EAST))
    finally:
        group.close()


def code(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def test_a_filing_is_judged_by_the_place_it_is_in(kenya: Roll) -> None:
    """In Kenya a SIM card of Nairobi is filed; what Chongqing calls things is no word there, and its days are Nairobi's."""
    assert isinstance(filed(kenya, "a-1", "sim", "047"), Taken)
    assert code(filed(kenya, "a-2", "adsl", "047")) == "word-unknown"
    assert code(filed(kenya, "a-3", "sim", "500103")) == "word-unknown"
    assert (str(kenya.zone), kenya.languages) == ("Africa/Nairobi", ("en", "sw"))
    assert kenya.opened.jurisdiction == places.full_name(places.load("ke"))


def test_a_roll_keeps_its_bundle_whatever_the_shipped_folder_becomes(kenya: Roll) -> None:
    """Found again it reads the bundle that it was opened with, not a file."""
    again = find_roll(kenya.database, kenya.home, clock=kenya.clock, random_bytes=os.urandom)
    assert again.place == places.load("ke")
    assert again.version.place_name == kenya.opened.jurisdiction


def split(roll: Roll, on: date) -> places.Bundle:
    """The roll's jurisdiction with Nairobi split in two on a day."""
    old = roll.place.by_code["047"]
    kept = [one for one in roll.place.districts if one.code != "047"]
    ended = msgspec.structs.replace(old, until=on - timedelta(days=1), into=("048", "049"))
    new = [District(name, {"en": f"Nairobi {name}"}, since=on) for name in ("048", "049")]
    return msgspec.structs.replace(roll.place, districts=(*kept, ended, *new))


def test_a_district_is_split_by_a_published_act_with_four_eyes(kenya: Roll) -> None:
    """Not before its day; then the old one takes no new filing, its records stand, and the act names the bundle's digest."""
    record = filed(kenya, "a-1", "sim", "047")
    assert isinstance(record, Taken)
    starts = kenya.day(kenya.clock()) + timedelta(days=2)
    place = split(kenya, starts)
    number = rule_versions.propose_rule(kenya, kenya.rule, starts, ONE, place)
    assert isinstance(number, int), number
    assert code(rule_versions.settle(kenya, number, ONE, drop=False)) == "second-eyes-needed"
    assert rule_versions.settle(kenya, number, TWO, drop=False) is None
    assert code(filed(kenya, "a-2", "sim", "048")) == "word-unknown"
    clock = kenya.clock
    assert isinstance(clock, Ticking)
    clock.now += timedelta(days=3)
    assert isinstance(filed(kenya, "a-2", "sim", "048"), Taken)
    assert code(filed(kenya, "a-3", "sim", "047")) == "word-unknown"
    assert kenya.version.place_name == places.full_name(place)
    with kenya.database.own() as connection:
        bodies = connection.execute("select body from event where name = 'rule.published/2'").fetchall()
    assert [places.full_name(place) in str(body) for (body,) in bodies] == [True]


def test_the_same_rule_and_jurisdiction_again_is_nothing(kenya: Roll) -> None:
    """A proposal changes the rule, the jurisdiction or both; and a rule counts its days in a zone of the place."""
    starts = kenya.day(kenya.clock()) + timedelta(days=2)
    assert code(rule_versions.propose_rule(kenya, kenya.rule, starts, ONE)) == "nothing-asked"
    assert code(rule_versions.propose_rule(kenya, load("notification-2006"), starts, ONE)) == "zone-elsewhere"


def test_days_are_counted_in_the_zone_of_the_rule_in_force(kenya: Roll) -> None:
    """A rule in a zone further west begins with its own first day; until then the former zone’s day lasts."""
    zones = {"zone": "Europe/Zurich", "zones": ("Europe/Zurich", "Africa/Nairobi")}
    place = msgspec.structs.replace(
        kenya.place, jurisdiction=msgspec.structs.replace(kenya.place.jurisdiction, **zones)
    )
    starts = kenya.day(kenya.clock()) + timedelta(days=2)
    west = msgspec.structs.replace(kenya.rule, zone="Europe/Zurich", version=2)
    number = rule_versions.propose_rule(kenya, west, starts, ONE, place)
    assert isinstance(number, int), number
    words_read(kenya, west)
    assert rule_versions.settle(kenya, number, TWO, drop=False) is None
    midnight = datetime(starts.year, starts.month, starts.day, tzinfo=UTC)
    days = [kenya.day(midnight + timedelta(minutes=minutes)) for minutes in range(-600, 600, 10)]
    assert days == sorted(days)
    clock = kenya.clock
    assert isinstance(clock, Ticking)
    clock.now = midnight + timedelta(hours=5)
    assert str(kenya.zone) == "Europe/Zurich"


def test_a_bundle_that_was_altered_is_not_read(kenya: Roll) -> None:
    """Whoever owns the tables can write in them; nothing is decided under a jurisdiction that its digest does not name."""
    with psycopg.connect(kenya.database.url) as owner:
        owner.execute(f'set search_path to "{kenya.database.schema}"')
        owner.execute("alter table rule_version disable trigger append_only")
        owner.execute("update rule_version set bundle = replace(bundle, 'Mombasa', 'Elsewhere')")
    with pytest.raises(Exception, match="is not the one that was published") as caught:
        versions_of(kenya.database)
    assert isinstance(caught.value.__cause__, RuleLost)
