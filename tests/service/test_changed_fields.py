"""A rule that asks other fields, and a place that has other districts, make no record faulty that was made before."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.places import Bundle
from openroll.register.decision import Refused
from openroll.rules import Field, Rule
from openroll.rules import digest as rule_digest
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.reconcile import Reconciled, Row, reconcile
from openroll.service.governance import rule_versions
from openroll.service.roll import Roll
from tests.conftest import Ticking
from tests.handles import handle
from tests.seats import seated, words_read
from tests.service.test_bulk import new, sent

EXTRA = Field(name="language", title={"zh": "语言", "en": "Language"}, personal=True, aims=({"en": "to write"},))


def digests(account: str, *fields: int) -> str:
    """The digests of a record's fields, as `openroll pack --again` keeps them: one that is unchanged is the same."""
    made = (hashlib.sha256(f"{account}{field}".encode()).digest() for field in fields)
    return " ".join(sorted(urlsafe_b64encode(one).decode().rstrip("=") for one in made))


def row(account: str, *fields: int, **given: str) -> dict[str, str]:
    """A row of the operator's list that tells these fields."""
    return new(account) | {"digests": digests(account, *fields)} | given


def changed(roll: Roll, rule: Rule, place: Bundle | None = None) -> None:
    """Have another rule, or another jurisdiction, in force."""
    one, two = (seated(roll, "registrar", role) for role in ("registrar-lead", "registrar"))
    starts = roll.day(roll.clock()) + timedelta(days=1)
    now = rule_digest(roll.rule_on(starts).rule)
    number = rule_versions.propose_rule(roll, rule, starts, one, place, made_on=now)
    assert isinstance(number, int), number
    if rule_digest(rule) != rule_digest(roll.rule):
        words_read(roll, rule)
    assert rule_versions.settle(roll, number, two, drop=False) is None
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(days=2)


def compared(roll: Roll, folder: Path, *rows: dict[str, str]) -> Reconciled:
    """What comparing a list gives."""
    path = folder / "list.csv"
    path.write_bytes(sent(*rows).read())
    found = reconcile(roll, "east", path)
    assert isinstance(found, Reconciled), found
    return found


@pytest.fixture
def gained(roll: Roll) -> Roll:
    """A roll with three records of four fields, whose rule asks five since."""
    result = take_file(roll, "east", sent(*(row(account, 1, 2, 3, 4) for account in "abc")))
    assert isinstance(result, FileTaken), result
    rule = roll.rule
    changed(roll, msgspec.structs.replace(rule, version=rule.version + 1, fields=(*rule.fields, EXTRA)))
    assert roll.setting(roll.day(roll.clock())).terms.digests == 5
    return roll


def test_a_field_more_leaves_what_stands_as_it_is(gained: Roll, tmp_path: Path) -> None:
    """The list of before agrees, and so does the list packed anew; what differs besides is told as ever."""
    before = compared(gained, tmp_path, *(row(account, 1, 2, 3, 4) for account in "abc"))
    assert (before.same, before.under_earlier, before.agrees) == (3, 0, True)
    anew = compared(
        gained,
        tmp_path,
        row("a", 1, 2, 3, 4, 5),
        row("b", 1, 2, 3, 9, 5),
        row("c", 1, 2, 3, 4, 5, access="lan"),
    )
    assert (anew.same, anew.under_earlier, anew.differs) == (1, 1, 2)
    assert [(one.handle, one.column) for one in anew.rows] == [(handle("b"), "digests"), (handle("c"), "access")]


def test_what_is_new_or_changed_brings_the_fields_of_its_day(gained: Roll, tmp_path: Path) -> None:
    """A new row with the fields of before is a fault that says so; a move changes no field; a change brings all of today's."""
    refused = take_file(gained, "east", sent(row("d", 1, 2, 3, 4)))
    assert isinstance(refused, FileRefused)
    assert [(one.code, "rule of before" in one.remedy) for one in refused.faults] == [("digests-shape", True)]
    move = {"act": "change", "handle": handle("a"), "on": "2006-12-22", "access": "lan"}
    bring = {"act": "change", "handle": handle("b"), "on": "2006-12-22", "digests": digests("b", 1, 2, 3, 4, 5)}
    taken = take_file(gained, "east", sent(move, bring, row("d", 1, 2, 3, 4, 5)))
    assert isinstance(taken, FileTaken), taken
    rows = (row("a", 1, 2, 3, 4, 5, access="lan"), *(row(account, 1, 2, 3, 4, 5) for account in "bcd"))
    found = compared(gained, tmp_path, *rows)
    assert (found.same, found.under_earlier, found.agrees) == (4, 2, True)
    lacking = compared(gained, tmp_path, *(rows[0], row("b", 1, 2, 3, 4), *rows[2:]))
    assert lacking.rows == (Row(handle("b"), "differs", "digests", "", digests("b", 5)),)


def test_a_field_less_leaves_what_stands_as_it_is(gained: Roll, tmp_path: Path) -> None:
    """Records of four and of five fields agree with a list of the three that are asked now."""
    assert isinstance(take_file(gained, "east", sent(row("d", 1, 2, 3, 4, 5))), FileTaken)
    rule = gained.rule
    changed(gained, msgspec.structs.replace(rule, version=rule.version + 1, fields=rule.fields[:3]))
    found = compared(gained, tmp_path, *(row(account, 1, 2, 3) for account in "abcd"))
    assert (found.same, found.under_earlier, found.agrees) == (4, 4, True)
    other = compared(gained, tmp_path, *(row(account, 1, 2, 9) for account in "abcd"))
    assert (other.same, other.differs) == (0, 4)


def test_a_district_that_ended_makes_no_list_faulty(roll: Roll, tmp_path: Path) -> None:
    """After a district was split, its records agree with the list and may be changed; a new one there is refused."""
    assert isinstance(take_file(roll, "east", sent(row("a", 1, 2, 3, 4), row("b", 1, 2, 3, 4))), FileTaken)
    last = roll.day(roll.clock())
    districts = tuple(
        msgspec.structs.replace(one, until=last) if one.code == "500103" else one for one in roll.place.districts
    )
    changed(roll, roll.rule, msgspec.structs.replace(roll.place, districts=districts))
    assert compared(roll, tmp_path, row("a", 1, 2, 3, 4), row("b", 1, 2, 3, 4)).agrees
    move = {"act": "change", "handle": handle("a"), "on": "2006-12-21", "access": "lan", "district": "500103"}
    assert isinstance(take_file(roll, "east", sent(move)), FileTaken)
    back = {"act": "change", "handle": handle("a"), "on": "2006-12-21", "district": "500105"}
    assert isinstance(take_file(roll, "east", sent(back)), FileTaken)
    again = take_file(roll, "east", sent(move | {"on": "2006-12-22"}))
    assert isinstance(again, FileRefused)
    assert again.faults[0].code == "word-unknown"
    fresh = take_file(roll, "east", sent(row("c", 1, 2, 3, 4)))
    assert isinstance(fresh, FileRefused)
    assert isinstance(fresh.refused, Refused)
    assert fresh.faults[0].code == "district-unknown"
