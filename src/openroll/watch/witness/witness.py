"""One witness at work: what comes in is judged, kept, signed and counted. The server around it only carries bytes."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from openroll.durable import write_durably
from openroll.tlog import Malformed, Signer
from openroll.tlog.witnessing import (
    Answer,
    Held,
    Signed,
    Submission,
    cosignatures,
    judge,
    origin_of,
    parse_submission,
    signed,
)
from openroll.watch.witness.heads import Heads, Step, Stopped, origin_hash
from openroll.watch.witness.limits import Limits
from openroll.watch.witness.metrics import Metrics
from openroll.watch.witness.settings import Watched

MOST_EVIDENCE = 1_000
"""Files of evidence kept; a log that misbehaves a thousand times has been caught."""


class Cosigned(NamedTuple):
    """The answer to a good request: the witness's signature lines."""

    lines: bytes


class Witness:
    """Cosigns for the logs it watches. Safe to use from several threads; one log is answered one request at a time."""

    def __init__(
        self,
        signers: Sequence[Signer],
        logs: Mapping[str, Watched],
        heads: Heads,
        *,
        evidence: Path,
        per_source: int = 1200,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        step: Step = lambda _: None,
    ) -> None:
        """`clock` gives POSIX seconds. `per_source` bounds the requests a minute of one address."""
        self.metrics = Metrics()
        self._signers = tuple(signers)
        self._logs = dict(logs)
        self._heads = heads
        self._evidence = evidence
        self._per_source = per_source
        self._clock = clock
        self._limits = Limits(monotonic)
        self._guard = threading.Lock()
        self._stopped: dict[str, str] = {}
        self._by_hash = {origin_hash(origin): origin for origin in logs}
        self._step = step

    def stop(self, origin: str, why: str) -> None:
        """Cosign nothing more for a log until somebody has looked."""
        self._stopped[origin] = why
        self.metrics.stopped(origin)

    @property
    def stopped(self) -> dict[str, str]:
        """The logs that are not cosigned for, and why."""
        return dict(self._stopped)

    def add_checkpoint(self, body: bytes, source: str) -> Cosigned | Answer:
        """Answer one request of `source` (tlog-witness, "add-checkpoint")."""
        begun = time.perf_counter()
        origin, answer = self._answered(body, source)
        outcome = "cosigned" if isinstance(answer, Cosigned) else str(answer.status)
        self.metrics.answered(origin, outcome, time.perf_counter() - begun)
        return answer

    def checkpoint(self, hashed: str) -> bytes | None:
        """The last checkpoint cosigned of the log with this origin hash, with our cosignatures and the log's signatures."""
        origin = self._by_hash.get(hashed)
        if origin is None:
            return None
        try:
            return self._heads.newest(origin)
        except Stopped as error:
            self.stop(origin, str(error))
            return None

    def _answered(self, body: bytes, source: str) -> tuple[str, Cosigned | Answer]:
        """The log asked for, empty where there is none of ours, and the answer."""
        if self._too_many(f"source {source}", self._per_source):
            return "", Answer(429, "too many requests from one address: wait a minute\n")
        try:
            submission = parse_submission(body)
            log = self._logs.get(origin_of(submission))
        except Malformed as error:
            return "", Answer(400, f"{error}\n")
        if log is None:
            return "", Answer(404, "this witness does not watch that log\n")
        return log.origin, self._asked(log, submission, body)

    def _asked(self, log: Watched, submission: Submission, body: bytes) -> Cosigned | Answer:
        asked = signed(submission, log.verifiers)
        if isinstance(asked, Answer):
            return asked
        # Only what the log itself has signed counts against the log: nobody else can use its minute up.
        if self._too_many(f"log {log.origin}", log.per_minute):
            return Answer(429, "too many requests for this log: wait a minute\n")
        if log.origin in self._stopped:
            return Answer(503, f"this witness has stopped for this log: {self._stopped[log.origin]}\n")
        try:
            answer = self._cosigned(log, asked)
        except Stopped as error:
            self.stop(log.origin, str(error))
            return Answer(503, f"this witness has stopped for this log: {error}\n")
        if isinstance(answer, Answer) and answer.evidence:
            self._keep_evidence(log.origin, body)
        return answer

    def _cosigned(self, log: Watched, asked: Signed) -> Cosigned | Answer:
        """Judge, sign, keep; the signature stays here until it is kept twice."""
        with self._heads.of(log.origin) as held:
            refused = judge(held.kept.held, asked)
            if refused is not None:
                return refused
            now = int(self._clock())
            self._step("sign: before")
            lines = cosignatures(asked.text, self._signers, now)
            self._step("sign: after")
            head = Held(asked.checkpoint.size, asked.checkpoint.root)
            held.move(head, asked.note + lines)
            self.metrics.moved(log.origin, head.size, now)
        self._step("answer: before")
        return Cosigned(lines)

    def _too_many(self, name: str, per_minute: int) -> bool:
        with self._guard:
            return self._limits.take(name, per_minute) > 0

    def _keep_evidence(self, origin: str, body: bytes) -> None:
        """Keep a request that the log signed and that does not go on from what we hold: its signature may convict it."""
        self._evidence.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._evidence / f"{origin_hash(origin)[:16]}-{hashlib.sha256(body).hexdigest()[:16]}.request"
        if not path.exists() and len(list(self._evidence.iterdir())) < MOST_EVIDENCE:
            write_durably(path, body)
