"""Checking a monitor's evidence anew: with the log's public keys and the folder, and nothing else.

Three answers. It **holds**: the files convince by themselves. It rests **on the word** of who wrote it, in a part it names: the
signatures are good and the files are what they are said to be, but that somebody served them, or when, no file can show. Or
it **fails**: the files do not show what they are said to show.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from openroll.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Entry,
    Malformed,
    Mark,
    TlogError,
    decode_bundle,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
    verify_receipt,
)
from openroll.tlog.note import strict_base64
from openroll.watch.audit.entries import TOLERANCE, Days, late, wrong_text
from openroll.watch.audit.figures import NotFigures, difference, digest_of, published_in, read_table, tally_of
from openroll.watch.audit.trust import Trust

Answer = Literal["holds", "on the word", "fails"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What evidence is worth, and why, in a sentence."""

    answer: Answer
    why: str


class Fails(Exception):
    """The files do not show what they are said to show."""


class Folder:
    """An evidence folder, read as it is asked for. Raises Fails for a file that lacks."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        self._folder = folder
        self.trust = trust
        try:
            self.said: Mapping[str, str | int] = msgspec.json.decode(
                self.file("evidence.json"), type=dict[str, str | int]
            )
        except Fails:
            self.said = {}  # another program's evidence: what is shown follows from which files there are
        except msgspec.MsgspecError as error:
            raise Fails(f"evidence.json does not read: {error}") from error

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / name).is_file()

    def file(self, name: str) -> bytes:
        """A file's bytes."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise Fails(f"the file {name} lacks") from error

    def head(self, name: str) -> Checkpoint:
        """A head, with its signatures checked."""
        try:
            return self.trust.open(self.file(name))
        except TlogError as error:
            raise Fails(f"{name} is no head of {self.trust.origin}: {error}") from error

    def proof(self, name: str) -> list[bytes]:
        """A proof; empty when there is no such file."""
        lines = self.file(name).decode("ascii", "replace").split() if self.has(name) else []
        try:
            return [strict_base64(line) for line in lines]
        except Malformed as error:
            raise Fails(f"{name} holds something else than hashes") from error

    def root(self, name: str) -> bytes | None:
        """A root in hexadecimal, if there is one."""
        if not self.has(name):
            return None
        try:
            return bytes.fromhex(self.file(name).decode("ascii"))
        except (UnicodeDecodeError, ValueError) as error:
            raise Fails(f"{name} holds no root") from error

    def number(self, name: str) -> int:
        """A number of evidence.json."""
        value = self.said.get(name)
        if not isinstance(value, int):
            raise Fails(f"evidence.json lacks {name}")
        return value

    def entry(self, name: str, index: str) -> Entry:
        """An entry that head-1 is proved to hold at the index said; it may not read as one (Malformed)."""
        data, at, head = self.file(name), self.number(index), self.head("head-1")
        verify_inclusion(leaf_hash(data), at, head.size, self.proof(f"{name}-proof"), head.root)
        return Entry.parse(data)


def recheck(folder: Path, trust: Trust) -> Verdict:
    """What the evidence in a folder is worth to somebody who has the keys. Never raises for what a folder holds."""
    try:
        held = Folder(folder, trust)
        kind = str(held.said.get("kind", "two-heads"))
        check = _CHECKS.get(kind)
        if check is None:
            raise Fails(f"{kind} is no kind of evidence known here")
        return check(held)
    except Fails as error:
        return Verdict("fails", str(error))
    except TlogError as error:
        return Verdict("fails", f"a proof in it is not good: {error}")


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
    proved = verify_receipt(held.file("receipt"), held.trust.log)
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


def _tolerance(held: Folder) -> timedelta:
    """How long after the end of its day an entry may come, as the writer of the evidence had it."""
    seconds = held.said.get("tolerance", TOLERANCE.total_seconds())
    return timedelta(seconds=seconds) if isinstance(seconds, int | float) else TOLERANCE


def _back_dated(held: Folder) -> Verdict:
    entry, index = held.entry("entry", "index"), held.number("index")
    if held.has("earlier"):
        before, at = held.entry("earlier", "earlier-index"), held.number("earlier-index")
        if at >= index or not late(_tolerance(held), entry.day, before.day):
            raise Fails("the days of the two entries are in order")
        return Verdict("holds", f"entry {index:,} is dated {entry.day} and stands behind entry {at:,} of {before.day}")
    before_head = held.head("head-2")
    if index < before_head.size:
        raise Fails("head-2 holds the entry already")
    said = f"entry {index:,} is dated {entry.day}, and the log had {before_head.size:,} entries"
    # A head that a witness cosigned later than the day was over shows the time without anybody's word.
    over = Days().ends(entry.day) + _tolerance(held)
    for stamp in held.trust.stamps(held.file("head-2")):
        if datetime.fromtimestamp(stamp.time, UTC) > over:
            return Verdict("holds", f"{said} when {stamp.key.split('+')[0]} cosigned it, later than that day")
    return Verdict("on the word", f"{said} at {held.said.get('visited')}, by the word of whoever wrote this")


def _post_dated(held: Folder) -> Verdict:
    entry = held.entry("entry", "index")
    return Verdict(
        "on the word", f"the log holds an entry dated {entry.day}; that it stood there before that day is the word of "
        f"whoever wrote this ({held.said.get('seen')}), or of a cosignature of that time on head-1"
    )  # fmt: skip


def _figures(held: Folder) -> Verdict:
    head, text = held.head("head-1"), held.file("figures")
    if not held.has("entry"):
        return Verdict(
            "on the word",
            "figures of the moment carry no signature: that they were served is the word of whoever wrote this",
        )
    act = published_in(held.entry("entry", "index"))
    if act is None or act.digest != digest_of(text):
        raise Fails("the figures are not those whose digest stands in the entry")
    bound = f"the registrar published these figures of {act.on} under a digest in the log"
    try:
        table = read_table(text)
    except NotFigures as error:
        return Verdict("holds", f"{bound}, and they are no table: {error}")
    if held.has("earlier"):
        left, at = held.entry("earlier", "earlier-index"), held.number("earlier-index")
        if table.size == at < held.number("index") and late(_tolerance(held), left.day, act.on):
            return Verdict("holds", f"{bound}, and they leave out entry {at:,} of {left.day}")
        raise Fails("the figures leave nothing out")
    if not held.has("entries"):
        return Verdict(
            "on the word", f"{bound}; the entries to recount them from are not here: take them from any mirror"
        )
    data = held.file("entries")
    entries = _entries(data)
    root = Mark().extend(entries).root
    if len(entries) != head.size:
        verify_consistency(len(entries), head.size, held.proof("proof"), root, head.root)
    elif root != head.root:
        raise Fails("the entries are not those of head-1")
    found = difference(table, tally_of(entries), ahead=table.size > len(entries))
    ahead = table.size > held.number("index")
    if not found and not ahead:
        raise Fails("the entries give the figures")
    return Verdict("holds", f"{bound}; {found or 'they count more entries than stood in the log before it'}")


def _entries(data: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        entries.append(data[at + 2 : end])
        at = end
    return entries


def _figures_file(held: Folder) -> Verdict:
    act = published_in(held.entry("entry", "index"))
    if act is None:
        raise Fails("the entry publishes no figures")
    bound = f"the log holds the digest of figures of {act.on}"
    if held.has("figures") and digest_of(held.file("figures")) == act.digest:
        raise Fails("the figures are those of the digest")
    served = "other ones" if held.has("figures") else "none"
    return Verdict("on the word", f"{bound}; that {served} were served is the word of whoever wrote this")


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


_CHECKS: Mapping[str, Callable[[Folder], Verdict]] = {
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
    "figures-wrong": _figures,
    "figures-changed": _figures_file,
    "figures-gone": _figures_file,
    "stale-mirror": _stale,
    "time-went-back": _time,
    "under-quorum": _quorum,
}


def keys_said(folder: Path) -> Sequence[str]:
    """The keys that the writer of evidence used: to compare with one's own, never to trust."""
    path = folder / "keys"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else ()
