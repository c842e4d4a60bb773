"""What evidence shows, kind by kind: each check is given a folder and says what it is worth, or raises Fails or a TlogError."""

from collections.abc import Callable, Mapping

from openroll.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Malformed,
    TlogError,
    decode_bundle,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from openroll.watch.audit.checks_figures import figures, figures_file
from openroll.watch.audit.entries import Days, late, moment, wrong_text
from openroll.watch.audit.evidence_folder import Fails, Folder, Verdict


def _root_at(held: Folder, which: str, head: Checkpoint, size: int) -> bytes:
    """The root a head's tree had at a size: proved under the head."""
    if size == head.size:
        return head.root
    if size == 0:
        return EMPTY_ROOT
    tail = "-1" if which == "head-1" else ""
    root = held.root(f"prefix-root{tail}")
    if root is None:
        raise Fails(f"nothing shows what {which} was at {size:,} entries")
    verify_consistency(size, head.size, held.proof(f"proof{tail}"), root, head.root)
    return root


def _two_heads(held: Folder) -> Verdict:
    one, two = held.head("head-1"), held.head("head-2")
    size = held.said.get("size", min(one.size, two.size))
    if not isinstance(size, int) or not 0 <= size <= min(one.size, two.size):
        raise Fails("the size at which the heads differ is none of theirs")
    first, second = _root_at(held, "head-1", one, size), _root_at(held, "head-2", two, size)
    if first == second:
        raise Fails(f"both heads have the same root at {size:,} entries")
    return Verdict(
        "holds",
        f"{one.origin} signed two heads whose first {size:,} entries differ: it showed two logs, or rewrote one",
    )


def _smaller(held: Folder) -> Verdict:
    one, two = held.head("head-1"), held.head("head-2")
    if one.size <= two.size:
        raise Fails("head-2 is not smaller than head-1")
    return Verdict(
        "on the word",
        f"the log signed a head of {one.size:,} entries and one of {two.size:,}; that it showed the smaller after the larger "
        f"({held.said.get('seen', 'no time is told')}) is the word of whoever wrote this, and whoever asks the log can see it",
    )


def _receipt(held: Folder) -> Verdict:
    proved = held.trust.verify(held.file("receipt"))
    other = held.head("head-2")
    what = f"the log signed a receipt for entry {proved.index:,} of {proved.checkpoint.size:,}"
    if held.has("entry"):
        if held.file("entry") == proved.entry.encode():
            raise Fails("the entry is the one of the receipt")
        return Verdict("on the word", f"{what}; that it serves other bytes there is the word of whoever wrote this")
    if proved.index < other.size:
        return Verdict("holds", f"{what}, and {_two_heads(held).why}")
    return Verdict(
        "on the word", f"{what}; that it showed {other.size:,} entries afterwards is the word of whoever wrote this"
    )


def _other_log(held: Folder) -> Verdict:
    try:
        held.trust.open(held.file("head-1"))
        held.trust.stamps(held.file("head-1"))
    except TlogError as error:
        return Verdict(
            "on the word", f"it is true of head-1 that {error}; that it was served is the word of whoever wrote this"
        )
    raise Fails("head-1 is a good head of this log")


def _damaged(held: Folder) -> Verdict:
    head = held.head("head-1")
    served = "that it was served so is the word of whoever wrote this; whoever asks the server can see for themselves"
    if not held.has("entry-proof"):
        return Verdict("on the word", f"head-1 is good. That what was served does not give it: {served}")
    index = held.number("index")
    at = index % 256
    entries = decode_bundle(held.file("bundle"))
    if at >= len(entries):
        raise Fails("the bundle does not reach the entry")
    leaves = {"tile": held.file("tile")[32 * at : 32 * at + 32], "bundle": leaf_hash(entries[at])}
    bad = str(held.said.get("damaged"))
    good = {"tile": "bundle", "bundle": "tile"}.get(bad)
    if good is None or leaves[bad] == leaves[good]:
        raise Fails("tile and bundle agree")
    verify_inclusion(leaves[good], index, head.size, held.proof("entry-proof"), head.root)
    return Verdict("on the word", f"the {bad} is not what the log signed for, at entry {index:,}; {served}")


def _not_an_entry(held: Folder) -> Verdict:
    try:
        held.entry("entry", "index")
    except Malformed as error:
        return Verdict("holds", f"the log holds at {held.number('index'):,} what is no entry: {error}")
    raise Fails("the entry reads as one")


def _text(held: Folder) -> Verdict:
    found = wrong_text(held.entry("entry", "index"))
    if found is None or found[0] != held.said["kind"]:
        raise Fails("the entry's text is as it should be")
    return Verdict("holds", f"the log holds at {held.number('index'):,}: {found[1]}")


def _back_dated(held: Folder) -> Verdict:
    entry, index = held.entry("entry", "index"), held.number("index")
    if held.has("earlier"):
        before, at = held.entry("earlier", "earlier-index"), held.number("earlier-index")
        if at >= index or not late(held.tolerance, entry.day, before.day):
            raise Fails("the days of the two entries are in order")
        return Verdict("holds", f"entry {index:,} is dated {entry.day} and stands behind entry {at:,} of {before.day}")
    before_head = held.head("head-2")
    if index < before_head.size:
        raise Fails("head-2 holds the entry already")
    said = f"entry {index:,} is dated {entry.day}, and the log had {before_head.size:,} entries"
    # A head that a witness cosigned later than the day was over shows the time without anybody's word.
    over = Days().ends(entry.day) + held.tolerance
    for stamp in held.trust.stamps(held.file("head-2")):
        if moment(stamp.time) > over:
            return Verdict("holds", f"{said} when {stamp.key.split('+')[0]} cosigned it, later than that day")
    return Verdict("on the word", f"{said} at {held.said.get('visited')}, by the word of whoever wrote this")


def _post_dated(held: Folder) -> Verdict:
    entry = held.entry("entry", "index")
    return Verdict(
        "on the word", f"the log holds an entry dated {entry.day}; that it stood there before that day is the word of "
        f"whoever wrote this ({held.said.get('seen')}), or of a cosignature of that time on head-1"
    )  # fmt: skip


def _stale(held: Folder) -> Verdict:
    one, two = held.head("head-1"), held.head("head-2")
    if one.size >= two.size:
        raise Fails("head-1 is not behind head-2")
    if one.size:
        verify_consistency(one.size, two.size, held.proof("proof"), one.root, two.root)
    return Verdict(
        "on the word", f"head-1 is {two.size - one.size:,} entries behind head-2, of the same log; "
        f"that a mirror still showed it at {held.said.get('seen')} is the word of whoever wrote this"
    )  # fmt: skip


def _time(held: Folder) -> Verdict:
    witness = held.said.get("witness")
    one, two = held.head("head-1"), held.head("head-2")
    times = [
        next((stamp.time for stamp in held.trust.stamps(held.file(name)) if stamp.key == witness), None)
        for name in ("head-1", "head-2")
    ]
    if times[0] is None or times[1] is None:
        raise Fails("the witness's key was not given, or it has not cosigned both")
    if not (one.size < two.size and times[1] < times[0]):
        raise Fails("size and time of the two cosignatures go the same way")
    return Verdict("holds", f"{str(witness).split('+')[0]} cosigned the larger head at an earlier time")


def _quorum(held: Folder) -> Verdict:
    held.head("head-1")
    lacks = held.trust.lacks(held.file("head-1"))
    return Verdict("on the word", f"{lacks or 'whether head-1 lacks cosignatures is for your own policy to say'}")


CHECKS: Mapping[str, Callable[[Folder], Verdict]] = {
    "two-heads": _two_heads,
    "smaller-head": _smaller,
    "receipt-denied": _receipt,
    "other-log": _other_log,
    "damaged": _damaged,
    "not-an-entry": _not_an_entry,
    "silent-act": _text,
    "readable-act": _text,
    "bad-act": _text,
    "back-dated": _back_dated,
    "post-dated": _post_dated,
    "figures-wrong": figures,
    "figures-changed": figures_file,
    "figures-gone": figures_file,
    "stale-mirror": _stale,
    "time-went-back": _time,
    "under-quorum": _quorum,
}
"""The check of each kind of evidence."""
