"""What a serving process offers its faces. It writes through one group-commit thread and remembers public figures."""

import asyncio
import functools
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Concatenate, ParamSpec, TypeVar

import msgspec
import psycopg

from openroll.places.model import Choice, District
from openroll.places.subscriber_kinds import every_kind, subscriber_kinds
from openroll.register.decision import Refused
from openroll.register.file_refusals import FilesInHand
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import TooManyAtOnce
from openroll.register.request.account import Counted
from openroll.register.sign_in_refusals import SignInNeeded
from openroll.register.site.decay import Counted as SitesCounted
from openroll.rules.language import ENGLISH, in_language
from openroll.service import queries
from openroll.service.cache import Cache
from openroll.service.executors import Executor, Executors, Place
from openroll.service.filing import correction, unconfirmed, uploads
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.intake import Intake
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.governance.duties_board import Board, board
from openroll.service.governance.figures import Table
from openroll.service.governance.figures import table as figure_table
from openroll.service.governance.open_roll import good_tokens
from openroll.service.identity import throttle
from openroll.service.identity.oidc.begin_limits import Starts
from openroll.service.identity.sessions import acting_session, answered
from openroll.service.identity.token_seats import program_of
from openroll.service.identity.wrong_tokens import WrongTokens
from openroll.service.kinds import kinds_of
from openroll.service.listening import Listening
from openroll.service.log import receipts
from openroll.service.log.sequencing import Sequencing
from openroll.service.log.signing_hold import current_hold
from openroll.service.made_once import MadeOnce
from openroll.service.mail.message import Letter, Params, Write
from openroll.service.mail.smtp import Transport
from openroll.service.requests import accounts, notices, proofs, shown, told_months
from openroll.service.requests.proofs import FactSeen
from openroll.service.requests.shown import Shown
from openroll.service.requests.told_months import Month, MonthLists, PackedMonth
from openroll.service.roll import Roll, RuleVersion
from openroll.service.simulation import Simulation, SimulationProcess
from openroll.service.sites import looking
from openroll.service.sites.decay import decay
from openroll.service.work import Ran
from openroll.service.worker import Worker
from openroll.store.connect import NotBelieved
from openroll.store.events import EventRow
from openroll.store.rights import SessionOver, carried, now_stands
from openroll.store.uploads import UploadRow
from openroll.tlog import KeyHistory
from openroll.traffic import networks

if TYPE_CHECKING:
    from openroll.service.filing import bulk

P = ParamSpec("P")
T = TypeVar("T")
FIGURES_KEPT, FIGURES_SHOWN = 10.0, 60.0
TOKENS_KEPT, TOKENS_AGAIN = 2.0, 0.2
PROOFS_EACH = 4
"""Requests whose proofs one source has made, or waits for, at one moment."""
PROOFS_KEPT = 16
"""Requests whose proofs are kept: a page of public text each."""
LISTS_KEPT = 1_000
"""Pages of the list of all requests that are kept, each of 200 and packed to 25 kB or so."""
MONTHS_KEPT = 60
"""Lists of what was told in a month that are kept, packed to 100 bytes or so a request."""
SITES_KEPT, SITES_SHOWN = 600.0, 86_400.0
BOARD_KEPT, BOARD_SHOWN = 30.0, 300.0
"""Seconds for which a count of the whole roll is remembered, and may be shown while it is counted anew."""


def no_words(template: str, lang: str, params: Params) -> Letter:
    """Where nobody handed in words there is no mail to write."""
    raise LookupError(f"no words for the mail {template} ({lang}, {sorted(params)})")


def _is_hashable(question: object) -> bool:
    try:
        hash(question)
    except TypeError:
        return False
    return True


def _answers(
    roll: Roll, questions: Sequence[tuple[Callable[..., object], *tuple[object, ...]]]
) -> dict[tuple[Callable[..., object], tuple[object, ...], tuple[object, ...]], object]:
    """What is answered to questions that only read, in one transaction, as `Application.ask` remembers it."""
    alone = len(questions) == 1
    with nullcontext() if alone else roll.database.reading_together():
        return {(work, tuple(args), ()): work(roll, *args) for work, *args in questions}


def in_hand(refused: Refused, executor: Executor) -> Refused:
    """What an operator is told whose own files hold its places; any other refusal as it is."""
    if isinstance(refused.refusal, TooManyAtOnce):
        return Refused(FilesInHand(wait=executor.retry_after))
    return refused


@dataclass(frozen=True)
class MailDelivery:
    """How mails are sent: over what, and in whose words. Without a transport they wait."""

    transport: Transport | None = None
    write: Write = no_words


class TokenTry(msgspec.Struct, frozen=True):
    """A token that is about to be looked up: the whole seconds to wait instead (0: none), and what is said of a good one."""

    wait: int
    was_good: Callable[[], None] = lambda: None

    @contextmanager
    def looked_up(self) -> Iterator[None]:
        """While it is looked up. Where that breaks off (a held roll, no database) nothing is said of a token, good or wrong.

        A sender who goes away meanwhile has tried it.
        """
        try:
            yield
        except Exception:
            self.was_good()
            raise


class Application:
    """One a process. `start` begins writing and sequencing, `close` finishes what waits.

    `simulator` is the command that starts the process of the city model; without one no what-if is answered. `looks` is how the
    roll looks at sites; without them it does not.
    """

    def __init__(
        self,
        roll: Roll,
        mail: MailDelivery = MailDelivery(),
        *,
        simulator: Sequence[str] = (),
        looks: looking.Looks | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.roll = roll
        self.delivers = mail.transport is not None
        """Whether there is a mail server to send to; without one mails wait."""
        self._monotonic = monotonic
        self.executors = Executors()
        self.made = MadeOnce()
        """What pages show to everybody alike and what takes a while to make."""
        self.proofs = MadeOnce(PROOFS_KEPT)
        """The facts of requests with their receipts, which take as long as a request is: beside everybody else's look-ups."""
        self._lists = MadeOnce(LISTS_KEPT)
        self._months = MonthLists(roll, MONTHS_KEPT)
        self.intake = Intake(roll.home)
        self.wrong_tokens = WrongTokens(monotonic)
        self._good_tokens = Cache(functools.partial(good_tokens, roll), TOKENS_KEPT, TOKENS_KEPT, monotonic)
        self.starts = Starts(monotonic)
        self._figures = Cache(functools.partial(queries.figures, roll), FIGURES_KEPT, FIGURES_SHOWN, monotonic)
        self._requests = Cache(accounts.Accounts(roll).figures, BOARD_KEPT, BOARD_SHOWN, monotonic)
        self._site_figures = Cache(functools.partial(decay, roll), SITES_KEPT, SITES_SHOWN, monotonic)
        self._given_out = Cache(functools.partial(notices.given_out, roll), BOARD_KEPT, BOARD_SHOWN, monotonic)
        self._group_commit = GroupCommit(roll)
        self._sequencing = Sequencing(roll)
        self.simulation = Simulation(SimulationProcess(simulator), languages=roll.languages, monotonic=monotonic)
        self._table = Cache(functools.partial(figure_table, roll), FIGURES_KEPT, FIGURES_SHOWN, monotonic)
        self._boards: dict[str | None, Cache[Board]] = {}
        roll.database.keep_connections()
        kinds = kinds_of(roll, mail.transport, mail.write, looks=looks, stopping=lambda: self._worker.stopping)
        self._worker = Worker(roll, kinds, self._was_done)
        self._worker.start()
        bells = {"work": self._worker.wake, "log": self._sequencing.go_on, "rules": self._worker.wake}
        self._listening = Listening(roll, bells)

    def close(self) -> None:
        """Finish what waits, then stop."""
        self.simulation.close()
        self._listening.close()
        self._worker.close()
        self._group_commit.close()
        self._sequencing.close()
        self.executors.close()
        self.made.close()
        self.proofs.close()
        self._lists.close()
        self._months.close()
        self.roll.database.drop_connections()

    def _was_done(self, ran: Ran) -> None:
        if ran.row.kind in (uploads.UPLOAD, "lapse", looking.WORK):
            self._sequencing.wake()

    @property
    def trouble(self) -> str:
        """Why the log stands still, or nothing: shown on the home page, because nobody should have to guess."""
        return self._sequencing.trouble

    @property
    def held(self) -> bool:
        """Whether the roll is held: it takes nothing until `openroll log resume`."""
        return current_hold(self.roll.home) is not None

    @property
    def held_because(self) -> str:
        """What the roll's keeper said when holding it by command; nothing where it holds itself, or is not held."""
        why = current_hold(self.roll.home)
        return why.why if why is not None and why.by == "keeper" else ""

    @property
    def witness_failures(self) -> dict[str, int]:
        """How often each witness server, by its names in the policy, has failed since this process began."""
        return self._sequencing.failures

    async def submit(self, submission: Submission) -> Outcome:
        """Take one filing; durable when this returns."""
        session = b"" if submission.token else acting_session()
        outcome = await self._group_commit.submit_from_loop(
            msgspec.structs.replace(submission, session=session) if session else submission
        )
        if session and isinstance(outcome, Refused) and isinstance(outcome.refusal, SignInNeeded):
            raise SessionOver
        if isinstance(outcome, Taken):
            self._sequencing.wake()
            now_stands()
        return outcome

    async def say(
        self, operator: str, words: Sequence[unconfirmed.Word], source: str, token: bytes = b""
    ) -> list[Outcome]:
        """Take an operator's words on filings made alone; an outcome each. References that are none of its own count.

        `token` is the hash of the one that a program says them by.
        """
        outcomes: list[Outcome] = []
        place: throttle.Goes | Refused | None = None
        for word in words:
            made = unconfirmed.submission_of(self.roll, operator, word, token)
            if isinstance(made, Refused):
                outcomes.append(made)
                continue
            place = place or await self.ask(unconfirmed.place_for_a_word, operator, source)
            if isinstance(place, Refused):
                outcomes.append(place)
                continue
            outcomes.append(await self.submit(made))
            if unconfirmed.missed(outcomes[-1]):
                place = None
        if isinstance(place, throttle.Goes):
            await self.ask(throttle.give_back, place)
        return outcomes

    async def ask(self, work: Callable[Concatenate[Roll, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one use case of the service, beside the loop, by the right that the request acts by. Raises RightOver.

        A page that only reads and whose parts ask the same is answered once, and all its parts show the same.
        """
        known, question = answered(), (work, args, tuple(kwargs.items()))
        if known is None or not _is_hashable(question):
            return await self._beside(functools.partial(work, self.roll, *args, **kwargs))
        if question not in known:
            known[question] = await self._beside(functools.partial(work, self.roll, *args, **kwargs))
        answer: T = known[question]
        return answer

    async def ask_together(self, *questions: tuple[Callable[..., object], *tuple[object, ...]]) -> None:
        """Have what a page will `ask` (use cases with their arguments) answered in one transaction; each `ask` finds its answer.

        For a page that only reads and knows beforehand what it asks; who may write is answered one by one, as it stands.
        """
        known = answered()
        if known is not None:
            known |= await self._beside(functools.partial(_answers, self.roll, questions))

    async def weigh(
        self, by: Seat, work: Callable[Concatenate[Roll, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | Refused:
        """Do what grows with a rule that a seat brings: as `ask`, in a thread for that, one at a time a seat."""
        weighed = carried(functools.partial(work, self.roll, *args, **kwargs))
        return await self.executors.rules.run(f"{by.organisation}/{by.number}", weighed)

    async def try_token(self, hashed: bytes, source: Sequence[str]) -> "TokenTry":
        """Take a place for trying a token, which a good one gives back; or how long a program waits for its source's wrong ones.

        A good one never waits. However many are tried, all good ones are asked for once in a while: a wrong one costs no
        look-up of its own. Where they cannot be asked for, nobody waits: the look-up says why.
        """
        wait = self.wrong_tokens.take(source)
        if not wait:
            return TokenTry(0, functools.partial(self.wrong_tokens.give_back, source))
        try:
            return TokenTry(0 if await self.token_lets_in(hashed) else wait)
        except (psycopg.Error, NotBelieved):
            return TokenTry(0)

    async def token_lets_in(self, hashed: bytes) -> bool:
        """Whether a token lets in, as known at most two seconds ago; one that was not known then is asked for anew."""
        return hashed in await self._good_tokens.get() or hashed in await self._good_tokens.get_newer(TOKENS_AGAIN)

    async def hear(self, hashed: bytes, source: Sequence[str]) -> None:
        """Keep that a token (by its hash) was used, as a sign of life of its operator, where nothing else depends on it.

        One that lets in no more may still be a sign, so wrong ones are looked up too, as many as their source may try. A
        database that cannot take it now changes nothing of what is answered.
        """
        with suppress(psycopg.Error, NotBelieved):
            tried = await self.try_token(hashed, source)
            with tried.looked_up():
                if not tried.wait and await self.ask(program_of, hashed) is not None:
                    tried.was_good()

    async def _beside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.executors.pages, carried(work))

    async def draw(self, work: Callable[[], T]) -> T:
        """Do what the page of the city model still needs, in threads of its own."""
        return await asyncio.get_running_loop().run_in_executor(self.executors.simulation, work)

    async def print(self, owner: str, work: Callable[[Roll], bytes]) -> bytes | Refused:
        """Typeset something for an owner (a record, an operator), in threads of its own; bounded by owner."""
        return await self.executors.paper.run(owner, functools.partial(work, self.roll))

    async def board(self, operator: str | None = None) -> Board:
        """The duties board, at most half a minute old, of the whole roll or of one operator."""
        if operator not in self._boards:
            count = functools.partial(board, self.roll, operator)
            self._boards[operator] = Cache(count, BOARD_KEPT, BOARD_SHOWN, self._monotonic)
        return await self._boards[operator].get()

    def wake(self) -> None:
        """Something was written beside the queue of filings: the log goes on soon, and what is due is done."""
        self._sequencing.wake()
        self._worker.wake()

    async def upload(self, by: Seat, sent: BinaryIO, purpose: str) -> UploadRow | Refused:
        """Enter a file that was sent by a page, in threads for that; it is taken behind it."""
        work = functools.partial(uploads.send, self.roll, by, sent, purpose)
        return await self._entered(self.executors.uploads, by.organisation, work)

    async def mend(
        self, by: Seat, row: UploadRow, fixes: Mapping[tuple[int, str], str], drop: Collection[int]
    ) -> UploadRow | Refused:
        """Put a refused file right and enter it anew, in threads for files: one at a time of an operator."""
        work = functools.partial(correction.mend_and_send, self.roll, by, row, fixes, drop)
        return await self._entered(self.executors.files, by.organisation, work)

    async def _entered(
        self, executor: Executor, operator: str, work: Callable[[], UploadRow | Refused]
    ) -> UploadRow | Refused:
        row = await executor.run(operator, carried(work))
        if isinstance(row, Refused):
            return in_hand(row, executor)
        self._worker.wake()
        return row

    @contextmanager
    def file_place(self, operator: str) -> Iterator[Place | Refused]:
        """The place of an operator's file that a program sends, before a byte of it is read: one of an operator at a time."""
        with self.executors.files.place(operator) as place:
            yield in_hand(place, self.executors.files) if isinstance(place, Refused) else place

    async def take_file(
        self, place: Place, operator: str, sent: BinaryIO, *, token: bytes, dry_run: bool, encoding: str = ""
    ) -> "bulk.FileTaken | bulk.FileRefused | Refused":
        """Take an operator's file that a program sent under a token (its hash) and that has its place, in threads for files."""
        from openroll.service.filing import bulk  # noqa: PLC0415 - what reads files comes with the first file

        may = functools.partial(bulk.token_may_file, self.roll, operator, token)
        work = functools.partial(bulk.take_file, self.roll, operator, sent, dry_run=dry_run, encoding=encoding, may=may)
        result = await place.run(carried(work))
        self._sequencing.wake()
        return result

    @property
    def uploads_trouble(self) -> str:
        """Why files that wait are not taken, or nothing."""
        return self._worker.trouble

    async def figures(self) -> queries.Figures:
        """The public figures: the log's own at most ten seconds old, what is living as counted today."""
        return await self._figures.get()

    async def given_out(self) -> notices.GivenOut:
        """In how many heaps notices are given out, and in which months they were told, as it was at most five minutes ago."""
        return await self._given_out.get()

    async def facts_of_request(self, number: int, source: str) -> list[FactSeen] | Refused:
        """The facts of a request, each with its proof: made once for everybody who asks, in a thread of their own.

        One source has few made at once, so that whoever reads them all keeps no body of a request from its own.
        """
        found = await self.ask(proofs.request_version, number)
        if found is None:
            return []
        make = functools.partial(proofs.request_facts, self.roll, number)
        return await self.proofs.get_for(networks(source)[0], PROOFS_EACH, (number, *found), make)

    async def requests_of_all(self, before: int | None, written: Callable[[list[Shown]], bytes]) -> bytes:
        """A page of the list of all requests, as it is `written`: each person fetches all of them, so a page is made once for
        everybody until anything in it changes."""

        def packed() -> bytes:
            return zlib.compress(written(shown.public(self.roll, before=before)), 1)

        version = await self.ask(shown.public_version, before)
        page = await (self._lists.draw(packed) if version is None else self._lists.get((before, version), packed))
        return zlib.decompress(page)

    async def told_in(self, month: Month) -> PackedMonth:
        """What was told in a month, made once for everybody until anything in it changes: each person fetches all of it."""
        return await self._months.get(month, await self.ask(told_months.version, month))

    async def requests(self) -> Counted:
        """What became of requests, at most half a minute old."""
        return await self._requests.get()

    async def site_figures(self) -> SitesCounted:
        """How many sites there are and went, as counted ten minutes ago at most."""
        return await self._site_figures.get()

    async def table(self) -> Table:
        """The public figures as one table."""
        await self.figures()  # so that operators have their names
        return await self._table.get()

    async def official_acts(self, before: int = queries.NEWEST) -> tuple[list[EventRow], int | None]:
        """A page of official acts, whole; and before what the next page is, if there is one."""
        return await self.ask(queries.page_of_acts, before)

    def operator_title(self, name: str, lang: str) -> str:
        """An operator's name in a language, as the figures last knew it; its short name before."""
        counted = self._figures.last
        known = counted.operators if counted else ()
        return next((in_language(one.title, lang) for one in known if one.name == name), name)

    async def by_handle(self, operator: str, handle: str) -> queries.Record | Refused:
        """An operator's own record."""
        return await self.ask(queries.by_handle, operator, handle)

    async def receipt(self, number: int, version: int) -> bytes | Refused:
        """The receipt of one fact."""
        return await self.ask(receipts.receipt, number, version)

    def log_head(self) -> queries.LogHead | None:
        """The log as last published."""
        return queries.log_head(self.roll)

    def log_keys(self) -> KeyHistory:
        """The log's keys as they fit the newest published checkpoint, whichever process changed them."""
        self.log_head()
        return self.roll.keys.succession

    def district(self, code: str) -> District:
        """A district of the roll, of today's jurisdiction or an earlier one; one that none of them has is shown by its code."""
        found = (one.place.by_code.get(code) for one in self._versions())
        return next((one for one in found if one is not None), District(code, {ENGLISH: code}))

    def kinds(self) -> tuple[Choice, ...]:
        """The kinds of subscriber that file under the rule of today, as they are called there."""
        return subscriber_kinds(self.roll.rule, self.roll.place)

    def kind(self, code: str, lang: str) -> str:
        """A kind as the jurisdiction names it, or else the rule that declares it."""
        return _title(code, (every_kind(one.rule, one.place) for one in self._versions()), lang)

    def access(self, code: str, lang: str) -> str:
        """A way to connect as it is named there."""
        return _title(code, (one.place.jurisdiction.accesses for one in self._versions()), lang)

    def _versions(self) -> tuple[RuleVersion, ...]:
        """Today's rule version, then the others, the newest first."""
        today = self.roll.version
        return (today, *reversed([one for one in self.roll.versions if one is not today]))


def _title(code: str, lists: Iterable[Sequence[Choice]], lang: str) -> str:
    """The title of a choice in the first list that has it: today's, or one before it; the code itself where none has it."""
    return next((in_language(one.title, lang) for listed in lists for one in listed if one.id == code), code)
