"""Official acts on pages: rules with four eyes, published figures, the duties board, and what waits for somebody."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.roll.decide import RuleStanding
from openroll.rules import Rule, digest, duties, load, plain
from openroll.service import work
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.governance import figures, projections, rule_versions
from openroll.service.governance.duties_board import board
from openroll.service.governance.kept_days import subject_of
from openroll.service.governance.open_roll import find_roll
from openroll.service.governance.rule_standing import rule_name
from openroll.service.governance.settled_work import settle_work
from openroll.service.identity import people
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import by_handle, official_acts
from openroll.service.roll import Roll
from tests.handles import handle
from tests.seats import seated, words_read
from tests.service.filings import rows_file

REDTEAM = Path(__file__).parents[1] / "rules" / "redteam"
ONE, TWO = Seat("registrar", 1), Seat("registrar", 2)


@pytest.fixture
def roll(roll: Roll) -> Roll:
    """A roll whose registrar has two people in force, of two lines of invitations."""
    assert seated(roll, "registrar", "registrar-lead") == ONE
    assert seated(roll, "registrar", "registrar") == TWO
    return roll


def refused(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def today(roll: Roll) -> date:
    """The roll's civil day."""
    return roll.day(roll.clock())


def another(roll: Roll) -> Rule:
    """A rule a little different from the roll's own: it gives 45 days where that gave 30."""
    changed = json.loads(json.dumps(plain(roll.rule)).replace("P30D", "P45D"))
    rule = msgspec.convert(changed, Rule)
    assert digest(rule) != digest(roll.rule)
    return rule


def test_a_rule_is_published_by_another_seat_and_starts_on_its_day(roll: Roll) -> None:
    """The proposer cannot publish; another can; both acts name their seats; the rule changes on its day and not before."""
    old = roll.rule_name
    starts = today(roll) + timedelta(days=2)
    number = rule_versions.propose_rule(roll, another(roll), starts, ONE)
    assert isinstance(number, int)
    assert refused(rule_versions.settle(roll, number, ONE, drop=False)) == "second-eyes-needed"
    words_read(roll, another(roll))
    assert rule_versions.settle(roll, number, TWO, drop=False) is None
    assert refused(rule_versions.settle(roll, number, TWO, drop=False)) == "proposal-unknown"
    published = official_acts(roll)[0]
    proposed = next(one for one in official_acts(roll) if one.name == "rule.proposed/2")
    assert json.loads(proposed.body)["by"] == "registrar/1"
    assert (json.loads(published.body)["by"], json.loads(published.body)["proposed_by"]) == (
        "registrar/2",
        "registrar/1",
    )
    assert roll.rule_name == old
    assert roll.rule_on(starts).name == json.loads(published.body)["published"]
    assert roll.rule_on(starts - timedelta(days=1)).name == old
    found = find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes)
    assert [one.name for one in found.versions] == [one.name for one in roll.versions]
    assert roll.setting(starts).rule != roll.setting(today(roll)).rule


def test_a_rule_without_its_safeguards_is_refused_and_one_that_starts_today_too(roll: Roll) -> None:
    """Nothing unsafe is proposed, nobody is bound by what they could not read before; a dropped one is gone."""
    starts = today(roll) + timedelta(days=2)
    assert refused(rule_versions.propose_rule(roll, load("cn-cq-2006-notice"), starts, ONE)) == "rule-unsafe"
    assert refused(rule_versions.propose_rule(roll, another(roll), today(roll), ONE)) == "starts-too-soon"
    number = rule_versions.propose_rule(roll, another(roll), starts, ONE)
    assert isinstance(number, int)
    assert rule_versions.settle(roll, number, ONE, drop=True) is None
    assert rule_versions.waiting(roll) == []
    assert len(roll.versions) == 1


@pytest.mark.parametrize("text", ["", "not: a rule", "id: [", "a" * 300_000, "&a [*a, *a]"])
def test_what_is_no_rule_is_refused_with_its_faults(text: str) -> None:
    """A text that is no rule, and a reference that names none, are said to be so, line by line."""
    read = rule_versions.read_rule("no-such-rule", text)
    assert isinstance(read, Refused)
    assert read.refusal.params["faults"]


def test_a_pasted_rule_meets_the_checks_of_a_shipped_one(roll: Roll) -> None:
    """A rule of one's own that is abusive is refused as it is proposed, whatever it calls itself."""
    monster = rule_versions.read_rule("", (REDTEAM / "monster.yaml").read_text(encoding="utf-8"))
    assert isinstance(monster, Rule)
    assert refused(rule_versions.propose_rule(roll, monster, today(roll) + timedelta(days=3), ONE)) == "rule-unsafe"


def test_what_was_proposed_under_fewer_checks_is_not_published(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proposal of before a check existed passes today's checks, or is not published."""
    with monkeypatch.context() as before:
        before.setattr(projections, "standing", lambda rule, _: RuleStanding(rule_name(rule), (), rule.zone))
        number = rule_versions.propose_rule(roll, load("cn-cq-2006-notice"), today(roll) + timedelta(days=3), ONE)
    assert isinstance(number, int)
    assert refused(rule_versions.settle(roll, number, TWO, drop=False)) == "rule-unsafe"
    assert rule_versions.settle(roll, number, TWO, drop=True) is None


def test_figures_are_published_once_a_day_under_a_digest_in_the_log(roll: Roll) -> None:
    """The published table is the table of that moment; its SHA-256 stands in the log's entry."""
    assert isinstance(take_file(roll, "east", rows_file(25)), FileTaken)
    Sequencer(roll).run_until_empty()
    published = figures.publish(roll, ONE)
    assert isinstance(published, str)
    (day, text, kept), *_ = figures.published(roll)
    assert day == today(roll)
    assert kept == published == hashlib.sha256(text.encode()).hexdigest()
    assert json.loads(official_acts(roll)[0].body)["digest"] == published
    assert {"table": "operators", "key": "east", "event": "living", "count": 20} in json.loads(text)
    assert refused(figures.publish(roll, TWO)) == "figures-published-already"


def test_the_board_counts_what_the_rule_says_of_each_record(roll: Roll, tmp_path: Path) -> None:
    """Counting groups by column gives what asking the rule record by record gives."""
    file = tmp_path / "rows.csv"
    lines = rows_file(40).getvalue().decode().splitlines()
    for n in range(1, 41):
        lines[n] = lines[n].replace("household", "organisation" if n % 3 else "household")
        lines[n] = lines[n].replace("2006-10-02", str(date(2006, 9, 20) + timedelta(days=2 * n)))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken = take_file(roll, "east", file)
    assert isinstance(taken, FileTaken), taken
    counted = board(roll)
    one_by_one: dict[str, int] = {}
    for n in range(40):
        record = by_handle(roll, "east", handle(f"file-{n}"))
        assert not isinstance(record, Refused)
        for duty in duties(subject_of(record.state), roll.rule, today(roll)):
            one_by_one[duty.state] = one_by_one.get(duty.state, 0) + 1
    assert counted.total("met") == one_by_one.get("met", 0)
    assert counted.total("met_late") == one_by_one.get("met-late", 0) > 0
    assert counted.total("late") == one_by_one.get("overdue", 0)
    assert board(roll, "west").lines == ()
    assert board(roll, "east").lines == counted.lines


def test_what_waits_has_a_reason_a_day_and_an_owner_and_settles_itself(roll: Roll) -> None:
    """A proposal waits until the day before it starts; taken, it is somebody's; published, it is gone."""
    person = people.create_seat(roll, "registrar", "registrar-lead", "the second")
    assert isinstance(person, int)
    starts = today(roll) + timedelta(days=3)
    number = rule_versions.propose_rule(roll, another(roll), starts, TWO)
    assert isinstance(number, int)
    (waiting,) = work.queue(roll)
    assert (waiting.row.kind, waiting.on, waiting.left) == ("proposal", starts - timedelta(days=1), 2)
    assert (waiting.row.owner, waiting.row.reason, waiting.row.taken_by) == ("registrar", "proposal", None)
    assert work.take(roll, waiting.row.id, person) is None
    assert work.queue(roll)[0].row.label == "the second"
    assert refused(settle_work(roll, waiting.row.id, " ", ONE)) == "reason-missing"
    words_read(roll, another(roll))
    assert rule_versions.settle(roll, number, ONE, drop=False) is None
    assert work.queue(roll) == []
    with roll.database.own() as connection:
        due = work.end_of(roll, today(roll))
        work.enqueue(connection, "log", "the disk is full", "registrar", "log", due, now=roll.clock())
    (standing,) = work.queue(roll)
    assert settle_work(roll, standing.row.id, "made room", ONE) is None
    assert refused(settle_work(roll, standing.row.id, "again", ONE)) == "proposal-unknown"
