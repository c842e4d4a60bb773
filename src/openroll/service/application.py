"""What a serving process offers its faces. It writes through one grouping thread and remembers public figures."""

import asyncio
import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Concatenate, ParamSpec, TypeVar

from openroll.register.decision import Refused
from openroll.register.districts import District
from openroll.register.file_refusals import FilesInHand
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import TooManyAtOnce
from openroll.rules.language import ENGLISH, in_language
from openroll.service import queries
from openroll.service.cache import Cache
from openroll.service.executors import Executors, Place
from openroll.service.expiry import Sweeping
from openroll.service.filing import bulk, unconfirmed, uploads
from openroll.service.filing.group_commit import Grouping
from openroll.service.filing.intake import Intake
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.filing.upload_queue import Uploading
from openroll.service.governance.duties_board import Board, board
from openroll.service.governance.figures import Row, count_day
from openroll.service.governance.figures import rows as figure_rows
from openroll.service.governance.open_roll import good_tokens
from openroll.service.identity.oidc.begin_limits import Starts
from openroll.service.identity.wrong_tokens import WrongTokens
from openroll.service.log import receipts
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import held
from openroll.service.mail.message import Letter, Params, Write
from openroll.service.mail.outbox import Delivering
from openroll.service.mail.smtp import Transport
from openroll.service.periodic import Regular
from openroll.service.roll import Roll
from openroll.service.simulation import Measuring
from openroll.store.events import EventRow
from openroll.store.uploads import UploadRow
from openroll.tlog import KeyHistory

P = ParamSpec("P")
T = TypeVar("T")
FIGURES_KEPT, FIGURES_SHOWN = 10.0, 60.0
TOKENS_KEPT = 2.0
BOARD_KEPT, BOARD_SHOWN = 30.0, 300.0
"""Seconds for which a count of the whole roll is remembered, and may be shown while it is counted anew."""


def no_words(template: str, lang: str, params: Params) -> Letter:
    """Where nobody handed in words there is no mail to write."""
    raise LookupError(f"no words for the mail {template} ({lang}, {sorted(params)})")


@dataclass(frozen=True)
class Post:
    """How mails are sent: over what, and in whose words. Without a transport they wait."""

    transport: Transport | None = None
    write: Write = no_words


class Application:
    """One a process. `start` begins writing and sequencing, `close` finishes what waits."""

    def __init__(self, roll: Roll, post: Post = Post(), *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.roll = roll
        self._delivering = Delivering(roll, post.transport, post.write)
        self._monotonic = monotonic
        self.executors = Executors()
        self.intake = Intake(roll.home)
        self.wrong_tokens = WrongTokens(monotonic)
        self._good_tokens = Cache(functools.partial(good_tokens, roll), TOKENS_KEPT, TOKENS_KEPT, monotonic)
        self.starts = Starts(monotonic)
        self._figures = Cache(functools.partial(queries.figures, roll), FIGURES_KEPT, FIGURES_SHOWN, monotonic)
        self._grouping = Grouping(roll)
        self._sequencing = Sequencing(roll)
        self.measuring = Measuring(monotonic)
        self._table = Cache(functools.partial(figure_rows, roll), FIGURES_KEPT, FIGURES_SHOWN, monotonic)
        self._boards: dict[str | None, Cache[Board]] = {}
        self._regular = Regular(functools.partial(unconfirmed.lapse_due, roll), self.wake)
        self._uploading = Uploading(roll, uploads.WORKS, done=lambda _: self.wake())
        roll.database.keep_connections()
        self._sweeping = Sweeping(roll)

    def close(self) -> None:
        """Finish what waits, then stop."""
        self.measuring.close()
        self._sweeping.close()
        self._uploading.close()
        self._regular.close()
        self._delivering.close()
        self._grouping.close()
        self._sequencing.close()
        self.executors.close()
        self.roll.database.drop_connections()

    @property
    def trouble(self) -> str:
        """Why the log stands still, or nothing: shown on the home page, because nobody should have to guess."""
        return self._sequencing.trouble

    @property
    def held(self) -> bool:
        """Whether the roll is held: it takes nothing until `openroll log resume`."""
        return held(self.roll.home) is not None

    @property
    def held_because(self) -> str:
        """What the roll's keeper said when holding it by command; nothing where it holds itself, or is not held."""
        why = held(self.roll.home)
        return why.why if why is not None and why.by == "keeper" else ""

    @property
    def witness_failures(self) -> dict[str, int]:
        """How often each witness server, by its names in the policy, has failed since this process began."""
        return self._sequencing.failures

    async def submit(self, submission: Submission) -> Outcome:
        """Take one filing; durable when this returns."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def answer(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(_settle, future, outcome)

        self._grouping.submit(submission, answer)
        outcome = await future
        if isinstance(outcome, Taken):
            self._sequencing.wake()
        return outcome

    async def ask(self, work: Callable[Concatenate[Roll, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one use case of the service, beside the loop."""
        return await self._beside(functools.partial(work, self.roll, *args, **kwargs))

    async def token_wait(self, hashed: bytes, source: Sequence[str]) -> int:
        """Whole seconds that a program waits for wrong tokens of its source; 0 where its own is good.

        However many are tried, all good ones are asked for once in a while: a wrong one costs no look-up of its own.
        """
        wait = self.wrong_tokens.wait(source)
        return 0 if wait and hashed in await self._good_tokens.get() else wait

    async def _beside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.executors.pages, work)

    async def draw(self, work: Callable[[], T]) -> T:
        """Do what an answer of the city model still needs, in threads of its own."""
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

    @property
    def delivers(self) -> bool:
        """Whether there is a mail server to send to; without one mails wait."""
        return self._delivering.delivers

    def wake(self) -> None:
        """Something was written beside the queue of filings: the log goes on soon, and mails leave."""
        self._sequencing.wake()
        self._delivering.wake()

    async def upload(self, by: Seat, sent: BinaryIO, purpose: str) -> UploadRow | Refused:
        """Enter a file that was sent by a page; it is taken behind it."""
        row = await self.ask(uploads.send, by, sent, purpose)
        self._uploading.wake()
        return row

    @contextmanager
    def file_place(self, operator: str) -> Iterator[Place | Refused]:
        """The place of an operator's file that a program sends, before a byte of it is read: one of an operator at a time."""
        with self.executors.files.place(operator) as place:
            many = isinstance(place, Refused) and isinstance(place.refusal, TooManyAtOnce)
            yield Refused(FilesInHand(wait=self.executors.files.retry_after)) if many else place

    async def take_file(
        self, place: Place, operator: str, sent: BinaryIO, *, dry_run: bool, encoding: str = ""
    ) -> bulk.FileTaken | bulk.FileRefused | Refused:
        """Take an operator's file that a program sent and that has its place, in threads for files."""
        work = functools.partial(bulk.take_file, self.roll, operator, sent, dry_run=dry_run, encoding=encoding)
        result = await place.run(work)
        self._sequencing.wake()
        return result

    @property
    def uploads_trouble(self) -> str:
        """Why files that wait are not taken, or nothing."""
        return self._uploading.trouble

    async def figures(self) -> queries.Figures:
        """The public figures: the log's own at most ten seconds old, what is living as counted today."""
        return await self._figures.get()

    async def table(self) -> list[Row]:
        """The public figures as one table."""
        await self.figures()  # so that operators have their names
        return await self._table.get()

    async def official_acts(self) -> list[EventRow]:
        """The newest official acts, whole."""
        return await self.ask(queries.official_acts)

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
        """A district of the roll; one the list does not hold is shown by its code."""
        return self.roll.districts.get(code) or District(code, {ENGLISH: code})


def _settle(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.cancelled():
        future.set_result(outcome)


class Sequencing:
    """Rounds of the sequencer in a thread of their own: soon after a filing, and now and then in any case."""

    SOON = 0.2
    ANYWAY = 2.0

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._wake = threading.Event()
        self._stop = threading.Event()
        self.trouble = ""
        self._counted: date | None = None
        self._sequencer = Sequencer(roll)
        self._thread = threading.Thread(target=self._work, name="sequencing", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to place."""
        self._wake.set()

    def close(self) -> None:
        """One last round, then stop."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    @property
    def failures(self) -> dict[str, int]:
        """How often each witness server has failed since this process began."""
        return self._sequencer.cosigning.failures

    def _work(self) -> None:
        sequencer = self._sequencer
        while not self._stop.is_set():
            self._round(sequencer)
            self._wake.wait(self.ANYWAY)
            self._wake.clear()
            # Filings that come together get their places together: one signature for all of them.
            self._stop.wait(self.SOON)
        self._round(sequencer)
        sequencer.close()

    def _count_day(self) -> None:
        """Once on each civil day: the figures of what is living."""
        if self._counted != self._roll.day(self._roll.clock()):
            self._counted = count_day(self._roll).day

    def _round(self, sequencer: Sequencer) -> None:
        try:
            sequencer.run_until_empty(patience=0)
            self._count_day()
            self.trouble = ""
        except Forked as error:
            self.trouble = str(error)
        except Exception as error:
            sequencer.close()
            self.trouble = f"{type(error).__name__}: {error}"
