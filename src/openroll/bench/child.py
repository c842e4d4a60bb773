"""Run a benchmark in a fresh process, so that its memory is its own."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[int], None]
"""Says how much of the work is done."""


def in_child(work: Callable[[Progress], T], told: Progress) -> T:
    """Run `work` in a fresh process and give its result; `told` hears its progress. Raises what it raises.

    `work` is a function of a module, or a `functools.partial` of one.
    """
    context = get_context("spawn")  # a fork would begin with the memory of this process
    queue: SimpleQueue[int | None] = context.SimpleQueue()
    with ProcessPoolExecutor(1, mp_context=context, initializer=_Line.open, initargs=(queue,)) as pool:
        future = pool.submit(_Line.work, work)
        future.add_done_callback(lambda _: queue.put(None))
        while (done := queue.get()) is not None:
            told(done)
        return future.result()


class _Line:
    """The child's end of the progress queue, handed over as the process starts."""

    progress: Progress = partial(print, end="\r")

    @classmethod
    def open(cls, queue: "SimpleQueue[int | None]") -> None:
        cls.progress = queue.put

    @classmethod
    def work(cls, work: Callable[[Progress], T]) -> T:
        return work(cls.progress)
