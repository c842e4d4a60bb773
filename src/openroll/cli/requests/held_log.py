"""A log that somebody has, at its roll, at a mirror or as a folder: read whole, and what was given held against it.

The whole of it is read, so that nobody learns from what is fetched which request or whose notice is meant.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import cached_property
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from openroll.cli.output import fail
from openroll.cli.requests.at_roll import Believed, log_by
from openroll.register.event import Event
from openroll.register.request.content import notice_context
from openroll.register.request.events import PersonTold, RequestEvent, RequestFiled, RequestOpened
from openroll.tlog import KEY_HISTORY, Checkpoint, Entry
from openroll.watch.audit.tellings import telling_of
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.requests.whole_log import entries_under, signed_head
from openroll.watch.source import HttpSource, open_log

Where = Annotated[
    str,
    Parameter(
        name="--log",
        help="The log, to hold all of this against every entry of it: the address of the roll or of a mirror, or a mirror's"
        " folder.",
    ),
]


def read_whole(where: str, believed: Believed, take: Callable[[int, Entry], object]) -> Checkpoint:
    """Give each entry to `take`, by its place, and the head that all of them are proved to stand under.

    A sentence and the end where there is no log. Raises TlogError, Unreachable: then nothing that was taken is to be believed.
    """
    source = open_log(where)
    if source is None:
        fail(f"--log {where}: there is no log, neither an address of one nor a folder that a mirror keeps.")
    with closing(source) if isinstance(source, HttpSource) else nullcontext():
        log = log_by(believed, source.get(KEY_HISTORY) or b"")
        head = signed_head(source, log.keys, log.policy).checkpoint
        for index, entry in entries_under(source, head):
            take(index, entry)
    return head


class FactsInLog(BelievedLog):
    """What the log has of one request, to be held against what a roll gave of it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._unbelieved: list[tuple[RequestEvent, str]] = []

    def _leave_out(self, position: int, kind: str, fact: Event | None, said: str) -> None:
        super()._leave_out(position, kind, fact, said)
        if isinstance(fact, RequestEvent) and fact.request == self._number:
            self._unbelieved.append((fact, said))

    def unbelieved(self, given: tuple[RequestEvent, ...]) -> list[tuple[RequestEvent, str]]:
        """The facts that were given and that nobody did who may, as the log's other entries show: each with why."""
        own = Counter((fact.name, fact.body()) for fact in self.acts(self._number))
        found = []
        for fact in given:
            of = fact.name, fact.body()
            if own[of] > 0:
                own[of] -= 1
                continue
            found += [one for one in self._unbelieved if (one[0].name, one[0].body()) == of][:1]
        return found

    def hidden(self, given: tuple[RequestEvent, ...]) -> tuple[list[RequestEvent], list[RequestEvent]]:
        """The facts that were not given: those that stand before the last one that was, and those since.

        That somebody took envelopes says nothing of them, and who takes a request has its own taking in no answer.
        """
        left = Counter((fact.name, fact.body()) for fact in given)
        absent, last = list[tuple[int, RequestEvent]](), -1
        for place, fact in enumerate(self.acts(self._number)):
            if left[fact.name, fact.body()] > 0:
                left[fact.name, fact.body()] -= 1
                last = place
            elif not isinstance(fact, RequestOpened):
                absent.append((place, fact))
        return [fact for place, fact in absent if place < last], [fact for place, fact in absent if place > last]


class _Told(NamedTuple):
    bucket: int
    month: str
    notice: str


class ToldInLog(BelievedLog):
    """Who was told by which notice, as a log has it: by the notice's digest its context and month, with the request's number.

    Read it once the whole log was taken.
    """

    def __init__(self) -> None:
        super().__init__((RequestFiled, PersonTold))

    @cached_property
    def _every(self) -> list[tuple[int, _Told]]:
        """Each telling by the operator that was asked or its heir, in their order: nobody else's counts."""
        return [
            (number, _Told(one.bucket, one.month, one.notice))
            for _, acts in self.every_act()
            for fact in acts
            for number, one in telling_of(0, fact).items()
        ]

    @cached_property
    def _told(self) -> dict[int, _Told]:
        return dict(self._every)

    def tellings(self, origin: str) -> dict[str, dict[tuple[str, str], int]]:
        """As `compared.tellings_of`, of a log of this name and of those before it."""
        found: dict[str, dict[tuple[str, str], int]] = {}
        for number, one in self._every:
            told = found.setdefault(one.notice, {})
            told |= {(notice_context(name, number), one.month): number for name in (origin, *self.before)}
        return found

    def requests(self) -> frozenset[int]:
        """The requests of which anybody was told."""
        return frozenset(self._told)

    def not_in(self, digests: frozenset[str], is_own: Callable[[int, int, str], bool]) -> list[int]:
        """The requests whose person was last told by a notice that is none of these and may be somebody's own, by its request,
        bucket and month."""
        return sorted(
            request
            for request, one in self._told.items()
            if one.notice not in digests and is_own(request, one.bucket, one.month)
        )
