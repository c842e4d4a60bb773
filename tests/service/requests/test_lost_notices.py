"""A notice that is gone, whoever took it away: its person is told late, and told anew, however long ago it was."""

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from openroll.api.requests import heap_of_roll
from openroll.disclosure.notice_heap import heap_of
from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.register.request.compared import PublicRequest
from openroll.register.request.content import notice_context
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.lives import leave_roll
from openroll.service.governance.open_roll import find_roll
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.restart_log import begin_anew
from openroll.service.requests import accounts, notices, shown, steps, told_months
from openroll.service.requests.clock import pass_due
from openroll.service.requests.notices import Lateness
from openroll.service.roll import Roll
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.notices import HEAPS
from openroll.watch.audit.report import MonitorLimits
from openroll.watch.audit.told_months import TOLD
from openroll.watch.audit.trust import Trust
from openroll.watch.source import FolderSource
from tests.register.asked import COMPLAINT, FIELDS, WORD, notice, sealed
from tests.service.going_back import remember
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.followed import not_following
from tests.service.requests.test_clock import later
from tests.service.test_later_acts import resumed


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """Everybody whom a request needs."""
    return bodies(roll)


def given(made: Bodies) -> int:
    """A request that was approved and answered, of which the person is to be told."""
    number = made.file()
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    assert made.read(number, "clerk") == [b"who is a-1?"]
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
    return number


def telling(number: int) -> commands.Tell:
    """A telling."""
    return commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT, by_word=True)


def delete(roll: Roll, table: str, number: int) -> None:
    """Take what was sealed for a request out of a table, as whoever owns the database can."""
    with roll.database.open() as connection:
        connection.execute(f"alter table {table} disable trigger append_only")
        connection.execute(f"delete from {table} where request = %s", (number,))
        connection.execute(f"alter table {table} enable always trigger append_only")


class Served:
    """The heaps of a roll, and what was told in a month, as it serves them."""

    where = "the roll"

    def __init__(self, roll: Roll) -> None:
        self.roll = roll

    def get(self, path: str) -> bytes | None:
        """What is at a path; nothing but these."""
        at = urlsplit(path)
        if at.path.startswith(TOLD):
            month = told_months.month_named(at.path.rpartition("/")[2])
            return None if month is None else gzip.decompress(told_months.packed(self.roll, month).data)
        if at.path == HEAPS:
            return msgspec.json.encode(notices.given_out(self.roll))
        if not at.path.startswith(HEAPS):
            return None
        of, after = (int(parse_qs(at.query)[name][0]) for name in ("of", "after"))
        return heap_of_roll(self.roll, int(at.path.rpartition("/")[2]), of, None, after)


def audited(roll: Roll, folder: Path) -> list[str]:
    """The kinds of faults that anybody's monitor finds now."""
    places, trust = LogSources(FolderSource(roll.public), Served(roll)), Trust(tuple(roll.keys.verifiers))
    one = Monitor(folder, folder / "evidence", places, trust, MonitorLimits(), roll.clock, lambda _: None)
    report = one.once()
    assert report.trouble == []
    return [fault.kind for fault in report.faults]


def is_late(roll: Roll, number: int) -> bool:
    """Whether a request stands as late wherever that is said: in its own list, in that of the late, and in what is counted."""
    (one,) = shown.public(roll, number=number)
    listed = number in [late.number for late in notices.late(roll)]
    counted = notices.lateness(roll) == Lateness(1, 0)
    assert one.late == ("notice" in one.lost) == listed == counted
    return one.late


def told_anew(made: Bodies, number: int, watch: Path) -> None:
    """The operator tells once more: the person finds it, has the whole time to complain, and all that is checked agrees."""
    roll = made.roll
    assert is_late(roll, number)
    Sequencer(roll).run_until_empty()
    assert audited(roll, watch) == ["notice-missing"]
    made.does(telling(number), "clerk")
    assert made.refused(telling(number), "clerk") == "not-in-this-step"
    assert (is_late(roll, number), len(notices.bucket(roll, 7)), made.step_of(number)) == (False, 1, "told")
    later(roll, days=89)
    pass_due(roll)
    assert isinstance(steps.complain(roll, commands.Complain(request=number, word=WORD)), Acted)
    later(roll, days=2)
    pass_due(roll)
    assert made.step_of(number) == "closed"
    Sequencer(roll).run_until_empty()
    assert (not_following(roll), audited(roll, watch), audited(roll, watch / "whole")) == ([], [], [])
    (row,) = [row for row in accounts.figures(roll).rows if row.use == made.use]
    assert (row.counts["told"], row.counts["closed"], row.acts["told"]) == (1, 1, 2)
    assert "closed" not in row.steps


def alter(roll: Roll, what: str, number: int) -> None:
    """Alter what a heap has of a request, as whoever owns the database can."""
    with roll.database.open() as connection:
        connection.execute("alter table notice disable trigger append_only")
        connection.execute(f"update notice set {what} where request = %s", (number,))
        connection.execute("alter table notice enable always trigger append_only")


@pytest.mark.parametrize("days", [1, 100])
def test_a_notice_that_was_taken_out_is_late_until_told_anew(made: Bodies, days: int, tmp_path: Path) -> None:
    """While its time goes on, and after the request has ended; its operator sees it as open, and leaves no roll before."""
    roll, number = made.roll, given(made)
    made.does(telling(number), "clerk")
    later(roll, days=days)
    pass_due(roll)
    assert not is_late(roll, number)
    delete(roll, "notice", number)
    assert shown.public(roll, number=number)[0].late
    assert notices.lateness(roll, all_notices=True) == Lateness(1, 0)
    pass_due(roll)
    assert number in [one.number for one in shown.mine(roll, "east")]
    left = leave_roll(roll, "east", "it sold its lines")
    assert isinstance(left, Refused)
    assert left.refusal.code == "still-owes"
    told_anew(made, number, tmp_path)
    assert shown.mine(roll, "east") == []
    assert rebuild(roll, replace=False).differences == ()


def test_a_notice_that_was_altered_is_late_as_one_that_was_taken_out(made: Bodies) -> None:
    """After the end of its request too, wherever that is said; it stands in the way of another until its row is taken out."""
    roll, number = made.roll, given(made)
    made.does(telling(number), "clerk")
    later(roll, days=100)
    pass_due(roll)
    assert not is_late(roll, number)
    alter(roll, "data = overlay(data placing '\\x00'::bytea from octet_length(data) - 5), digest = 'as told'", number)
    assert notices.lateness(roll, all_notices=True) == Lateness(1, 0)
    pass_due(roll)
    assert is_late(roll, number)
    assert number in [one.number for one in shown.mine(roll, "east")]
    left = leave_roll(roll, "east", "it sold its lines")
    assert isinstance(left, Refused)
    assert left.refusal.code == "still-owes"
    assert made.refused(telling(number), "clerk") == "not-in-this-step"
    delete(roll, "notice", number)
    made.does(telling(number), "clerk")
    assert not is_late(roll, number)


def test_what_stands_beside_a_notice_is_held_against_the_log(made: Bodies, tmp_path: Path) -> None:
    """Its moment, or the request that it stands under: a monitor names both; and the bytes of another are not those that were
    told."""
    roll, numbers = made.roll, [given(made), given(made)]
    for number in numbers:
        made.does(msgspec.structs.replace(telling(number), notice=notice(b"%d" % number)), "clerk")
    Sequencer(roll).run_until_empty()
    assert audited(roll, tmp_path) == []
    alter(roll, "at = at + interval '100 years'", numbers[0])
    assert audited(roll, tmp_path) == ["notice-missing"]
    alter(roll, "at = at - interval '100 years', request = -request", numbers[0])
    alter(roll, f"request = {numbers[0]}", numbers[1])
    alter(roll, f"request = {numbers[1]}", -numbers[0])
    assert notices.lateness(roll, all_notices=True) == Lateness(2, 0)
    assert audited(roll, tmp_path) == ["notice-missing"] * 2


def test_a_notice_that_was_altered_is_lost(made: Bodies) -> None:
    """Its bytes are looked at, and not what stands beside them; so it is with an envelope that was taken out."""
    roll, number = made.roll, given(made)
    made.does(telling(number), "clerk")
    alter(roll, "data = 'x'", number)
    delete(roll, "envelope", number)
    (one,) = shown.public(roll, number=number)
    assert (one.late, set(one.lost)) == (True, {"ask", "answer", "notice"})


@pytest.mark.parametrize("days", [(0, 100), (89, 3)])
def test_a_notice_that_an_older_copy_lost_is_told_however_late(
    made: Bodies, days: tuple[int, int], tmp_path: Path
) -> None:
    """Where the time of the telling had run out before the copy was brought back, and where it runs out before anybody acts."""
    roll, number = made.roll, given(made)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    made.does(telling(number), "clerk")
    before, after = days if days[0] else days[::-1]
    later(roll, days=before)
    pass_due(roll)
    Sequencer(roll).run_until_empty()
    go_back()
    assert resumed(roll).lost == 0
    later(roll, days=after)
    pass_due(roll)
    assert made.step_of(number) == "closed"
    told_anew(made, number, tmp_path)


def test_a_notice_is_found_when_the_log_was_begun_anew(made: Bodies, tmp_path: Path) -> None:
    """It is given out under the name that the log had when it was told, and what is told since under today's."""
    first, old = given(made), made.roll
    second = given(made)
    made.does(telling(first), "clerk")
    sequencer = Sequencer(old)
    sequencer.run_until_empty()
    sequencer.close()
    begin_anew(old, "roll.example/again", "two heads were signed")
    made.roll = find_roll(old.database, old.home, clock=old.clock, random_bytes=old.random_bytes)
    later(made.roll, days=1)
    made.does(msgspec.structs.replace(telling(second), notice=notice(b"another")), "clerk")
    Sequencer(made.roll).run_until_empty()
    heap = heap_of(heap_of_roll(made.roll, 7))
    assert [one.context for one in heap.every] == [
        notice_context(name, number) for name, number in ((old.origin, first), ("roll.example/again", second))
    ]
    assert audited(made.roll, tmp_path / "watch") == []


def test_a_telling_that_its_months_list_hides_is_named(
    made: Bodies, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Left out of it, or listed with another word, by which its person does not find it; the notice in its heap is no excuse."""
    roll, number = made.roll, given(made)
    made.does(telling(number), "clerk")
    Sequencer(roll).run_until_empty()
    assert audited(roll, tmp_path / "watch") == []
    public = told_months._public

    def with_another_word(*given: Any) -> PublicRequest:
        return msgspec.structs.replace(public(*given), complaints=("0" * 64,))

    with monkeypatch.context() as lying:
        lying.setattr(told_months, "_public", with_another_word)
        assert audited(roll, tmp_path / "watch") == ["notice-missing"]
    with roll.database.open() as connection:
        connection.execute("update request set told = null")
    assert audited(roll, tmp_path / "watch") == ["notice-missing"]
    assert audited(roll, tmp_path / "whole") == ["notice-missing"]
