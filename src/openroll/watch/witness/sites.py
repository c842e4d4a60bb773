"""A witness as a place that looks at web sites for the rolls that its keeper named, and for nobody else.

It signs what it saw under a key of its own, which cosigns nothing: `POST /look-at-site` (docs/sites.md).
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from openroll.register.site.events import Sighting
from openroll.register.site.looks import Eye, Question, Seen
from openroll.register.site.sightings import Asked, read_asked, seen_text
from openroll.tlog import KeyMissing, Signing, TlogError, Verifier, open_note, sign_note, split_note
from openroll.tlog.witnessing import Answer
from openroll.watch.probe.manners import Manners
from openroll.watch.probe.place import Place
from openroll.watch.probe.sights import eye

MOST_REQUEST = 20_000
"""Bytes of a request: ten domains, a record, and the signatures of a log."""
APART = 300
"""Seconds that the roll's clock and this one's may be apart."""
A_MINUTE = 600
"""Looks that one roll may ask for in a minute."""
AT_ONCE = 100
"""Looks that are on their way at one moment; more are told to ask again."""
SECONDS = 35.0
"""For how long one look goes on."""


class Looking:
    """Answers to rolls. `logs` are the keys of each roll that may ask, by the name of its log."""

    def __init__(
        self,
        signer: Signing,
        logs: Mapping[str, Sequence[Verifier]],
        looks: Eye | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._signer, self._logs, self._clock = signer, logs, clock
        self._eye = looks or eye(Place(), Manners())
        self._on_their_way = 0
        self._asked: dict[str, deque[float]] = {}
        self._answered: dict[str, tuple[float, bytes]] = {}
        """Answers of the last minutes: a question that comes again, by whoever heard it, costs no look and learns nothing."""

    async def answer(self, body: bytes) -> bytes | Answer:
        """The signed note of what was seen, or why nothing was looked at."""
        asked = self._read(body)
        if isinstance(asked, Answer):
            return asked
        if asked.text() in self._answered:
            return self._answered[asked.text()][1]
        if self._on_their_way >= AT_ONCE or not self._may_ask(asked.roll):
            return Answer(429, "too many looks are asked for: ask again in a minute\n", wait=60)
        self._on_their_way += 1
        try:
            seen = await self._seen(asked)
        finally:
            self._on_their_way -= 1
        if seen is None:
            return Answer(503, "the site could not be looked at in time\n", wait=60)
        sighting = Sighting(self._signer.name, int(self._clock()), seen.answers, seen.control)
        note = sign_note(seen_text(asked.roll, asked.domains, asked.wanted, sighting), [self._signer])
        self._answered[asked.text()] = (self._clock(), note)
        return note

    def _read(self, body: bytes) -> Asked | Answer:
        """What is asked, by a roll that may."""
        try:
            if len(body) > MOST_REQUEST:
                return Answer(413, "the request is too long\n")
            asked = read_asked(split_note(body)[0])
            if asked is None:
                return Answer(400, "this is no question about a site\n")
            if asked.roll not in self._logs:
                return Answer(403, "this place does not look for that roll\n")
            open_note(body, self._logs[asked.roll])
        except KeyMissing:
            return Answer(403, "no key of that roll signed the question\n")
        except TlogError as error:
            return Answer(400, f"{error}\n")
        now = self._clock()
        if abs(now - asked.at) > APART:
            return Answer(422, "the question is of another time: set the clock right\n")
        self._answered = {text: kept for text, kept in self._answered.items() if now - kept[0] <= 2 * APART}
        return asked

    def _may_ask(self, roll: str) -> bool:
        """Whether a roll has looks left in this minute; takes one."""
        times, now = self._asked.setdefault(roll, deque()), self._clock()
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= A_MINUTE:
            return False
        times.append(now)
        return True

    async def _seen(self, asked: Asked) -> Seen | None:
        at = datetime.fromtimestamp(self._clock(), UTC)
        looks = self._eye([Question(0, asked.domains, asked.wanted)], at, SECONDS)
        return next(iter([seen async for _, seen in looks]), None)
