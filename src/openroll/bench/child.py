"""Work in a process of its own, so that its memory is its own and no figure carries what the one before it left behind."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
Tell = Callable[[int], None]
"""Says how much of the work is done."""


def in_child(work: Callable[[Tell], T], told: Tell) -> T:
    """What `work` gives in a fresh process; `told` hears what it tells meanwhile. Raises what it raises.

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
    """The child's end of the queue: a queue can be handed to a process as it starts, and not with its work."""

    tell: Tell = partial(print, end="\r")

    @classmethod
    def open(cls, queue: "SimpleQueue[int | None]") -> None:
        cls.tell = queue.put

    @classmethod
    def work(cls, work: Callable[[Tell], T]) -> T:
        return work(cls.tell)
