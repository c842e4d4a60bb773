"""A background thread that runs rounds: soon after it is woken, every so often in any case, until it is closed."""

import threading
import time
from collections.abc import Callable


class Loop:
    """One thread, and the only kind that a serving process keeps for rounds. A round must not raise: it knows what to do then."""

    def __init__(
        self,
        name: str,
        do_round: Callable[[], None],
        *,
        every: float,
        gather: float = 0.0,
        rest: float = 0.0,
        last: Callable[[], None] = lambda: None,
    ) -> None:
        """`every` and `gather` are seconds: between two rounds when nobody wakes it, and between being woken and the round, so
        that what comes together is done together. After a round it rests at least `rest` times as long as the round took, but
        never longer than `every`. `last` is done in the thread when it is closed."""
        self._round, self._every, self._gather, self._rest, self._last = do_round, every, gather, rest, last
        self._bell, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin with a round at once."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._bell.set()

    @property
    def stopping(self) -> bool:
        """Whether `close` was called: a long round ends early then."""
        return self._stop.is_set()

    def close(self, patience: float | None = None) -> None:
        """Finish the round, then stop. Waits for that, at most `patience` seconds if given."""
        self._stop.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join(patience)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._bell.clear()
            begun = time.monotonic()
            self._round()
            took = time.monotonic() - begun
            self._bell.wait(self._every)
            self._stop.wait(max(self._gather, min(self._rest * took, self._every)))
        self._last()
