"""Checks of a monitor's evidence, one function a kind of fault: each gives a Verdict, or raises EvidenceFails or a TlogError."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from openroll.register.request.events import RequestEvent
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
from openroll.watch.audit.entries import CivilDays, is_late, moment
from openroll.watch.audit.evidence_folder import EvidenceFails, EvidenceFolder, Verdict
from openroll.watch.audit.tellings import telling_of
from openroll.watch.facts import read_entry


def _root_at(evidence: EvidenceFolder, which: str, head: Checkpoint, size: int) -> bytes:
    """The root that a head's tree had at an earlier size, by the consistency proof in the evidence."""
    if size == head.size:
        return head.root
    if size == 0:
        return EMPTY_ROOT
    tail = "-1" if which == "head-1" else ""
    root = evidence.root(f"prefix-root{tail}")
    if root is None:
        raise EvidenceFails(f"nothing shows what {which} was at {size:,} entries")
    verify_consistency(size, head.size, evidence.proof(f"proof{tail}"), root, head.root)
    return root


def _two_heads(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a split view: two signed heads whose trees differ at one size."""
    one, two = evidence.head("head-1"), evidence.head("head-2")
    size = evidence.details.get("size", min(one.size, two.size))
    if not isinstance(size, int) or not 0 <= size <= min(one.size, two.size):
        raise EvidenceFails("the size at which the heads differ is none of theirs")
    first, second = _root_at(evidence, "head-1", one, size), _root_at(evidence, "head-2", two, size)
    if first == second:
        raise EvidenceFails(f"both heads have the same root at {size:,} entries")
    return Verdict(
        "holds",
        f"{one.origin} signed two heads whose first {size:,} entries differ: it showed two logs, or rewrote one",
    )


def _smaller(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a rollback: a signed head smaller than one signed before."""
    one, two = evidence.head("head-1"), evidence.head("head-2")
    if one.size <= two.size:
        raise EvidenceFails("head-2 is not smaller than head-1")
    return Verdict(
        "on the word",
        f"the log signed a head of {one.size:,} entries and one of {two.size:,}; that it showed the smaller after the larger "
        f"({evidence.details.get('seen', 'no time is told')}) is the word of whoever wrote this, "
        "and whoever asks the log can see it",
    )


def _receipt(evidence: EvidenceFolder) -> Verdict:
    """Check evidence that the log denies a receipt it once gave."""
    proved = evidence.trust.verify(evidence.file("receipt"))
    other = evidence.head("head-2")
    what = f"the log signed a receipt for entry {proved.index:,} of {proved.checkpoint.size:,}"
    if evidence.has("entry"):
        if evidence.file("entry") == proved.entry.encode():
            raise EvidenceFails("the entry is the one of the receipt")
        return Verdict("on the word", f"{what}; that it serves other bytes there is the word of whoever wrote this")
    if proved.index < other.size:
        return Verdict("holds", f"{what}, and {_two_heads(evidence).why}")
    return Verdict(
        "on the word", f"{what}; that it showed {other.size:,} entries afterwards is the word of whoever wrote this"
    )


def _other_log(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a head that another log's key signed."""
    try:
        evidence.trust.open(evidence.file("head-1"))
        evidence.trust.stamps(evidence.file("head-1"))
    except TlogError as error:
        return Verdict(
            "on the word", f"it is true of head-1 that {error}; that it was served is the word of whoever wrote this"
        )
    raise EvidenceFails("head-1 is a good head of this log")


def _damaged(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a tile or entry bundle that does not lead to the signed root."""
    head = evidence.head("head-1")
    served = "that it was served so is the word of whoever wrote this; whoever asks the server can see for themselves"
    if not evidence.has("entry-proof"):
        return Verdict("on the word", f"head-1 is good. That what was served does not give it: {served}")
    index = evidence.number("index")
    at = index % 256
    entries = decode_bundle(evidence.file("bundle"))
    if at >= len(entries):
        raise EvidenceFails("the bundle does not reach the entry")
    leaves = {"tile": evidence.file("tile")[32 * at : 32 * at + 32], "bundle": leaf_hash(entries[at])}
    bad = str(evidence.details.get("damaged"))
    good = {"tile": "bundle", "bundle": "tile"}.get(bad)
    if good is None or leaves[bad] == leaves[good]:
        raise EvidenceFails("tile and bundle agree")
    verify_inclusion(leaves[good], index, head.size, evidence.proof("entry-proof"), head.root)
    return Verdict("on the word", f"the {bad} is not what the log signed for, at entry {index:,}; {served}")


def _not_an_entry(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an entry that cannot be parsed."""
    try:
        evidence.entry("entry", "index")
    except Malformed as error:
        return Verdict("holds", f"the log holds at {evidence.number('index'):,} what is no entry: {error}")
    raise EvidenceFails("the entry reads as one")


def _text(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an entry that tells too much or too little for its kind."""
    entry = evidence.entry("entry", "index")
    found = read_entry(entry.kind, entry.act).wrong
    if found is None or found[0] != evidence.details["kind"]:
        raise EvidenceFails("the entry's text is as it should be")
    return Verdict("holds", f"the log holds at {evidence.number('index'):,}: {found[1]}")


def _back_dated(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an entry dated before it can have been made."""
    entry, index = evidence.entry("entry", "index"), evidence.number("index")
    if evidence.has("earlier"):
        before, at = evidence.entry("earlier", "earlier-index"), evidence.number("earlier-index")
        if at >= index or not is_late(evidence.tolerance, entry.day, before.day):
            raise EvidenceFails("the days of the two entries are in order")
        return Verdict("holds", f"entry {index:,} is dated {entry.day} and stands behind entry {at:,} of {before.day}")
    before_head = evidence.head("head-2")
    if index < before_head.size:
        raise EvidenceFails("head-2 holds the entry already")
    said = f"entry {index:,} is dated {entry.day}, and the log had {before_head.size:,} entries"
    # A head that a witness cosigned later than the day was over shows the time without anybody's word.
    over = CivilDays().ends(entry.day) + evidence.tolerance
    for stamp in evidence.trust.stamps(evidence.file("head-2")):
        if moment(stamp.time) > over:
            return Verdict("holds", f"{said} when {stamp.key.split('+')[0]} cosigned it, later than that day")
    return Verdict("on the word", f"{said} at {evidence.details.get('visited')}, by the word of whoever wrote this")


def _post_dated(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an entry dated in the future."""
    entry = evidence.entry("entry", "index")
    return Verdict(
        "on the word", f"the log holds an entry dated {entry.day}; that it stood there before that day is the word of "
        f"whoever wrote this ({evidence.details.get('seen')}), or of a cosignature of that time on head-1"
    )  # fmt: skip


def _act_missing(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an official act that does not follow from those before it."""
    entry = evidence.entry("entry", "index")
    fact = read_entry(entry.kind, entry.act).fact
    of = f" of request {fact.request}" if isinstance(fact, RequestEvent) else ""
    if fact is None:
        raise EvidenceFails("the entry is no official act")
    return Verdict(
        "on the word", f"the log holds at {evidence.number('index'):,} {entry.kind}{of}; that what leads "
        "to it is missing is seen by whoever reads the entries before it: `openroll audit`, or any mirror"
    )  # fmt: skip


def _overdue(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a request that should have gone on: an entry of a day long after its time was over."""
    entry, over = evidence.entry("entry", "index"), str(evidence.details.get("due"))
    try:
        went_on = CivilDays().begins(entry.day) - datetime.fromisoformat(over)
    except (ValueError, TypeError) as error:
        raise EvidenceFails("evidence.json does not say when the time was over") from error
    if went_on <= timedelta(0):
        raise EvidenceFails("the entry is of no day after the time was over")
    return Verdict(
        "on the word", f"the log holds at {evidence.number('index'):,} an entry of {entry.day}; that request "
        f"{evidence.details.get('request')} stood in a step whose time was over at {over}, and that no entry says so, is seen "
        "by whoever reads the entries before it: `openroll audit --whole`, or any mirror"
    )  # fmt: skip


def _notice_missing(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a notice that is not given out: the entry that says it was told."""
    entry = evidence.entry("entry", "index")
    told = telling_of(evidence.number("index"), read_entry(entry.kind, entry.act).fact)
    if not told:
        raise EvidenceFails("the entry tells nobody of a request")
    request, one = next(iter(told.items()))
    return Verdict(
        "on the word", f"the log holds at {one.index:,} that the person of request {request} was told, in the notice of digest "
        f"{one.notice} in bucket {one.bucket:,}; that no heap had it as told is the word of whoever wrote this, and who fetches "
        "that heap sees it, unless the person was told anew since"
    )  # fmt: skip


def _stands_out(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of an official whose decisions are not dealt out as by lot: it is a count of every entry."""
    size, official = evidence.head("head-1").size, str(evidence.details.get("official"))
    return Verdict(
        "on the word", f"that {official} stands out is a count of the {size:,} entries of head-1: `openroll audit --whole`, at "
        "the roll or at any mirror, gives the same to everybody. It says what no lot would give, and not why"
    )  # fmt: skip


def _stale(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a mirror that lags behind."""
    one, two = evidence.head("head-1"), evidence.head("head-2")
    if one.size >= two.size:
        raise EvidenceFails("head-1 is not behind head-2")
    if one.size:
        verify_consistency(one.size, two.size, evidence.proof("proof"), one.root, two.root)
    return Verdict(
        "on the word", f"head-1 is {two.size - one.size:,} entries behind head-2, of the same log; "
        f"that a mirror still showed it at {evidence.details.get('seen')} is the word of whoever wrote this"
    )  # fmt: skip


def _time(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a witness whose cosignature times go backward."""
    witness = evidence.details.get("witness")
    one, two = evidence.head("head-1"), evidence.head("head-2")
    times = [
        next((stamp.time for stamp in evidence.trust.stamps(evidence.file(name)) if stamp.key == witness), None)
        for name in ("head-1", "head-2")
    ]
    if times[0] is None or times[1] is None:
        raise EvidenceFails("the witness's key was not given, or it has not cosigned both")
    if not (one.size < two.size and times[1] < times[0]):
        raise EvidenceFails("size and time of the two cosignatures go the same way")
    return Verdict("holds", f"{str(witness).split('+')[0]} cosigned the larger head at an earlier time")


def _quorum(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a head that too few witnesses have cosigned."""
    evidence.head("head-1")
    lacks = evidence.trust.lacks(evidence.file("head-1"))
    return Verdict("on the word", f"{lacks or 'whether head-1 lacks cosignatures is for your own policy to say'}")


CHECKS: Mapping[str, Callable[[EvidenceFolder], Verdict]] = {
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
    "act-missing": _act_missing,
    "overdue": _overdue,
    "notice-missing": _notice_missing,
    "stands-out": _stands_out,
    "figures-wrong": figures,
    "figures-changed": figures_file,
    "figures-gone": figures_file,
    "stale-mirror": _stale,
    "time-went-back": _time,
    "under-quorum": _quorum,
}
"""The check of each kind of evidence."""
