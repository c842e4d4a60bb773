"""A registered use on a roll whose rule is another one now: what the rule dropped is asked for, let through and given no more."""

from pathlib import Path

import msgspec
import pytest

from openroll.register.request import commands
from openroll.rules import Rule
from openroll.service.filing.rebuild import rebuild
from openroll.service.requests import rights
from openroll.service.roll import Roll
from openroll.store import migrations
from tests.register.asked import FIELDS, sealed
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.test_impossible import asked, refused

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0036_uses_under_rules.sql"


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


def under(roll: Roll, rule: Rule) -> None:
    """Have the roll go by another rule from today on."""
    first = roll.versions[0]
    later = msgspec.structs.replace(first, rule=rule, name="later@1", starts=roll.day(roll.clock()))
    roll.adopt((first, later))


def test_a_use_lets_no_more_be_given_than_the_rule_of_the_day(made: Bodies) -> None:
    """After a rule without the field, then without the purpose: nothing is filed, approved or answered with it."""
    roll, rule = made.roll, made.roll.rule
    answered, waiting = made.file(), made.file()
    made.does(commands.Approve(request=answered, fields=FIELDS), "reviewer")
    answer = commands.Answer(
        request=answered, outcome="given", fields=FIELDS, envelope=sealed(b"it is Li", ("police",), "east")
    )
    less = msgspec.structs.replace(rule, fields=tuple(one for one in rule.fields if one.name != FIELDS[1]))
    under(roll, less)
    assert refused(asked(made)) == "beyond-use"
    assert made.refused(commands.Approve(request=waiting, fields=FIELDS), "reviewer") == "beyond-use"
    assert made.refused(answer, "clerk") == "beyond-use"
    other = {"zh": "巡查街区", "en": "patrols"}
    under(roll, msgspec.structs.replace(rule, purposes=(other, *rule.purposes[1:])))
    assert refused(asked(made)) == "purpose-unknown"
    assert made.refused(commands.Approve(request=waiting, fields=FIELDS[:1]), "reviewer") == "use-lapsed"
    assert made.refused(answer, "clerk") == "use-lapsed"
    (use,) = rights.uses(roll)
    assert (use.said, use.purpose_gone, use.fields_gone) == (rule.purposes[0], True, ())
    under(roll, msgspec.structs.replace(rule, purposes=(other, *rule.purposes)))
    made.does(answer, "clerk")  # its purpose stands elsewhere in the list, and is the same
    made.does(commands.Approve(request=waiting, fields=FIELDS), "reviewer")


def test_uses_of_before_know_their_rule(made: Bodies) -> None:
    """An upgraded roll has of each use the rule that its fact names, as a rebuild makes it."""
    roll = made.roll
    with roll.database.open() as connection:
        connection.execute("alter table registered_use drop column rule")
        connection.execute(STATEMENTS.read_text("utf-8"))
        connection.commit()
        assert connection.execute("select rule from registered_use").fetchall() == [(roll.version.name,)]
    assert rebuild(roll, replace=False).differences == ()
