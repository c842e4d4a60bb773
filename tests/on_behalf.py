"""Acting by a right, as a request does."""

from collections.abc import Iterator
from contextlib import contextmanager

from openroll.store.rights import Right, act_by, right_of_act


@contextmanager
def on_behalf_of(right: Right) -> Iterator[None]:
    """Have every transaction within this ask for a right, as those of a request do."""
    before = right_of_act()
    act_by(right)
    try:
        yield
    finally:
        act_by(before)
