"""One wall around what others wrote to judge what strangers send: it says yes or no, and raises nothing else.

A library names the exceptions by which it says no. Whatever else comes out of it (a missing table entry, an index, a panic of
compiled code) is its own fault and means no all the same: counted, logged without the value, and never a traceback or a 500.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

surprises: Counter[str] = Counter()
"""How often a library raised what it had not named, by library and kind of exception, since the process began."""

_log = logging.getLogger(__name__)


class NotValid(ValueError):
    """A library says that what was sent is none of what it should be. What was sent is not repeated."""


@contextmanager
def third_party(name: str, *declared: type[Exception]) -> Iterator[None]:
    """Run what stands within; every exception becomes NotValid, those not `declared` are counted and logged as `name`'s.

    Only what the machine itself says (MemoryError, an interrupt, an exit) goes through. Our own code does not belong within.
    """
    try:
        yield
    except declared:
        raise NotValid(name) from None
    except MemoryError:
        raise
    except Exception as error:
        _surprised(name, error)
        raise NotValid(name) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of code compiled from Rust, which is no Exception to Python
            raise
        _surprised(name, error)
        raise NotValid(name) from None


def _surprised(name: str, error: BaseException) -> None:
    what = f"{name}: {type(error).__name__}"
    surprises[what] += 1
    count = surprises[what]
    if count & (count - 1) == 0:  # 1, 2, 4, 8 …: whoever sends such things on purpose fills no disk
        _log.warning("a library raised what it does not name: %s, %d times", what, count)
