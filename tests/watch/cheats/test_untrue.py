"""Entries and figures that are not true: back-dated acts, a clock that jumps, figures that the entries do not give."""

import hashlib
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.events import OperatorAdmitted
from openroll.register.roll.events import FiguresPublished
from openroll.rules import load
from openroll.service.governance.open_roll import admit_operator, find_roll
from openroll.service.governance.rule_standing import rule_name
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import ClockBehind, Roll
from openroll.tlog import Entry
from tests.conftest import Ticking
from tests.watch.cheats.conftest import HOLDS, ON_A_WORD, Auditor, Live, Outside
from tests.watch.cheats.forge import act_of, entries_of, person_act, show

Copy = Callable[[str], tuple[str, Path]]
RULE = rule_name(load("cn-cq-2006-regulation+with-safeguards"))
ADMITTED = OperatorAdmitted(operator="friend", title={"zh": "友", "en": "Friend"}, kind="access-operator", rule=RULE)


def after(day: str, days: int) -> str:
    """A day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def test_an_act_dated_before_what_stands_ahead_of_it(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """An operator admitted today under a day of last week: the days in the log itself show it to anyone."""
    address, site = copy("site")
    auditor.later = 4
    late = [person_act(after(live.day, 3)), act_of(ADMITTED, live.day).entry.encode()]
    show(site / "log", [*entries_of(site / "log"), *late], live.roll.keys.signers_at(0))
    status, said = auditor.shows(auditor.looks(address), "back-dated", tmp_path / "court")
    assert (status, f"is dated {live.day}" in said) == (HOLDS, True), said


def test_an_act_dated_before_the_last_visit(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """Nothing in the log is later; but the head of the last visit did not hold the act, days after its day."""
    address, site = copy("site")
    auditor.later = 5
    assert auditor.looks(address).status == 0
    entries = [*entries_of(site / "log"), act_of(ADMITTED, live.day).entry.encode()]
    show(site / "log", entries, live.roll.keys.signers_at(0))
    status, said = auditor.shows(auditor.looks(address), "back-dated", tmp_path / "court")
    assert (status, "by the word of whoever wrote this" in said) == (ON_A_WORD, True), said
    again = auditor.looks(address)
    assert (again.status, "faults of earlier visits" in again.told["warnings"][0]) == (0, True)


def test_an_act_of_today_is_in_order(live: Live, auditor: Auditor, copy: Copy) -> None:
    """What was written today and placed today, or last night and placed this morning, accuses nobody."""
    address, site = copy("site")
    auditor.later = 1
    assert auditor.looks(address, "--zone", "Asia/Shanghai", "--tolerance-hours", "30").status == 0
    made = {"friend": 0, "another": 1, "third": 0}
    facts = [(msgspec.structs.replace(ADMITTED, operator=name), after(live.day, days)) for name, days in made.items()]
    acts = [act_of(*one).entry.encode() for one in facts]
    show(site / "log", [*entries_of(site / "log"), *acts], live.roll.keys.signers_at(0))
    assert auditor.looks(address, "--zone", "Asia/Shanghai", "--tolerance-hours", "30").status == 0


def test_the_clock_jumps_back_a_day(
    new_roll: Callable[[], Roll], outside: Outside, web: tuple[str, Path], tmp_path: Path
) -> None:
    """Our own roll writes nothing by such a clock; one that does is seen by who knows its zone and visited today."""
    roll = new_roll()
    address, site = f"{web[0]}/{roll.name}", web[1] / roll.name
    site.mkdir()
    (site / "log").symlink_to(roll.public)
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    auditor = Auditor(outside, roll.home / "keys" / "log.pub", tmp_path / "auditor", roll.clock())
    exact = ("--zone", "Asia/Shanghai", "--tolerance-hours", "0")
    assert auditor.looks(address, *exact).status == 0
    clock = roll.clock
    assert isinstance(clock, Ticking)
    clock.now -= timedelta(days=1)
    admit = AdmitOperator(operator="friend", title={"zh": "友", "en": "Friend"}, kind="access-operator")
    with pytest.raises(ClockBehind, match="nothing is written or logged until the clock is set right"):
        admit_operator(roll, admit)
    with pytest.raises(ClockBehind):
        sequencer.run_until_empty()
    found = find_roll(roll.database, roll.home, clock=clock, random_bytes=roll.random_bytes)
    with pytest.raises(ClockBehind):
        admit_operator(found, admit)  # nor after a restart: the newest head says how late it was

    roll.latest = None  # a registrar that took the guard out
    assert isinstance(admit_operator(roll, admit), Accepted)
    sequencer.run_until_empty()
    sequencer.close()
    assert auditor.shows(auditor.looks(address, *exact), "back-dated", tmp_path / "court")[0] == ON_A_WORD


def _not_an_entry(_: str) -> bytes:
    return b"anything at all"


def _silent(day: str) -> bytes:
    return Entry(ADMITTED.name, day, os.urandom(32)).encode()


def _readable(day: str) -> bytes:
    return Entry("subscription.filed/1", day, os.urandom(32), '{"name":"Li Wei"}').encode()


def _bad(day: str) -> bytes:
    return Entry(ADMITTED.name, day, os.urandom(32), ADMITTED.body().replace(",", ", ")).encode()


@pytest.mark.parametrize(
    ("kind", "forged"),
    [("not-an-entry", _not_an_entry), ("silent-act", _silent), ("readable-act", _readable), ("bad-act", _bad)],
)
def test_an_entry_that_may_not_stand_there(
    kind: str, forged: Callable[[str], bytes], live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """No official act without its text, no person's act with one, nothing that is no entry: the log itself is the proof."""
    address, site = copy("site")
    show(site / "log", [*entries_of(site / "log"), forged(live.day)], live.roll.keys.signers_at(0))
    assert auditor.shows(auditor.looks(address), kind, tmp_path / "court")[0] == HOLDS


def test_an_act_of_a_day_to_come(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """Nothing can have been written on a day that has not begun anywhere."""
    address, site = copy("site")
    show(site / "log", [*entries_of(site / "log"), person_act(after(live.day, 30))], live.roll.keys.signers_at(0))
    assert auditor.shows(auditor.looks(address), "post-dated", tmp_path / "court")[0] == ON_A_WORD


def _published(live: Live, site: Path, on: str, rows: list[dict[str, str | int]]) -> None:
    """Publish figures of a day: the file, and the official act that holds its digest."""
    text = msgspec.json.encode(rows)
    fact = FiguresPublished(
        on=date.fromisoformat(on), digest=hashlib.sha256(text).hexdigest(), by="registrar/1", rule=RULE
    )
    show(site / "log", [*entries_of(site / "log"), act_of(fact, on).entry.encode()], live.roll.keys.signers_at(0))
    (site / "figures/published" / on).write_bytes(text)


def _rows(site: Path, day: str) -> list[dict[str, str | int]]:
    rows: list[dict[str, str | int]] = msgspec.json.decode((site / "figures/published" / day).read_bytes())
    return rows


def test_published_figures_that_the_entries_do_not_give(
    live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """Ten withdrawals in place of ten filings, under a digest in the log: who has the entries recounts it."""
    address, site = copy("site")
    auditor.later = 2
    rows = _rows(site, live.day)
    filed = next(row for row in rows if row["event"] == "subscription.filed/1")
    filed["count"] = int(filed["count"]) - 10
    rows.append({"table": "days", "key": live.day, "event": "subscription.withdrawn/1", "count": 10})
    _published(live, site, after(live.day, 1), rows)
    status, said = auditor.shows(auditor.looks(address), "figures-wrong", tmp_path / "court")
    assert (status, "the entries give 300" in said) == (HOLDS, True), said


def test_published_figures_that_leave_out_the_last_days(
    live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """Figures that stop at an early point are right as far as they go, and are published as if they went on."""
    address, site = copy("site")
    auditor.later = 5
    _published(
        live, site, after(live.day, 4), [{"table": "days", "key": live.day, "event": "roll.opened/3", "count": 1}]
    )
    status, said = auditor.shows(auditor.looks(address), "figures-wrong", tmp_path / "court")
    assert (status, "leave out entry 1 " in said) == (HOLDS, True), said


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_published_file_that_is_not_the_one_of_the_digest(
    how: str, live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """A file changed after it was published, another roll's in its place, or none at all."""
    address, site = copy("site")
    path = site / "figures/published" / live.day
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"east", b"best"))
    assert auditor.shows(auditor.looks(address), f"figures-{how}", tmp_path / "court")[0] == ON_A_WORD


@pytest.mark.parametrize("rows", ["other", "more", "less", "none"])
def test_figures_of_the_moment_that_are_not_of_this_log(
    rows: str, live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """Another roll's figures, one day made larger or smaller, no table at all: each differs from a recount."""
    address, site = copy("site")
    path = site / "figures/json"
    text = path.read_bytes()
    path.write_bytes(
        {
            "other": text.replace(live.day.encode(), b"2006-11-30"),
            "more": text.replace(b'"count":300', b'"count":900', 1),
            "less": text.replace(b'"event":"subscription.filed/1","count":300', b'"event":"x","count":300', 1),
            "none": b"<html>",
        }[rows]
    )
    assert path.read_bytes() != text
    found = auditor.looks(address)
    if rows == "more":
        # It may count what has a place and is not published yet; for longer than is allowed it may not.
        assert found.status == 0, found.told
        auditor.later = 1
        found = auditor.looks(address)
    assert auditor.shows(found, "figures-wrong", tmp_path / "court")[0] == ON_A_WORD
