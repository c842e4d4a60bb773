"""One witness at work: what comes in is judged, kept, signed and counted. The server around it only carries bytes."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from openroll.tlog import Malformed, origin_of
from openroll.tlog.note import SUBTREE
from openroll.tlog.subtree_witnessing import judge_subtree, parse_subtree_request, subtree_cosignatures
from openroll.tlog.witnessing import (
    Answer,
    CosignedHead,
    Signed,
    Submission,
    cosignatures,
    judge,
    parse_submission,
    signed,
)
from openroll.traffic import Bucket, Buckets, networks
from openroll.watch.witness.evidence import EvidenceStore, log_line
from openroll.watch.witness.heads import Heads, LastCosigned, Step, Stopped, origin_hash, own_lines
from openroll.watch.witness.metrics import Metrics
from openroll.watch.witness.settings import Keys, WatchedLog

FRESH = 60
"""Seconds in which asking for the same head again is answered with the cosignature that was given: anybody can replay a
published checkpoint, and it should cost neither a signature nor a place on the disk."""
MOST_BACK = 300
"""Seconds that the clock may go back unsaid: the last time is said again. Further back, nothing is signed."""


class Cosigned(NamedTuple):
    """The answer to a good request: the witness's signature lines."""

    lines: bytes


class Halt(NamedTuple):
    """Why a log is not cosigned for, and after how many seconds asking again may help; 0: when a person has looked."""

    why: str
    wait: int = 0


class Witness:
    """Cosigns for the logs it watches. Safe to use from several threads; one log is answered one request at a time."""

    def __init__(
        self,
        keys: Keys,
        logs: Mapping[str, WatchedLog],
        heads: Heads,
        evidence_store: EvidenceStore,
        *,
        per_source: int = 1200,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        step: Step = lambda _: None,
    ) -> None:
        """`clock` gives POSIX seconds; `per_source` bounds the requests a minute of one subscriber's network.

        The networks around it, up to an IPv4 /24 or an IPv6 /48, have four times as many between all their subscribers.
        """
        self.metrics = Metrics()
        self._keys = keys
        self._logs = dict(logs)
        self._heads = heads
        self._evidence = evidence_store
        self._per_source = per_source
        self._clock = clock
        self._buckets = Buckets(monotonic)
        self._guard = threading.Lock()
        self._halts: dict[str, Halt] = {}
        self._by_hash = {origin_hash(origin): origin for origin in logs}
        self._step = step

    def halt(self, origin: str, why: str, wait: int = 0) -> None:
        """Cosign nothing more for a log: until `resume`, or where `wait` is 0 until a person has looked."""
        self._halts[origin] = Halt(why, wait)
        self.metrics.halted(origin, True)
        if not wait:
            log_line("halted", log=origin, why=why)

    def resume(self, origin: str) -> None:
        """Cosign for a log again."""
        self._halts.pop(origin, None)
        self.metrics.halted(origin, False)

    @property
    def halts(self) -> dict[str, Halt]:
        """The logs that are not cosigned for, and why."""
        return dict(self._halts)

    def add_checkpoint(self, body: bytes, source: str) -> Cosigned | Answer:
        """Answer one request of `source` (tlog-witness, "add-checkpoint")."""
        return self._counted(self._checkpoint_answered, body, source)

    def sign_subtree(self, body: bytes, source: str) -> Cosigned | Answer:
        """Answer one request of `source` (tlog-witness, "sign-subtree")."""
        return self._counted(self._subtree_answered, body, source)

    def checkpoint(self, hashed: str) -> bytes | None:
        """The last checkpoint cosigned of the log with this origin hash, with our cosignatures and the log's signatures."""
        origin = self._by_hash.get(hashed)
        if origin is None:
            return None
        try:
            return self._heads.newest(origin)
        except Stopped as error:
            self.halt(origin, str(error))
            return None

    def _counted(
        self, answered: Callable[[bytes], tuple[str, Cosigned | Answer]], body: bytes, source: str
    ) -> Cosigned | Answer:
        begun = time.perf_counter()
        near, *around = networks(source)
        wait = self._taken(
            (f"source {near}", self._per_source), *((f"source {one}", 4 * self._per_source) for one in around)
        )
        origin, answer = ("", _too_many("from one address", wait)) if wait else answered(body)
        outcome = "cosigned" if isinstance(answer, Cosigned) else str(answer.status)
        self.metrics.answered(origin, outcome, time.perf_counter() - begun)
        return answer

    def _checkpoint_answered(self, body: bytes) -> tuple[str, Cosigned | Answer]:
        """The log asked for, empty where there is none of ours, and the answer."""
        try:
            submission = parse_submission(body)
            log = self._logs.get(origin_of(submission.checkpoint))
        except Malformed as error:
            return "", Answer(400, f"{error}\n")
        if log is None:
            return "", _unknown()
        return log.origin, self._asked(log, submission, body)

    def _subtree_answered(self, body: bytes) -> tuple[str, Cosigned | Answer]:
        if not any(signer.algorithm == SUBTREE for signer in self._keys.signers):
            return "", Answer(404, "this witness has no ML-DSA-44 key: it signs no subtrees\n")
        try:
            asked = parse_subtree_request(body)
            log = self._logs.get(origin_of(asked.checkpoint))
        except Malformed as error:
            return "", Answer(400, f"{error}\n")
        if log is None:
            return "", _unknown()
        if log.origin in self._halts:
            return log.origin, _halted(self._halts[log.origin])
        found = judge_subtree(asked, self._keys.own)
        if isinstance(found, Answer):
            return log.origin, found
        return log.origin, Cosigned(subtree_cosignatures(asked, log.origin, self._keys.signers))

    def _asked(self, log: WatchedLog, submission: Submission, body: bytes) -> Cosigned | Answer:
        asked = signed(submission, log.verifiers)
        if isinstance(asked, Answer):
            return asked
        if log.origin in self._halts:
            return _halted(self._halts[log.origin])
        try:
            return self._cosigned(log, asked, body)
        except Stopped as error:
            self.halt(log.origin, str(error))
            return _halted(self._halts[log.origin])
        except OSError as error:
            log_line("not kept", log=log.origin, why=str(error))
            return Answer(503, "this witness cannot keep what it would sign, so it signs nothing\n", wait=60)

    def _cosigned(self, log: WatchedLog, asked: Signed, body: bytes) -> Cosigned | Answer:
        """Judge, sign, keep; the signature stays here until it is kept twice."""
        with self._heads.of(log.origin) as head:
            last = head.last
            refused = judge(last.head, asked)
            if refused is not None:
                if refused.evidence:
                    self._keep_evidence(log.origin, asked, body, last)
                return refused
            now = int(self._clock())
            given = self._given(asked, last, now)
            if given:
                return Cosigned(given)
            if now < last.at - MOST_BACK:
                log_line("clock", log=log.origin, seconds=last.at - now)
                return Answer(503, f"this witness's clock is {last.at - now} seconds behind its last cosignature\n")
            # Only here does a log's minute run down: on new heads, which nobody but the log can make.
            wait = self._taken((f"log {log.origin}", log.per_minute))
            if wait:
                return _too_many("for this log", wait)
            at = max(now, last.at)
            self._step("sign: before")
            lines = cosignatures(asked.text, self._keys.signers, at)
            self._step("sign: after")
            new = CosignedHead(asked.checkpoint.size, asked.checkpoint.root)
            head.move(LastCosigned(new, asked.note + lines, at))
            self.metrics.moved(log.origin, new.size, at)
        self._step("answer: before")
        return Cosigned(lines)

    def _given(self, asked: Signed, last: LastCosigned, now: int) -> bytes:
        """The cosignatures given for this very text a moment ago by all keys of today; empty where there are none."""
        same = last.note.startswith(asked.text.encode() + b"\n")
        if not same or not 0 <= now - last.at < FRESH:
            return b""
        lines = own_lines(last.note, self._keys.today)
        return lines if lines.count(b"\n") == len(self._keys.signers) else b""

    def _taken(self, *wanted: tuple[str, int]) -> float:
        """Take one request of each name's, of so many a minute; 0 when all were free, else the seconds until they are."""
        with self._guard:
            return self._buckets.take([(name, Bucket(minute, 60 / minute)) for name, minute in wanted])

    def _keep_evidence(self, origin: str, asked: Signed, body: bytes, last: LastCosigned) -> None:
        """Keep a request that the log signed and that does not go on from what we hold, beside the head that we hold.

        Two heads of one size convict the log. Of another size it may be the proof that is wrong, and anybody can send one: so
        these have a drawer of their own, and cannot fill that of the others.
        """
        what = "two-heads" if asked.checkpoint.size == last.head.size else "inconsistent"
        if self._evidence.keep(origin, what, asked.text.encode(), {"request": body, "held": last.note}):
            self.metrics.evidence(origin)


def _halted(halt: Halt) -> Answer:
    """What a stranger is told: not why, since that names places and files of whoever runs the witness."""
    until = "ask again soon" if halt.wait else "until whoever runs it has looked"
    return Answer(503, f"this witness signs nothing for this log now: {until}\n", wait=halt.wait)


def _too_many(which: str, wait: float) -> Answer:
    return Answer(429, f"too many requests {which}: wait\n", wait=math.ceil(wait))


def _unknown() -> Answer:
    return Answer(404, "this witness does not watch that log\n")
