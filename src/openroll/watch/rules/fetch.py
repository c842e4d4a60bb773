"""Fetch a roll's rules and prove them: `openroll pack --roll`.

Of what the roll answers only this is believed: heads signed by every key of its log, entries with their place under such a head,
bytes whose digest an entry names. A head never goes back behind the one seen before (a ratchet), and the log is read for rules
that the roll does not list. All of it has one deadline, and nothing of it may be larger than it can be.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from openroll.tlog import (
    KEY_HISTORY,
    Checkpoint,
    CompactRange,
    Entry,
    KeyHistory,
    KeyMissing,
    Malformed,
    Policy,
    TlogError,
    Verifier,
    follow,
    handovers_of,
    verify_consistency,
)
from openroll.watch.audit.entry_scan import bundles
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.rules.kept import KeptRules
from openroll.watch.rules.versions import (
    NAMES,
    RulesRefused,
    Version,
    named_by,
    sha256,
    still_needed,
    versions_in,
)
from openroll.watch.source import Source

SECONDS = 180.0
"""The deadline of all requests together."""
MOST_LIST = 16_000_000
"""Bytes of the list of rules with their receipts."""
MOST_TEXT = 24_000_000
"""Bytes of a rule or a jurisdiction: three files of the largest size that one may have (places.reading)."""
MOST_RULES = 1_000
MOST_READ = 200_000
"""Entries that are read in one go for rules that the roll does not list; the next time goes on from there."""


class _Listed(msgspec.Struct, frozen=True):
    receipt: str
    rule: str
    jurisdiction: str


class _Rules(msgspec.Struct, frozen=True):
    origin: str
    rules: tuple[_Listed, ...]


class Pages(Protocol):
    """What is served beneath an address."""

    where: str

    def get(self, path: str, most: int | None = None) -> bytes | None:
        """What is there, at most `most` bytes; None where there is nothing. Raises Unreachable."""
        ...


class Sources(NamedTuple):
    """A roll behind its address: its pages and API, and its log below."""

    roll: Pages
    log: Source


def fetched(
    sources: Sources,
    kept: KeptRules | None,
    given: Sequence[Verifier],
    now: datetime,
    *,
    most_read: int | None = MOST_READ,
    policy: Policy | None = None,
) -> KeptRules:
    """What the roll's log proves of its rules now, to be kept. `given` are the keys that somebody named, all of which must sign;
    under a `policy` its witnesses must have cosigned the head as it asks.

    Raises RulesRefused or a TlogError for what is not true, Unreachable for what was not answered.
    """
    trusted = _trusted(sources, kept, given)
    history, keys = _history(sources, kept, trusted)
    listed = _listed(sources)
    receipts = tuple(one.receipt for one in listed)
    versions, head = versions_in(receipts, keys, policy)
    reader = LogReader(sources.log, head)
    _never_back(reader, kept, keys)
    texts = _texts(sources, kept, listed, still_needed(versions, now))
    mark = _read_on(reader, CompactRange() if kept is None else kept.mark, {one.index for one in versions}, most_read)
    return KeptRules(
        address=sources.roll.where,
        keys=tuple(map(str, trusted)),
        history=history,
        receipts=receipts,
        texts=texts,
        read=mark.size,
        edge=mark.edge,
        fetched=now,
    )


def _trusted(sources: Sources, kept: KeptRules | None, given: Sequence[Verifier]) -> tuple[Verifier, ...]:
    """The keys that are believed: those given, else those of the last time, else those the roll shows the first time."""
    if given:
        return tuple(given)
    if kept is not None:
        return tuple(map(Verifier.parse, kept.keys))
    served = sources.log.get("keys") or b""
    try:
        lines = served.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("its keys are no text") from error
    keys = tuple(Verifier.parse(line) for line in lines[:20] if line.strip())
    if not keys:
        raise KeyMissing(f"{sources.log.where} shows no keys: is it a roll's address?")
    return keys


def _history(sources: Sources, kept: KeptRules | None, trusted: Sequence[Verifier]) -> tuple[str, KeyHistory]:
    """The log's key history, as served or as kept: the longer of those that prove themselves; and the keys by it."""
    told = (sources.log.get(KEY_HISTORY) or b"").decode("utf-8", "replace")
    best, keys, doubt = "", KeyHistory(trusted), None
    for history in filter(None, ("" if kept is None else kept.history, told)):
        try:
            found = follow(handovers_of(history.encode()), trusted)
        except TlogError as error:
            doubt = error
            continue
        if len(found.changes) >= max(1, len(keys.changes)):
            best, keys = history, found
    if doubt is not None and not keys.changes:
        raise doubt
    return best, keys


def _listed(sources: Sources) -> tuple[_Listed, ...]:
    data = sources.roll.get("api/v1/rules", MOST_LIST)
    if data is None:
        raise RulesRefused(f"{sources.roll.where} lists no rules: it is no roll, or one of an older Openroll")
    try:
        listed = msgspec.json.decode(data, type=_Rules).rules
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RulesRefused(f"its list of rules cannot be read, or is cut off: {error}") from error
    if len(listed) > MOST_RULES:
        raise RulesRefused(f"it lists {len(listed):,} rules; no roll had more than {MOST_RULES:,}")
    return listed


def _never_back(reader: LogReader, kept: KeptRules | None, keys: KeyHistory) -> None:
    """The head is that of the last time, or goes on from it."""
    if kept is None:
        return
    head = reader.checkpoint
    try:
        _, before = versions_in(kept.receipts, keys)
    except TlogError as error:
        raise RulesRefused(
            f"what was kept of it on {kept.fetched:%Y-%m-%d} is not signed by these keys: {error}"
        ) from error
    if head.size < before.size:
        raise RulesRefused(
            f"it shows an older head, of {head.size:,} entries; it had {before.size:,} on {kept.fetched:%Y-%m-%d} already."
            " `openroll audit` tells whether it was set back"
        )
    if before.size == head.size and before.root != head.root:
        raise RulesRefused(
            f"it shows two different logs of {head.size:,} entries: keep both heads, one of them is a lie"
        )
    _goes_on(reader, before.size, before.root)


def _goes_on(reader: LogReader, size: int, root: bytes) -> None:
    head = reader.checkpoint
    if 0 < size < head.size:
        verify_consistency(size, head.size, reader.prove_consistency(size), root, head.root)


def _texts(
    sources: Sources, kept: KeptRules | None, listed: Sequence[_Listed], needed: Iterable[Version]
) -> dict[str, str]:
    """The texts of these versions by their whole digests, each with the digest that its entry names."""
    known = {} if kept is None else kept.texts
    told = {digest for one in listed for digest in (one.rule, one.jurisdiction)}
    texts: dict[str, str] = {}
    for version in needed:
        for named in named_by(version):
            digest = next((one for one in sorted({*known, *told}) if len(one) == 64 and one.startswith(named)), "")
            if not digest:
                raise RulesRefused(
                    f"it lists no text whose SHA-256 begins with {named}, as entry {version.index:,} says"
                )
            texts[digest] = known.get(digest) or _text(sources, digest)
    return texts


def _text(sources: Sources, digest: str) -> str:
    data = sources.roll.get(f"api/v1/rules/{digest}", MOST_TEXT)
    if data is None:
        raise RulesRefused(f"it does not show the text with the SHA-256 {digest}, which its log names")
    if sha256(data) != digest:
        raise RulesRefused(f"it shows another text than the one its log names: SHA-256 {sha256(data)}, not {digest}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RulesRefused(f"the text with the SHA-256 {digest} is not UTF-8") from error


def _read_on(reader: LogReader, mark: CompactRange, listed: set[int], most: int | None) -> CompactRange:
    """Read the log on from `mark` for rules that the roll does not list; how far. What was read is proved to be in it."""
    head = reader.checkpoint
    end = head.size if most is None else min(head.size, mark.size + most)
    for index, bundle in bundles(reader, mark.size // WIDTH, -(-end // WIDTH)):
        first = WIDTH * index
        fresh = bundle[mark.size - first : end - first]
        for at, entry in enumerate(fresh, mark.size):
            if at not in listed and _kind(entry) in NAMES:
                raise RulesRefused(f"its log publishes a rule in entry {at:,} that it does not list")
        mark = mark.extend(fresh)
    if mark.size == head.size and mark.root != head.root:
        raise RulesRefused(f"its {head.size:,} entries are not those that its head is signed for")
    _goes_on(reader, mark.size, mark.root)
    return mark


def _kind(entry: bytes) -> str:
    try:
        return Entry.parse(entry).kind
    except Malformed:
        return ""


def head_of(kept: KeptRules, policy: Policy | None = None) -> tuple[tuple[Version, ...], Checkpoint]:
    """What is kept, proved anew: its versions, and the head they stand under. Raises RulesRefused or a TlogError."""
    return versions_in(kept.receipts, kept.key_history, policy)
