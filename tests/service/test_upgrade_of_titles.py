"""A roll of before titles were by language: its events are read as maps, and its tables are brought to them."""

import json
from pathlib import Path

import pytest

from openroll.register.events import event_of
from openroll.register.kinds import KINDS
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.events import OperatorAdmitted, OrganisationAdmitted
from openroll.register.organisation.roles import KEEPER
from openroll.register.roll.events import RollOpened
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.open_roll import find_roll
from openroll.service.identity import people
from openroll.service.roll import Roll
from openroll.store import migrations
from openroll.store import roll as rolls

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0017_titles.sql"
BACK = """
    alter table operator add column title_zh text, add column title_en text;
    update operator set title_zh = title ->> 'zh', title_en = title ->> 'en';
    alter table operator drop column title;
    alter table organisation add column title_zh text, add column title_en text;
    update organisation set title_zh = title ->> 'zh', title_en = title ->> 'en';
    alter table organisation drop column title;
"""
OLD = {
    "roll.opened/1": (
        '{"demonstration":false,"districts":"cn-cq-2006","registrar":"An office","roll":"old","rule":"r@1",'
        '"safeguards":["aim"],"title_en":"Old","title_zh":"旧"}'
    ),
    "roll.opened/2": (
        '{"demonstration":false,"districts":"cn-cq-2006","languages":["zh","en"],"registrar":"An office","roll":"old",'
        '"rule":"r@1","safeguards":["aim"],"title":{"en":"Old","zh":"旧"}}'
    ),
    "operator.admitted/1": '{"kind":"access-operator","operator":"east","rule":"r@1","title_en":"Old","title_zh":"旧"}',
    "organisation.admitted/1": (
        '{"by":"registrar/0","kind":"authority","organisation":"police","rule":"r@1","title_en":"Old","title_zh":"旧"}'
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_an_old_event_is_read_as_a_map(name: str) -> None:
    """Both titles stand in the map, and nothing else of the fact changes."""
    event = event_of(name, OLD[name])
    assert isinstance(event, RollOpened | OperatorAdmitted | OrganisationAdmitted)
    assert event.title == {"zh": "旧", "en": "Old"}
    assert event.name == decided(name)
    old, new = json.loads(OLD[name]), json.loads(event.body())
    apart = {"title", "title_zh", "title_en", "languages", "registrar", "districts", "jurisdiction"}
    assert new.get("jurisdiction") == old.get("districts")
    assert {key: old[key] for key in set(old) - apart} == {key: new[key] for key in set(new) - apart}


def decided(name: str) -> str:
    """What the newest version of a kind is called."""
    kind = name.partition("/")[0]
    (newest,) = (one.name for one in KINDS.values() if one.deciders and one.name.partition("/")[0] == kind)
    return newest


def test_a_roll_of_before_speaks_the_languages_of_then() -> None:
    """Chinese first, and English; its registrar has the same name in both."""
    for name in ("roll.opened/1", "roll.opened/2"):
        opened = event_of(name, OLD[name])
        assert isinstance(opened, RollOpened)
        assert opened.languages == ("zh", "en")
        assert opened.registrar == {"zh": "An office", "en": "An office"}


def test_a_roll_of_before_is_upgraded_and_rebuilt(roll: Roll) -> None:
    """Its tables become maps, its projections are what its old events say, and it opens as what it was."""
    command = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "旧", "en": "Old"})
    people.admit_organisation(roll, command, KEEPER)
    with roll.database.open() as connection:
        connection.execute(BACK)
        connection.execute("alter table event disable trigger all")
        for number, name, body in connection.execute(
            "select id, name, body from event where name like '%/2'"
        ).fetchall():
            old = json.loads(body)
            title = old.pop("title")
            old.pop("languages", None)
            old |= {f"title_{lang}": text for lang, text in title.items()}
            text = json.dumps(old, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            changed = (name.replace("/2", "/1"), text, number)
            connection.execute("update event set name = %s, body = %s where id = %s", changed)
        connection.execute("alter table event enable trigger all")
        connection.execute(STATEMENTS.read_bytes())
        connection.commit()
        assert rolls.operators(connection)["east"] == {"zh": "某网", "en": "East"}
    assert rebuild(roll, replace=False).differences == ()
    assert rebuild(roll, replace=True).differences == ()
    found = find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes)
    assert found.opened == roll.opened
