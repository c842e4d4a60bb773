"""The roll looks at organisations' sites itself: whether each answers, on a schedule, and whether control of it is shown.

One row of work, by the clock: it takes what is due (store/site_looks.py), asks the network outside of every transaction, and
then says of each site what is new, as an official act of the roll. What was not come to was not looked at, and waits behind the
others.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from openroll.register.decision import Refused
from openroll.register.site.commands import SeeSite
from openroll.register.site.control import wanted_at
from openroll.register.site.events import Sighting
from openroll.register.site.life import Life, State
from openroll.register.site.looks import Eye, Question, Seen, reaches_nobody
from openroll.register.site.news import AGAIN, Missing, news_of_control, news_of_state
from openroll.register.site.record import Site, as_of
from openroll.service.acts import act
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.service.sites.projections import site_of
from openroll.service.work import Again, Done, Kind, Later, Result
from openroll.store import events, site_looks, sites
from openroll.store.site_looks import LookRow
from openroll.store.sites import SiteRow
from openroll.tlog import sign_note
from openroll.tlog.note import ED25519

if TYPE_CHECKING:
    from openroll.watch.probe.remote import RemotePlace

T = TypeVar("T")
WORK = "site-looks"
EVERY = timedelta(minutes=1)
SECONDS = 40.0
"""For how long a round asks at most: less than its lease (service/work.py)."""
MOST = 500
"""Sites of one round."""
LEFT = timedelta(minutes=10)
"""For how long a site that a round did not come to waits: others are due meanwhile."""
OTHERS = 12
"""Sites that answered lately and are asked when most of a round are silent: does this machine reach anybody?"""
_STOPPING = 0.2
"""Seconds between two looks whether the process is being stopped."""


@dataclass(frozen=True)
class Looks:
    """How the roll looks: by an eye, under its own address, by which domains name it, and with the remote places that look too.

    `most` sites in `seconds` a round.
    """

    eye: Eye
    address: str
    places: "tuple[RemotePlace, ...]" = ()
    most: int = MOST
    seconds: float = SECONDS


def kind(roll: Roll, looks: Looks, stopping: Callable[[], bool] = lambda: False) -> Kind:
    """Looking at sites, as work of the machine."""
    rounds = _Rounds(roll, looks, stopping)
    return Kind(lambda _: rounds.round(), "clock-work", every=lambda now: now + EVERY)


@dataclass(frozen=True)
class _Asked:
    """A site in a round: what is known of it by looks, how it is filed, as it is today, and what is asked."""

    look: LookRow
    row: SiteRow
    site: Site
    question: Question

    @property
    def life(self) -> Life:
        """What is known of it, as the schedule has it."""
        return _life(self.look)


class _Rounds:
    """Rounds of looks."""

    def __init__(self, roll: Roll, looks: Looks, stopping: Callable[[], bool]) -> None:
        self._roll, self._looks, self._stopping = roll, looks, stopping
        self._mended: date | None = None

    def round(self) -> Result:
        """Look at what is due. Raises NotNow where nothing can be written: then nobody is asked."""
        roll, now = self._roll, self._roll.clock()
        roll.check_held()
        roll.check_clock(now)
        asked = self._due(now)
        if not asked:
            return Done()
        found = self._see([one.question for one in asked.values()], now)
        if self._alone(asked, found, now):
            return Later("this machine reaches no site: nothing that it saw counts")
        left = [number for number in asked if number not in found]
        quiet, news = self._told_apart(asked, found, now)
        with roll.database.own() as connection:
            site_looks.put(connection, quiet)
            site_looks.put_off(connection, left, now + LEFT)
        elsewhere = self._elsewhere([asked[row.number].question for row, _, _ in news])
        if elsewhere is None:  # stopped meanwhile: whoever goes on looks at these again
            return Done()
        for row, command, version in news:
            sightings = (*command.sightings, *elsewhere.get(row.number, ()))
            self._say(row, msgspec.structs.replace(command, sightings=sightings), version, now)
        return Again() if len(asked) == self._looks.most and not self._stopping() else Done()

    def _due(self, now: datetime) -> dict[int, _Asked]:
        today = self._roll.day(now)
        with self._roll.database.own() as connection:
            if self._mended != today:
                site_looks.mend(connection, now)
                self._mended = today
            rows = site_looks.due(connection, now, self._looks.most)
            return {row.number: self._asked(look, row, today) for look, row in rows}

    def _asked(self, look: LookRow, row: SiteRow, today: date) -> _Asked:
        site = as_of(site_of(row), today)
        return _Asked(look, row, site, Question(row.number, site.domains, wanted_at(self._looks.address, row.operator)))

    def _see(self, questions: Sequence[Question], now: datetime) -> dict[int, Seen]:
        """What was seen in a round. Nothing is written meanwhile, and no transaction is open."""
        found: dict[int, Seen] = {}

        async def look() -> None:
            async for question, seen in self._looks.eye(questions, now, self._looks.seconds):
                found[question.number] = seen

        self._until_stopped(look())
        return found

    def _until_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What comes of asking the network; None where the process is stopped meanwhile, and then nobody is asked any more."""

        async def asking() -> T | None:
            task = asyncio.create_task(work)
            while not task.done() and not self._stopping():
                await asyncio.wait((task,), timeout=_STOPPING)
            task.cancel()
            with suppress(asyncio.CancelledError):
                return await task
            return None

        return asyncio.run(asking())

    def _alone(self, asked: Mapping[int, _Asked], found: Mapping[int, Seen], now: datetime) -> bool:
        """Whether this machine reaches nobody: most of what answered before is silent at once, and what is not due is so too."""
        lives = {number: one.life for number, one in asked.items()}
        if not found or not reaches_nobody(found, lives):
            return False
        with self._roll.database.own() as connection:
            rows = site_looks.answered_lately(connection, list(asked), OTHERS)
        others = self._see([Question(row.number, tuple(row.domains)) for row in rows], now)
        return sum(one.answers for one in others.values()) * 2 <= len(rows)

    def _elsewhere(self, questions: Sequence[Question]) -> Mapping[int, tuple[Sighting, ...]] | None:
        """What remote places see of those sites of which there is news; None where the process is stopped meanwhile."""
        if not questions or not self._looks.places:
            return {}
        from openroll.watch.probe.remote import ask_places  # noqa: PLC0415 - a roll that looks from one place asks nobody

        keys = self._roll.keys
        signers = [one for one in keys.signers_at(keys.size + 1) if one.verifier.algorithm == ED25519]

        def sign(text: str) -> bytes:
            return sign_note(text, signers)

        roll, looks = self._roll, self._looks
        work = ask_places(looks.places, roll.origin, questions, sign, looks.seconds, lambda: roll.clock().timestamp())
        return self._until_stopped(work)

    def _told_apart(
        self, asked: Mapping[int, _Asked], found: Mapping[int, Seen], now: datetime
    ) -> tuple[list[tuple[LookRow, int]], list[tuple[LookRow, SeeSite, int]]]:
        """What is known of each site after the round: those of which there is no news, and those of which there is."""
        quiet: list[tuple[LookRow, int]] = []
        news: list[tuple[LookRow, SeeSite, int]] = []
        for number, seen in found.items():
            one = asked[number]
            row, command = _news(one, seen, now)
            if command is None:
                quiet.append((row, one.row.version))
            else:
                news.append((row, command, one.row.version))
        return quiet, news

    def _say(self, row: LookRow, command: SeeSite, version: int, now: datetime) -> None:
        """Say what is new of a site, unless something else became of it meanwhile: then it is looked at again."""
        with current(self._roll) as connection:
            site = sites.one(connection, row.number)
            if site is None or events.version_of(connection, site.stream) != version or site.version != version:
                return
            said = act(connection, self._roll, command, now=now)
            site_looks.put(connection, [(row, version if isinstance(said, Refused) else version + 1)])


def _news(one: _Asked, seen: Seen, now: datetime) -> tuple[LookRow, SeeSite | None]:
    """What is known of a site after a look, and what is said of it, where that is something new."""
    site, life = one.site, one.life.looked(seen.answers, now)
    missing = Missing(one.look.missed, one.look.misses).looked(seen.control, now)
    if not site.shows_control:
        missing = Missing()  # nothing stands that could be missed
    state, control = news_of_state(life, site), news_of_control(seen.control, missing, site, now)
    if control == "":
        missing = Missing()
    due = min(life.due, now + AGAIN) if missing.since is not None else life.due
    row = _row(one.row.number, life, missing, due, now)
    if state is None and control is None:
        return row, None
    wanted = one.question.wanted
    account = "" if wanted is None else wanted.account
    sighting = Sighting(place="", at=int(now.timestamp()), answers=seen.answers, control=seen.control)
    return row, SeeSite(site=one.row.number, sightings=(sighting,), control=control, state=state, account=account)


def _row(number: int, life: Life, missing: Missing, due: datetime, now: datetime) -> LookRow:
    return LookRow(
        number=number,
        due=due,
        state=life.state,
        since=life.since,
        gap=life.gap,
        run=life.run,
        quiet=life.quiet,
        answered=life.answered,
        looked=now,
        missed=missing.since,
        misses=missing.looks,
    )


def _life(look: LookRow) -> Life:
    state: State = look.state  # type: ignore[assignment] # the table has these four alone
    return Life(state, look.since, look.due, look.gap, look.run, look.quiet, look.answered)
