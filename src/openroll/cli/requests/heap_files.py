"""A person's notices in heaps that they fetched themselves: read here, and held against a log where one is given."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openroll.cli.output import err, line, one_line
from openroll.cli.requests.at_roll import Believed, asked
from openroll.cli.requests.held_log import ToldInLog, read_whole
from openroll.disclosure.notice import OwnNotice, own_notices
from openroll.disclosure.notice_heap import Heap
from openroll.register.request.compared import own_buckets, place

UNCHECKED = (
    "Not checked, as no log was given (--log with --log-key): that each notice is of the request, the month and the roll that the"
    " heap says, that the log has it, and that none is left out of these heaps. What a notice says is its operator's word:"
    " `openroll notice list --roll ROLL` compares it with what stands in public."
)


class _Own(NamedTuple):
    """A notice that opens, and whether the log has it."""

    notice: OwnNotice
    in_log: bool


def read_heaps(heaps: Sequence[Heap], secret: bytes, where: str, believed: Believed | None) -> None:
    """Print what the secret opens in heaps, by their own word alone or as the log behind `where` has it.

    Ends with status 1 where the log has a notice otherwise, or has none of it, or names one of the person's bucket that none of
    these heaps has; with 2 where something is sealed to the person that cannot be read, or the log has tellings or filings that
    are not believed.
    """
    if believed is None:
        found = [_Own(one, in_log=True) for heap in heaps for one in _opened(heap, secret)]
        _print(found)
        err.print(UNCHECKED, soft_wrap=True)
        _end_unread(found)
        return
    told = ToldInLog()
    with asked():
        head = read_whole(where, believed, told.take)
    tellings, every, otherwise = told.tellings(head.origin), told.requests(), set[int]()
    found = []
    for heap in heaps:
        signers = [one.verifying for one in heap.senders]
        placed = place(heap.every, tellings, every)
        found += [_Own(one, in_log=True) for one in own_notices(placed.known, secret, signers)]
        by_heap = [(one.context, one.envelope) for one in placed.unknown]
        found += [_Own(one, in_log=False) for one in own_notices(by_heap, secret, signers)]
        otherwise |= placed.otherwise
    _print(found)
    digests = frozenset().union(*(heap.digests for heap in heaps))
    absent = told.not_in(digests, own_buckets(secret))
    if told.left_out.count:
        err.print(one_line(str(told.left_out)), soft_wrap=True)
    _end(head.size, found, sorted(otherwise), absent)
    if told.left_out.in_requests:
        raise SystemExit(2)


def _opened(heap: Heap, secret: bytes) -> Iterator[OwnNotice]:
    return own_notices(heap.notices, secret, [one.verifying for one in heap.senders])


def _print(found: Sequence[_Own]) -> None:
    for notice, in_log in found:
        if notice.content is None and notice.reason == "signer-unknown":
            line(f"{notice.context}: sealed to you, and not shown: no key in these heaps signed it.")
        elif notice.content is None:
            line(f"{notice.context}: a notice to you was altered and cannot be read. Ask your operator.")
        else:
            line(notice.context, notice.content.decode("utf-8", errors="replace"), "")
        if not in_log:
            line("  THE LOG HAS NO SUCH NOTICE: that it is of this request is the heap's word alone.")
    if not found:
        line("Nothing in these heaps is sealed to this code.")


def _end(size: int, found: Sequence[_Own], otherwise: Sequence[int], absent: Sequence[int]) -> None:
    """Say how all of it stands beside the log; status 1 where it does not agree."""
    if otherwise:
        err.print(
            "A heap has a notice under another month or another request than the log (here it was tried as the log has it). It is"
            f" of request {_listed(otherwise)}.",
            soft_wrap=True,
        )
    if absent:
        err.print(
            "The log says that somebody of your bucket was told in a notice that is in none of these heaps: it may be one to you."
            f" Fetch the heaps of its bucket. It is of request {_listed(absent)}.",
            soft_wrap=True,
        )
    if otherwise or absent or not all(one.in_log for one in found):
        raise SystemExit(1)
    err.print(f"Held against all {size:,} entries of the log.", soft_wrap=True)
    _end_unread(found)


def _end_unread(found: Sequence[_Own]) -> None:
    """Status 2 where something is sealed to the person that cannot be read."""
    if any(one.notice.content is None for one in found):
        raise SystemExit(2)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
