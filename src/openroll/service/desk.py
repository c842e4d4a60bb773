"""The desk: what a serving process offers its faces. It writes through one grouping thread and remembers public figures."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

from openroll.register.decision import Refused
from openroll.register.districts import District
from openroll.service import batch, reading, receipts
from openroll.service.grouping import Grouping
from openroll.service.ratchet import Forked
from openroll.service.roll import Roll
from openroll.service.sequencer import Sequencer
from openroll.service.submit import Outcome, Submission, Taken

FIGURES_KEPT = 10.0
"""Seconds for which the public figures are remembered: they count a whole roll."""


class Desk:
    """One a process. `start` begins writing and sequencing, `close` finishes what waits."""

    def __init__(self, roll: Roll, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.roll = roll
        self._monotonic = monotonic
        self._figures: tuple[float, reading.Figures] | None = None
        self._grouping = Grouping(roll)
        self._sequencing = Sequencing(roll)

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._grouping.close()
        self._sequencing.close()

    @property
    def trouble(self) -> str:
        """Why the log stands still, or nothing: shown on the home page, because nobody should have to guess."""
        return self._sequencing.trouble

    async def submit(self, submission: Submission) -> Outcome:
        """Take one filing; durable when this returns."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def answer(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(_settle, future, outcome)

        self._grouping.submit(submission, answer)
        outcome = await future
        if isinstance(outcome, Taken):
            self._sequencing.nudge()
        return outcome

    async def take_file(self, operator: str, path: Path, *, dry_run: bool) -> batch.FileTaken | batch.FileRefused:
        """Take an operator's file from disk."""
        result = await asyncio.to_thread(batch.take_file, self.roll, operator, path, dry_run=dry_run)
        self._sequencing.nudge()
        return result

    async def figures(self) -> reading.Figures:
        """The public figures, at most ten seconds old."""
        now = self._monotonic()
        if self._figures is None or now - self._figures[0] > FIGURES_KEPT:
            self._figures = (now, await asyncio.to_thread(reading.figures, self.roll))
        return self._figures[1]

    async def by_code(self, code: str) -> reading.Record | Refused:
        """The record a filing code opens."""
        return await asyncio.to_thread(reading.by_code, self.roll, code)

    async def by_handle(self, operator: str, handle: str) -> reading.Record | Refused:
        """An operator's own record."""
        return await asyncio.to_thread(reading.by_handle, self.roll, operator, handle)

    async def receipt(self, number: int, version: int) -> bytes | Refused:
        """The receipt of one fact."""
        return await asyncio.to_thread(receipts.receipt, self.roll, number, version)

    def log_head(self) -> reading.LogHead | None:
        """The log as last published."""
        return reading.log_head(self.roll)

    def district(self, code: str) -> District:
        """A district of the roll; one the list does not hold is shown by its code."""
        return self.roll.districts.get(code) or District(code, code, code)


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
        self._thread = threading.Thread(target=self._work, name="sequencing", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """There is something to place."""
        self._wake.set()

    def close(self) -> None:
        """One last round, then stop."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        sequencer = Sequencer(self._roll)
        while not self._stop.is_set():
            self._round(sequencer)
            self._wake.wait(self.ANYWAY)
            self._wake.clear()
            # Filings that come together get their places together: one signature for all of them.
            self._stop.wait(self.SOON)
        self._round(sequencer)
        sequencer.close()

    def _round(self, sequencer: Sequencer) -> None:
        try:
            sequencer.run_until_empty(patience=0)
            self.trouble = ""
        except Forked as error:
            self.trouble = str(error)
        except Exception as error:
            sequencer.close()
            self.trouble = f"{type(error).__name__}: {error}"
