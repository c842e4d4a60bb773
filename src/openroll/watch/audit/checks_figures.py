"""What evidence about figures shows: each check is given a folder and says what it is worth, or raises Fails or a TlogError."""

from openroll.tlog import CompactRange, verify_consistency
from openroll.watch.audit.entries import late
from openroll.watch.audit.evidence_folder import Fails, Folder, Verdict
from openroll.watch.audit.figures import NotFigures, difference, digest_of, published_in, read_table, tally_of


def figures(held: Folder) -> Verdict:
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
        if table.size == at < held.number("index") and late(held.tolerance, left.day, act.on):
            return Verdict("holds", f"{bound}, and they leave out entry {at:,} of {left.day}")
        raise Fails("the figures leave nothing out")
    if not held.has("entries"):
        return Verdict(
            "on the word", f"{bound}; the entries to recount them from are not here: take them from any mirror"
        )
    data = held.file("entries")
    entries = _entries(data)
    root = CompactRange().extend(entries).root
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


def figures_file(held: Folder) -> Verdict:
    act = published_in(held.entry("entry", "index"))
    if act is None:
        raise Fails("the entry publishes no figures")
    bound = f"the log holds the digest of figures of {act.on}"
    if held.has("figures") and digest_of(held.file("figures")) == act.digest:
        raise Fails("the figures are those of the digest")
    served = "other ones" if held.has("figures") else "none"
    return Verdict("on the word", f"{bound}; that {served} were served is the word of whoever wrote this")
