"""One visit of a monitor to a log: collect heads, compare them, scan new entries, recount figures, update the state."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from secrets import randbelow

from openroll.tlog import CompactRange, Entry, Malformed, TlogError
from openroll.watch.audit.collect import CollectedHeads, LogSources, collect_heads, last_head, log_head
from openroll.watch.audit.entries import BrokenRule, EntryRules, moment
from openroll.watch.audit.entry_scan import EntryScan, Progress, evidence, scan_entries, tile_fault, unproved
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Compared, Head, compare
from openroll.watch.audit.notices import Tellings, check_notices
from openroll.watch.audit.overdue import check_overdue
from openroll.watch.audit.owed import Debts, Named, named_before
from openroll.watch.audit.recount import Recount
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.audit.requests import FIGURES, check_requests
from openroll.watch.audit.state import Newest, State
from openroll.watch.audit.tellings import TellerKey
from openroll.watch.audit.told_months import Claims, check_months
from openroll.watch.audit.trust import Trust
from openroll.watch.log_reader import LogReader
from openroll.watch.requests.lives import Lives
from openroll.watch.source import Unreachable

LOOKS = 3
"""How often the log is looked at again when a witness is ahead of it: it publishes after its witnesses have signed."""


@dataclass
class Visit:
    """A visit in progress. `state` takes only what was verified; `draw` gives a number below another one by lot."""

    places: LogSources
    trust: Trust
    state: State
    limits: MonitorLimits
    now: datetime
    pause: Callable[[], None]
    progress: Progress
    report: VisitReport
    draw: Callable[[int], int] = randbelow

    def run(self) -> None:
        """Make the visit. A source that does not answer is reported, and the others are checked all the same."""
        collected = collect_heads(self.places, self.trust)
        self.report.faults += collected.faults
        self.report.warnings += collected.warnings
        self.report.trouble += collected.trouble
        last = last_head(self.state, self.trust)
        try:
            counted = self._counted()
            head = self._log()
            if head is None:
                return
            head, compared = self._compare(head, collected, last)
            self._judge(compared, collected, head, last)
            if last is not None and head.size < last.size:
                return
            if not any(one.kind in ("two-heads", "receipt-denied") for one in self.report.faults):
                self._read(head, collected, counted)
        except Unreachable as error:
            self.report.trouble.append(str(error))
        except TlogError as error:
            self.report.faults.append(Finding("damaged", self.places.log.where, f"{error}."))

    def _log(self) -> Head | None:
        head = log_head(self.places.log, self.trust)
        if isinstance(head, Head):
            self.report.size, self.report.root = head.size, head.root.hex()
            return head
        self.report.faults.append(head)
        return None

    def _compare(self, head: Head, collected: CollectedHeads, last: Head | None) -> tuple[Head, Compared]:
        """Compare all heads; while only a witness is ahead, wait a moment and fetch the log's head again."""
        others = [*collected.others(), *([last] if last else [])]
        for look in range(LOOKS):
            compared = compare([head, *others])
            ahead = [one for one in collected.witnesses if one.size > max(head.size, last.size if last else 0)]
            if not ahead or compared.faults or look == LOOKS - 1:
                break
            self.pause()
            head = self._log() or head
        return head, compared

    def _judge(self, compared: Compared, collected: CollectedHeads, head: Head, last: Head | None) -> None:
        report, receipts = self.report, {signed.note: receipt for signed, receipt, _ in collected.receipts}
        for fault in compared.faults:
            receipt = receipts.get(fault.files["head-1"])
            if receipt is None:
                report.faults.append(fault)
            else:
                files = {**fault.files, "receipt": receipt.data}
                report.faults.append(Finding("receipt-denied", fault.where, fault.what, files, fault.details))
        for other, why in compared.unproved:
            if other.size <= compared.trunk.size:
                files = {"head-1": other.note, "head-2": compared.trunk.note}
                what = f"No proof leads from the head of {other.where} to that of {compared.trunk.where}: {why}."
                report.faults.append(Finding("damaged", compared.trunk.where, what, files))
        self._ahead(compared, collected, head, last)
        proved = len(compared.proved)
        if proved:
            report.checked.append(f"{proved + 1} heads are of one tree that only grows")
        self._stamps([head, *collected.witnesses, *collected.mirrors])
        lacks = self.trust.lacks(head.note)
        if lacks:
            report.faults.append(Finding("under-quorum", head.where, f"{lacks}.", {"head-1": head.note}))

    def _ahead(self, compared: Compared, collected: CollectedHeads, head: Head, last: Head | None) -> None:
        """Report heads larger than the log's own: somebody was shown more than it shows now."""
        forked = {note for one in compared.faults for note in one.files.values()}
        receipts = {one.where: (one, proved) for _, one, proved in collected.receipts}
        for other in [*collected.others(), *([last] if last else [])]:
            if other.size <= head.size or other.note in forked:
                continue
            files = {"head-1": other.note, "head-2": head.note}
            what = f"head-1 ({other.where}) has {other.size:,} entries, head-2, which the log shows now, has {head.size:,}."
            if other.where in receipts and receipts[other.where][1].index >= head.size:
                receipt, proved = receipts[other.where]
                files["receipt"] = receipt.data
                what = f"{what} The receipt is for entry {proved.index:,}."
                self.report.faults.append(Finding("receipt-denied", other.where, what, files))
            else:
                self.report.faults.append(Finding("smaller-head", f"{head.where}, {other.where}", what, files))

    def _stamps(self, heads: list[Head]) -> None:
        for head in heads:
            try:
                stamps = self.trust.stamps(head.note)
            except TlogError as error:
                what = f"a cosignature on the head of {head.where} does not fit: {error}."
                self.report.faults.append(Finding("other-log", head.where, what, {"head-1": head.note}))
                continue
            for stamp in stamps:
                self._stamp(head, stamp.key, stamp.time)

    def _stamp(self, head: Head, key: str, time: int) -> None:
        before = self.state.stamps.get(key)
        if before is not None and head.size > before[1] and time < before[0]:
            files = {"head-1": before[2].encode(), "head-2": head.note}
            first, then = f"{before[1]:,} entries at {_posix(before[0])}", f"{head.size:,} at {_posix(time)}"
            what = f"{key.partition('+')[0]} cosigned {first}, and {then}."
            self.report.faults.append(Finding("time-went-back", head.where, what, files, {"witness": key}))
            return
        if time > self.now.timestamp() + 3_600:
            self.report.warnings.append(
                f"{key.partition('+')[0]} dates its cosignature {_posix(time)}, which is to come"
            )
        if before is None or head.size >= before[1]:
            self.state.stamps[key] = (time, head.size, head.note.decode())

    def _counted(self) -> bytes | None:
        """The roll's own figures of requests, where they will be counted anew: before the head, which has what they count."""
        if self.places.public is None or self.limits.roll is False or (self.state.mark.size and not self.limits.whole):
            return None
        return self.places.public.get(FIGURES)

    def _read(self, head: Head, collected: CollectedHeads, counted: bytes | None) -> None:
        """Scan the new entries; then figures and mirrors, which need them."""
        reader = LogReader(self.places.log, head.checkpoint)
        mark = CompactRange() if self.limits.whole else self.state.mark
        rules = self._rules(reader, mark)
        known = frozenset(self.state.known)
        entry = lru_cache(64)(lambda index: next(reader.entries(index, index + 1)))
        named = Named(
            lambda one: bool(known) and self._dated(unproved(head, one, entry)).name in known,
            self.state.size,
        )
        scan = scan_entries(reader, head, mark, rules, self.progress, named)
        report = self.report
        report.read = scan.mark.size - mark.size
        report.faults += [self._dated(fault) for fault in scan.faults]
        if not scan.whole:
            return
        report.checked.append(f"{report.read:,} entries give the root that is signed")
        debts = self._owed(reader, head, named, whole=not mark.size)
        if rules is not None:
            self._unfollowed(rules)
            self._figures(reader, head, rules)
            check_requests(report, head, rules.lives, counted)
            self._notices(reader, head, rules)
            self._overdue(reader, head, rules)
        self._receipts(reader, head, collected)
        self._mirrors(reader, head, collected, roll=rules is not None)
        self._keep(head, scan, rules)
        self.state.debts = debts

    def _dated(self, fault: Finding, seen: tuple[str, datetime] | None = None) -> Finding:
        """A back-dated entry that only the last visit shows to be one, or an earlier one, comes with the head that was `seen`."""
        if fault.kind != "back-dated":
            return fault
        details = {**fault.details, "tolerance": int(self.limits.tolerance.total_seconds())}
        if seen is None and self.state.seen is not None:
            seen = (self.state.head, self.state.seen)
        if "earlier" in fault.files or seen is None:
            return replace(fault, details=details)
        files = {**fault.files, "head-2": seen[0].encode()}
        return replace(fault, files=files, details=details | {"visited": seen[1].isoformat(timespec="seconds")})

    def _owed(self, reader: LogReader, head: Head, named: Named, *, whole: bool) -> Debts:
        """Name what is owed from earlier visits, as far as it is its turn; what is owed now."""
        state = self.state
        now, rest = state.debts.turn(whole=whole)
        for one in now:
            if one.kind == "damaged":
                found = tile_fault(reader, head, one.index)
                self.report.faults += [] if found is None else [found]
                continue
            entry = next(reader.entries(one.index, one.index + 1))
            wrong = BrokenRule(one.kind, one.index, one.what, entry, one.earlier, one.of)
            self.report.faults.append(self._dated(evidence(reader, head, wrong), state.debts.heads.get(one.seen_size)))
        seen = None if state.seen is None else (state.head, state.seen)
        debts = state.debts.after(rest, named, seen, whole=whole)
        self.report.warnings += [*debts.said(), *named_before(named.before)]
        return debts

    def _rules(self, reader: LogReader, mark: CompactRange) -> EntryRules | None:
        if self.limits.roll is False or reader.checkpoint.size == 0 or not self._of_a_roll(reader):
            self.report.not_checked.append("what the entries say: this is not read as the log of a roll")
            return None
        state = self.state
        rules = EntryRules(self.limits.days, self.limits.tolerance, self.now, mark.size, state.seen, state.size)
        if mark.size:
            rules.newest = (state.newest.day, state.newest.index)
            rules.tellings, rules.retold, rules.keys = dict(state.tellings), list(state.retold), list(state.keys or ())
            rules.tallies = Counter({(day, kind): count for day, kind, count in state.tallies})
            rules.requests = RequestRules(
                going=dict(state.requests),
                last=state.last_request,
                whole=bool(state.requests_whole),
                approvals=dict(state.approvals),
                bodies=deepcopy(state.bodies),  # a visit that finds a fault in the tree keeps nothing of it
                readers=dict(state.readers),
                unfollowed=dict(state.unfollowed),
                by_rule=dict(state.by_rule),
                over=dict(state.over),
                over_whole=state.over_whole,
                rules=dict(state.rules),
                from_first=state.rules_from_first,
            )
            if state.bodies is None:
                self.report.not_checked.append(
                    "the seats and uses behind acts on requests: an earlier version read the entries before, see --whole"
                )
            if state.keys is None and state.tellings:
                self.report.not_checked.append(
                    "the keys that notices are given out with: an earlier version read the entries that publish them, see --whole"
                )
            if not state.over_whole:
                self.report.not_checked.append(
                    "notices that were told before this version read the log: an earlier one read the entries, see --whole"
                )
        else:
            rules.lives = Lives()
        return rules

    def _keys(self, rules: EntryRules) -> list[TellerKey] | None:
        """The keys to keep: none where an earlier version read entries that may publish some."""
        early = self.state.keys is None and self.state.size and rules.lives is None
        return None if early else rules.keys

    def _of_a_roll(self, reader: LogReader) -> bool:
        if self.limits.roll is not None:
            return self.limits.roll
        try:
            Entry.parse(next(iter(reader.entries(0, 1))))
        except Malformed:
            return False
        except TlogError:
            return True  # what cannot be read is said by whoever reads it all
        return True

    def _unfollowed(self, rules: EntryRules) -> None:
        """Say which procedures this version has not: whether anybody has them, it cannot know; and that it knows no rule."""
        if not rules.requests.rules:
            self.report.not_checked.append(
                "under which rules acts are, and the development door: no entry opens the roll, or an earlier version read it"
            )
        for name in sorted(rules.requests.unknown):
            self.report.trouble.append(
                f"requests go by the procedure {name}, which this version of Openroll does not have: nothing that was done by it "
                "was judged. Look with the newest version; where that has it neither, no rule can name it"
            )

    def _figures(self, reader: LogReader, head: Head, rules: EntryRules) -> None:
        report = self.report
        if rules.unknown:
            report.not_checked.append(
                f"entries of kinds this monitor does not know: {', '.join(sorted(rules.unknown))}"
            )
        if self.places.public is None:
            report.not_checked.append("the figures: no address of the roll's pages was given")
            return
        recount = Recount(self.places.public, reader, head, rules.tallies, self.limits.tolerance)
        try:
            recount.published(rules.published)
            recount.live(self.state, self.now)
        except TlogError as error:
            report.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        except Unreachable as error:
            report.trouble.append(str(error))
        report.faults += recount.faults
        report.warnings += recount.warnings
        report.checked += [note for note in recount.notes if "not there" not in note]
        report.not_checked += [note for note in recount.notes if "not there" in note]
        if recount.uncountable:
            tables = ", ".join(sorted(recount.uncountable))
            report.not_checked.append(f"figures by {tables}: the log shows commitments only, they cannot be recounted")

    def _notices(self, reader: LogReader, head: Head, rules: EntryRules) -> None:
        """Look whether what was told is in its heap, and listed in its month; one that does not come hides nothing else."""
        try:
            every = rules.lives is not None
            told = Tellings(rules.tellings, rules.retold, rules.keys, self.state.missing)
            self.state.missing = check_notices(
                self.report, head, reader, self.places.public, told, self.draw, every=every
            )
            self.state.claimed = check_months(
                self.report, head, reader, self.places.public, rules.tellings, self.draw,
                every=every, claims=Claims(self.state.claimed, self.now),
            )  # fmt: skip
        except TlogError as error:
            self.report.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        except Unreachable as error:
            self.report.trouble.append(str(error))

    def _overdue(self, reader: LogReader, head: Head, rules: EntryRules) -> None:
        """Look which requests should have gone on; whoever reads every entry is told of all of them."""
        every, named = rules.lives is not None, self.state.overdue
        try:
            self.state.overdue = check_overdue(self.report, head, reader, rules, named, self.limits.days, every=every)
        except TlogError as error:
            self.report.faults.append(Finding("damaged", head.where, f"{error}.", {"head-1": head.note}))
        except Unreachable as error:
            self.report.trouble.append(str(error))

    def _receipts(self, reader: LogReader, head: Head, collected: CollectedHeads) -> None:
        """Check that the log has each receipt's entry at the index the receipt proves."""
        for signed, receipt, proved in collected.receipts:
            shown = next(iter(reader.entries(proved.index, proved.index + 1)))
            if shown == proved.entry.encode():
                self.report.checked.append(f"{receipt.where}: entry {proved.index:,} is what the receipt says")
            else:
                files = {"head-1": signed.note, "head-2": head.note, "receipt": receipt.data, "entry": shown}
                what = f"entry {proved.index:,} as served is another than the one in the receipt {receipt.where}."
                self.report.faults.append(Finding("receipt-denied", head.where, what, files))

    def _mirrors(self, reader: LogReader, head: Head, collected: CollectedHeads, *, roll: bool) -> None:
        for mirror in collected.mirrors:
            behind = head.size - mirror.size
            if behind <= 0:
                continue
            since = self.state.first_beyond(mirror.size)
            if roll:
                due = self._due(reader, mirror.size)
                since = min(since or due, due) if due else since
            age = self.now - since if since else timedelta()
            lag_sentence = f"{mirror.where} is {behind:,} entries behind" + (
                f", since {since:%Y-%m-%d %H:%M} UTC" if since else ""
            )
            too_far = self.limits.lag_entries is not None and behind > self.limits.lag_entries
            if age > self.limits.lag or too_far:
                files = {"head-1": mirror.note, "head-2": head.note}
                files["proof"] = hashes(reader.prove_consistency(mirror.size)) if mirror.size else b""
                self.report.faults.append(Finding("stale-mirror", mirror.where, f"{lag_sentence}.", files))
            else:
                self.report.warnings.append(lag_sentence)

    def _due(self, reader: LogReader, index: int) -> datetime | None:
        """When an entry had its place at the latest, by its day; None when it does not read."""
        try:
            entry = Entry.parse(next(iter(reader.entries(index, index + 1))))
        except Malformed:
            return None
        return self.limits.days.ends(entry.day) + self.limits.tolerance

    def _keep(self, head: Head, scan: EntryScan, rules: EntryRules | None) -> None:
        state = self.state
        note = head.note.decode()
        if state.size != head.size or not state.head:
            state.moved = self.now
            state.visits.append((self.now, head.size))
        elif state.moved is not None and self.now - state.moved > self.limits.quiet:
            self.report.warnings.append(f"the head has not moved since {state.moved:%Y-%m-%d %H:%M} UTC")
        state.origin, state.head, state.size = head.checkpoint.origin, note, head.size
        state.edge, state.seen = list(scan.mark.edge), self.now
        if rules is not None:
            state.newest = Newest(*rules.newest)
            state.tallies = [(day, kind, count) for (day, kind), count in sorted(rules.tallies.items())]
            state.requests, state.last_request = rules.requests.going, rules.requests.last
            state.requests_whole, state.approvals = rules.requests.whole, rules.requests.approvals
            state.bodies, state.readers = rules.requests.bodies, rules.requests.readers
            state.unfollowed, state.by_rule = rules.requests.unfollowed, rules.requests.by_rule
            state.tellings, state.retold, state.keys = rules.tellings, rules.retold, self._keys(rules)
            state.over, state.over_whole = rules.requests.over, rules.requests.over_whole
            state.rules, state.rules_from_first = rules.requests.rules, rules.requests.from_first


def visit(
    places: LogSources,
    trust: Trust,
    state: State,
    limits: MonitorLimits,
    now: datetime,
    *,
    pause: Callable[[], None] = lambda: None,
    progress: Progress = lambda *_: None,
) -> VisitReport:
    """Visit a log once and report. `state` moves forward by what was verified, and stays where it was otherwise.

    `pause` waits a moment for a log that is behind its witness. Raises TlogError when the state's own head does not verify:
    the keys are others than before.
    """
    report = VisitReport(trust.origin)
    Visit(places, trust, state, limits, now, pause, progress, report).run()
    report.faults = list({one.name: one for one in report.faults}.values())
    return report


def _posix(seconds: int) -> str:
    return f"{moment(seconds):%Y-%m-%d %H:%M:%S} UTC"
