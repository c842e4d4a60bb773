"""Checks of a monitor's evidence about published figures: each gives a Verdict, or raises EvidenceFails or a TlogError."""

from openroll.tlog import CompactRange, verify_consistency
from openroll.watch.audit.entries import is_late
from openroll.watch.audit.evidence_folder import EvidenceFails, EvidenceFolder, Verdict
from openroll.watch.audit.figures import NotFigures, digest_of, first_difference, published_in, read_table, tally_of


def figures(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of published figures that are not the count of the log's entries."""
    head, text = evidence.head("head-1"), evidence.file("figures")
    if not evidence.has("entry"):
        return Verdict(
            "on the word",
            "figures of the moment carry no signature: that they were served is the word of whoever wrote this",
        )
    act = published_in(evidence.entry("entry", "index"))
    if act is None or act.digest != digest_of(text):
        raise EvidenceFails("the figures are not those whose digest stands in the entry")
    bound = f"the registrar published these figures of {act.on} under a digest in the log"
    try:
        table = read_table(text)
    except NotFigures as error:
        return Verdict("holds", f"{bound}, and they are no table: {error}")
    if evidence.has("earlier"):
        left, at = evidence.entry("earlier", "earlier-index"), evidence.number("earlier-index")
        if table.size == at < evidence.number("index") and is_late(evidence.tolerance, left.day, act.on.isoformat()):
            return Verdict("holds", f"{bound}, and they leave out entry {at:,} of {left.day}")
        raise EvidenceFails("the figures leave nothing out")
    if not evidence.has("entries"):
        return Verdict(
            "on the word", f"{bound}; the entries to recount them from are not here: take them from any mirror"
        )
    data = evidence.file("entries")
    entries = _entries(data)
    root = CompactRange().extend(entries).root
    if len(entries) != head.size:
        verify_consistency(len(entries), head.size, evidence.proof("proof"), root, head.root)
    elif root != head.root:
        raise EvidenceFails("the entries are not those of head-1")
    found = first_difference(table, tally_of(entries), ahead=table.size > len(entries))
    ahead = table.size > evidence.number("index")
    if not found and not ahead:
        raise EvidenceFails("the entries give the figures")
    return Verdict("holds", f"{bound}; {found or 'they count more entries than stood in the log before it'}")


def _entries(data: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        entries.append(data[at + 2 : end])
        at = end
    return entries


def figures_file(evidence: EvidenceFolder) -> Verdict:
    """Check evidence of a published figures file that is missing or was changed."""
    act = published_in(evidence.entry("entry", "index"))
    if act is None:
        raise EvidenceFails("the entry publishes no figures")
    bound = f"the log holds the digest of figures of {act.on}"
    if evidence.has("figures") and digest_of(evidence.file("figures")) == act.digest:
        raise EvidenceFails("the figures are those of the digest")
    served = "other ones" if evidence.has("figures") else "none"
    return Verdict("on the word", f"{bound}; that {served} were served is the word of whoever wrote this")
