"""The roll looks at organisations' sites itself: what it sees is a fact of its own, and nothing new is none."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from openroll.register.events import event_of
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.control import wanted_at
from openroll.register.site.events import SiteChecked
from openroll.register.site.life import GRACE, SILENCE
from openroll.register.site.looks import ENOUGH, Outcome, Question, Seen
from openroll.service import work
from openroll.service.filing.rebuild import rebuild
from openroll.service.roll import Roll
from openroll.service.sites import looking, lookup
from openroll.service.sites.filing import step
from openroll.service.sites.looking import Looks
from openroll.store import events, site_looks, sites
from openroll.watch.probe.sights import eye
from tests.conftest import Ticking
from tests.seats import seated
from tests.service.servers import self_signed
from tests.service.sites import years
from tests.service.sites.years import ADDRESS
from tests.sites import covering_sites, numbers, private, site
from tests.watch.probe import world as played
from tests.watch.probe.world import CLOSED, FORBIDDEN, SITE, World, leads, says

DAY = timedelta(days=1)


@pytest.fixture
def east(roll: Roll) -> Iterator[Seat]:
    """A clerk of an operator, in a roll under the rule of sites."""
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        yield seat


class Sights:
    """What is seen of each domain, as a test says; every question that was asked."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        self.asked: list[Question] = []
        self.meanwhile: Callable[[], object] = str

    def eye(self, asked: Sequence[Question], __: datetime, _: float) -> AsyncIterator[tuple[Question, Seen]]:
        """Look."""

        async def looking() -> AsyncIterator[tuple[Question, Seen]]:
            self.meanwhile()
            self.asked += asked
            for question in asked:
                if (seen := self.seen.get(question.domains[0])) is not None:
                    yield question, seen

        return looking()

    def say(self, name: str, outcome: Outcome = "answers", control: str | None = None) -> None:
        """From now on a site is seen so."""
        self.seen[f"{name}.example.org"] = Seen(outcome, control)


@pytest.fixture
def sights() -> Sights:
    return Sights()


def looked(roll: Roll, sights: Sights, most: int = looking.MOST) -> list[str]:
    """Have the roll look at all that is due now; the domains that it asked of, in order."""
    before = len(sights.asked)
    kinds = {looking.WORK: looking.kind(roll, Looks(sights.eye, ADDRESS, most=most))}
    for ran in work.run_due(roll, kinds, roll.clock()):
        assert isinstance(ran.result, work.Done | work.Again), ran.result
    return [one.domains[0].removesuffix(".example.org") for one in sights.asked[before:]]


def pass_time(roll: Roll, time: timedelta) -> None:
    """Have the roll's clock go on."""
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += time


def facts(roll: Roll, number: int) -> list[SiteChecked]:
    """The facts that checks made of a site."""
    with roll.database.own() as connection:
        row = sites.one(connection, number)
        assert row is not None
        found = [event_of(one.name, one.body) for one in events.of_streams(connection, [row.stream])]
    return [fact for fact in found if isinstance(fact, SiteChecked)]


def test_what_the_roll_saw_is_its_own_fact_and_nothing_new_is_none(roll: Roll, east: Seat, sights: Sights) -> None:
    """A site that answers makes no fact. Silence of a week does, and then two months later its retirement; one answer ends it."""
    (number,) = numbers(roll, east, site())
    sights.say("shudian")
    assert looked(roll, sights) == ["shudian"]
    assert looked(roll, sights) == []
    assert facts(roll, number) == []
    sights.say("shudian", "nobody")
    for time in (*[DAY] * (SILENCE.days + 2), GRACE, DAY):
        pass_time(roll, time)
        looked(roll, sights)
    pass_time(roll, 3 * DAY)
    sights.say("shudian", "answers")
    looked(roll, sights)
    found = facts(roll, number)
    assert [fact.state for fact in found] == ["silent", "retired", "live"]
    assert {fact.by for fact in found} == {"roll"}
    assert [[one.answers for one in fact.sightings] for fact in found] == [[False], [False], [True]]
    assert all(one.place == one.signature == "" for fact in found for one in fact.sightings)
    assert rebuild(roll, replace=False).differences == ()


def test_control_is_shown_by_what_the_roll_finds_and_lost_when_that_is_gone_for_a_week(
    roll: Roll, east: Seat, sights: Sights
) -> None:
    """An operator's claim becomes what was seen; a proof that is gone for a day changes nothing, and one that is gone does."""
    claims, silent = numbers(roll, east, site(control="record"), site("silent"))
    sights.say("shudian", control="record")
    sights.say("silent", control="")
    looked(roll, sights)
    (fact,) = facts(roll, claims)
    assert (fact.control, fact.account) == ("record", f"{ADDRESS}/operators/east")
    assert sights.asked[0].wanted == wanted_at(ADDRESS, "east")
    seen = lookup.by_number(roll, claims)
    assert seen is not None
    assert (seen.control, seen.control_places, seen.shown) == ("record", 1, seen.filed)
    for control in ("", "record", None, *[""] * 9):
        sights.say("shudian", control=control)
        pass_time(roll, 2 * DAY)
        looked(roll, sights)
    assert [fact.control for fact in facts(roll, claims)] == ["record", ""]
    assert facts(roll, silent) == []
    assert rebuild(roll, replace=False).differences == ()


def test_the_roll_looks_from_the_day_on_which_a_site_opens_and_never_at_a_person_s(
    roll: Roll, east: Seat, sights: Sights
) -> None:
    """Nobody is silent who has not begun; what a person's site is called the roll does not know; an ended one is let alone."""
    today = roll.day(roll.clock())
    later, ended, _ = numbers(roll, east, site("later", began=today + 3 * DAY), site("ended"), private())
    step(roll, commands.EndSite(site=ended, on=today), east)
    assert looked(roll, sights) == []
    pass_time(roll, 3 * DAY)
    assert looked(roll, sights, most=1) == ["later"]
    with roll.database.own() as connection:
        assert [row.number for row, _ in site_looks.due(connection, roll.clock() + 400 * DAY, 9)] == [later]


def test_domains_that_are_announced_are_looked_at_from_their_day_on(roll: Roll, east: Seat, sights: Sights) -> None:
    """Until then it is those of before that answer, and are asked for a proof."""
    (number,) = numbers(roll, east, site(control="record"))
    day = roll.day(roll.clock()) + 5 * DAY
    step(roll, commands.ChangeSite(site=number, on=day, domains=("neu.example.org",)), east)
    sights.say("shudian")
    sights.say("neu", control="file")
    assert looked(roll, sights) == ["shudian"]
    assert sights.asked[0].domains == ("shudian.example.org",)
    pass_time(roll, 6 * DAY)
    assert looked(roll, sights) == ["neu"]
    assert [(fact.control, len(fact.sightings)) for fact in facts(roll, number)] == [("file", 1)]


def test_what_became_of_a_site_while_it_was_asked_is_not_overwritten(roll: Roll, east: Seat, sights: Sights) -> None:
    """No transaction is open meanwhile: a change by its operator is taken, and what was seen of before says nothing of it."""
    (number,) = numbers(roll, east, site())
    sights.say("shudian", control="record")
    moved = commands.ChangeSite(site=number, on=roll.day(roll.clock()), domains=("neu.example.org",))
    sights.meanwhile = lambda: step(roll, moved, east)
    looked(roll, sights)
    assert facts(roll, number) == []
    pass_time(roll, looking.EVERY)
    assert looked(roll, sights) == ["neu"]


def test_what_was_not_come_to_waits_behind_the_others(roll: Roll, east: Seat, sights: Sights) -> None:
    """A machine that stalls holds up its own sites and no others; what was not seen is no silence."""
    numbers(roll, east, site("stalls"), site("stalls-too"), site("third"))
    sights.say("third")
    assert looked(roll, sights, most=2) == ["stalls", "stalls-too", "third"]
    assert looked(roll, sights) == []
    pass_time(roll, looking.LEFT)
    assert looked(roll, sights) == ["stalls", "stalls-too"]
    assert _states(roll) == ["live"] * 3


def test_a_machine_that_reaches_nobody_says_so_and_nothing_counts(roll: Roll, east: Seat, sights: Sights) -> None:
    """Most sites that answered are silent at once: where others are too, it is this machine; where they answer, it is they."""
    listed = [f"s{at}" for at in range(2 * ENOUGH)]
    later = numbers(roll, east, *(site(name) for name in listed))[ENOUGH:]
    for name in listed:
        sights.say(name)
    looked(roll, sights)
    with roll.database.own() as connection:  # half of them are due much later
        connection.execute("update site_look set due = due + interval '90 days' where number = any(%s)", (later,))
    pass_time(roll, 2 * DAY)
    for name in listed:
        sights.say(name, "nobody")
    kinds = {looking.WORK: looking.kind(roll, Looks(sights.eye, ADDRESS))}
    (ran,) = work.run_due(roll, kinds, roll.clock())
    assert isinstance(ran.result, work.Later)
    assert _states(roll) == ["live"] * 2 * ENOUGH
    for name in listed[ENOUGH:]:
        sights.say(name)
    pass_time(roll, DAY)
    looked(roll, sights)
    assert _states(roll) == ["failing"] * ENOUGH + ["live"] * ENOUGH


def _states(roll: Roll) -> list[str]:
    with roll.database.own() as connection:
        return [
            state
            for (state,) in connection.execute(
                "select l.state from site_look l join site using (number) order by stream"
            )
        ]


def test_nobody_is_asked_while_nothing_can_be_written(roll: Roll, east: Seat, sights: Sights) -> None:
    """A held roll would ask the same sites again every few seconds."""
    numbers(roll, east, site())
    roll.latest = roll.clock() + DAY
    (ran,) = work.run_due(roll, {looking.WORK: looking.kind(roll, Looks(sights.eye, ADDRESS))}, roll.clock())
    assert (ran.result, sights.asked) == (work.Later("ClockBehind", counted=False), [])


def test_a_real_internet_of_each_kind_is_seen_for_what_it_is(
    roll: Roll, east: Seat, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By real sockets: live, moved and huge ones answer; dead, slow, looping and hostile ones do not, and nobody is reached who
    must not be. Control is found by the record and by the file."""
    world = World(self_signed(tmp_path_factory.mktemp("world")))
    wanted = wanted_at(ADDRESS, "east")
    assert wanted is not None
    value = f"{wanted.issuer}; accounturi={wanted.account}"
    try:
        for name, address in {"dead": CLOSED, "hostile": FORBIDDEN}.items():
            world.at(f"{name}.example.org", address)
        for name in ("live", "file", "moved", "looping", "slow", "huge", "tricked"):
            world.at(f"{name}.example.org", SITE)
        turns = iter([SITE, *[FORBIDDEN] * 99])
        world.zone["rebinding.example.org", "A"] = lambda: [next(turns)]
        world.zone["_validation-persist.live.example.org", "TXT"] = [f'"{value}"']
        proof = says(200, value.encode())
        front = says(404)
        world.sites |= {
            "live.example.org": says(200),
            "file.example.org": lambda path: (proof if "well-known" in path else front)(path),
            "moved.example.org": leads("http://live.example.org/"),
            "looping.example.org": leads("http://looping.example.org/"),
            "slow.example.org": played.silent,
            "huge.example.org": played.endless_body,
            "tricked.example.org": leads("http://127.0.0.66/"),
            "rebinding.example.org": leads("http://rebinding.example.org/on"),
        }
        listed = ["live", "file", "moved", "huge", "dead", "looping", "slow", "hostile", "tricked", "rebinding", "gone"]
        numbers(roll, east, *(site(name) for name in listed))
        kinds = {looking.WORK: looking.kind(roll, Looks(eye(world.place(whole=1.5, step=0.4)), ADDRESS))}
        (ran,) = work.run_due(roll, kinds, roll.clock())
        assert ran.result == work.Done()
        found = dict(zip(listed, _states(roll), strict=True))
        assert [name for name, state in found.items() if state == "live"] == ["live", "file", "moved", "huge"]
        assert world.reached == 0
        shown = {name: lookup.by_domain(roll, f"{name}.example.org")[0].control for name in listed}
        assert {name: how for name, how in shown.items() if how} == {"live": "record", "file": "file"}
    finally:
        world.close()


def test_a_small_internet_is_known_for_what_it_is_within_the_stated_time(roll: Roll, east: Seat) -> None:
    """Some sites over five months; `script/site-years` has 3,000 over five years."""
    assert isinstance(roll.clock, Ticking)
    many, days = int(os.environ.get("OPENROLL_SITES", "12")), int(os.environ.get("OPENROLL_SITE_DAYS", "160"))
    begins = roll.clock()
    world = years.World.made(years.names(many), begins, begins + days * DAY, 17)
    checked = years.watched(roll, roll.clock, east, world, days, step=DAY, every=4 * DAY)
    assert checked.untrue == []
    assert min(checked.held[what] for what in ("live", "silent", "retired", "shown")) > many
    if many >= 100:
        print(f"{many:,} sites, {days:,} days: looks {dict(world.asked)}, held {dict(checked.held)}")
    assert all(first.since < second.since for one in world.lives.values() for first, second in pairwise(one))
