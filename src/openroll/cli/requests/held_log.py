"""A log that somebody has, at its roll, at a mirror or as a folder: read whole, and what was given held against it.

The whole of it is read, so that nobody learns from what is fetched which request or whose notice is meant.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from openroll.cli.output import err, fail, one_line
from openroll.cli.requests.at_roll import Believed, log_by
from openroll.disclosure.envelope import KeyUnfit, published_of
from openroll.register.event import Event
from openroll.register.request.content import notice_context
from openroll.register.request.events import (
    KeyEnded,
    KeyPublished,
    PersonTold,
    RequestEvent,
    RequestFiled,
    RequestOpened,
)
from openroll.register.request.signed_decisions import TimedKey
from openroll.register.request.whose import is_its_own_key
from openroll.tlog import KEY_HISTORY, Checkpoint, Entry
from openroll.watch.audit.tellings import telling_of
from openroll.watch.facts import read_entry
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.requests.decisions import KeysInLog
from openroll.watch.requests.proved import Matter, OwnKey
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


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class BelievedWhole(Believed):
    """Which log is believed, and where it is to be read whole, before anything is sent."""

    log: Where = ""


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


class BesideLog(FactsInLog):
    """What the log has of one request, and of the keys in each organisation's own name.

    A key is kept here whether its seat is anybody's or not: programs of others that see no seats seal to it, and the organisation
    itself is to hear of it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._keys: dict[str, dict[str, OwnKey]] = {}
        self._signing = KeysInLog()

    def take(self, position: int, entry: Entry) -> Event | None:
        """Keep the next entry."""
        if entry.kind in (KeyPublished.name, KeyEnded.name):
            self._take_key(read_entry(entry.kind, entry.act).fact, entry.day)
        known = super().take(position, entry)
        self._signing.take(position, known)
        return known

    def _take_key(self, fact: Event | None, day: str) -> None:
        if isinstance(fact, KeyPublished) and is_its_own_key(fact):
            with suppress(KeyUnfit):  # what is no key reads nothing
                key = OwnKey(published_of(fact.public), False, fact.by, day)
                self._keys.setdefault(fact.organisation, {})[key.published.id] = key
        if isinstance(fact, KeyEnded) and is_its_own_key(fact):
            self._keys.get(fact.organisation, {}).pop(fact.key, None)

    def in_force(self, organisation: str) -> list[OwnKey]:
        """The keys that an organisation published and did not end."""
        return list(self._keys.get(organisation, {}).values())

    def signing(self, organisation: str) -> list[TimedKey]:
        """The keys by which an organisation signs its decisions: of those that somebody published who may, and who sits there."""
        return self._signing.of(organisation)


def beside_log(where: str, believed: Believed, matter: Matter | None = None) -> BesideLog | None:
    """What a log has, read whole before something is sent; None where none is given.

    The end, where it has anything of the request that the roll did not give: that it was annulled or sent anew, or taken back;
    and where the roll gave an act of a seat that nobody sits in, or that left.
    Raises TlogError, Unreachable.
    """
    if not where:
        return None
    beside = BesideLog(0 if matter is None else matter.request.number)
    read_whole(where, believed, beside.take)
    if beside.left_out.count:
        err.print(one_line(str(beside.left_out)), soft_wrap=True)
    if matter is not None and (absent := [one for part in beside.hidden(matter.facts) for one in part]):
        named = ", ".join(map(fact_said, absent))
        fail(
            f"the log has of request {matter.request.number} what the roll did not give: {named}. It came a moment ago, or was"
            " left out. Nothing was sent. Take the request again.",
            1,
        )
    if matter is not None and (nobodys := beside.unbelieved(matter.facts)):
        named = "; ".join(f"{fact_said(fact)} ({one_line(why)})" for fact, why in nobodys)
        fail(
            f"the roll gave of request {matter.request.number} what by the rest of the log nobody did who may: {named}. Nothing"
            " was sent. Tell its body, the supervisor and whoever watches the log.",
            1,
        )
    return beside


def fact_said(fact: RequestEvent) -> str:
    """A fact on a request in words."""
    return f"{fact.name} of {fact.at:%Y-%m-%d %H:%M} UTC by {one_line(fact.by) or 'the person'}"


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
