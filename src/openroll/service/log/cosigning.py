"""The way of a filing, step 12: witnesses are asked to cosign the head before it is published.

Nothing here can stop the publishing: a witness that is slow, wrong or gone costs at most the deadline, and less and less often.
What witnesses gave is kept in the database, so that a crash between their answer and the publishing loses nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from psycopg import Connection

from openroll.fault_trace import fault_trace
from openroll.service.roll import Roll
from openroll.store import cosignatures
from openroll.store.cosignatures import CosignatureRow
from openroll.tlog import (
    Checkpoint,
    Signature,
    SignatureFailed,
    TlogError,
    Witness,
    add_cosignatures,
    split_note,
)
from openroll.watch.client import Answer, Cosignatures, CosignRequest, Server
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource
from openroll.watch.witness_fanout import WitnessFanout

_log = logging.getLogger("openroll")


class Cosigning:
    """The witnesses of a roll's policy. Without a policy it does nothing and asks nobody."""

    def __init__(self, roll: Roll, step: Callable[[str], None] = lambda _: None) -> None:
        """`step` is told when the witnesses have answered and nothing of it is kept yet."""
        self._roll = roll
        self._step = step
        self._asker = None if roll.policy is None else WitnessFanout(roll.policy, roll.witness_deadline)

    @property
    def active(self) -> bool:
        """Whether the roll has a policy."""
        return self._asker is not None

    @property
    def failures(self) -> dict[str, int]:
        """How often each witness server, by its names in the policy, has failed since this process began."""
        return {} if self._asker is None else {one.name: count for one, count in self._asker.failures.items()}

    @property
    def troubles(self) -> list[str]:
        """A sentence for each witness server that failed when it was asked last."""
        return [] if self._asker is None else [one.sentence for one in self._asker.last.values()]

    def cosigned(self, connection: Connection, note: bytes, standing: bytes, *, hurry: bool) -> bytes:
        """The signed checkpoint with every cosignature that can be had for it now (step 12).

        `standing` is the checkpoint now published: what stands under it already counts, if it is of the same head. In a
        hurry the quorum is enough.
        """
        if self._asker is None:
            return note
        kept = cosignatures.newest(connection)
        lines = [*_lines(standing), *(Signature(one.name, one.key_id, one.signature) for one in kept)]
        text = split_note(note)[0]
        have = dict(self._good(text, lines))
        due = self._asker.due([witness.name for witness in have])
        if due:
            given = self._ask(note, due, kept, hurry=hurry)
            self._step("12 cosign: asked")
            self._keep(connection, Checkpoint.parse(text).size, given)
            have |= {witness: line for one in given for witness, line in one.cosignatures}
        return add_cosignatures(note, [have[one] for one in self._asker.policy.witnesses if one in have])

    def close(self) -> None:
        """Close the connections to witnesses."""
        if self._asker is not None:
            self._asker.close()

    def _ask(
        self, note: bytes, due: Sequence[Server], kept: Iterable[CosignatureRow], *, hurry: bool
    ) -> list[Cosignatures]:
        assert self._asker is not None  # noqa: S101 - `cosigned` looked
        sizes = {(one.name, one.key_id): one.size for one in kept}
        held = {one: max(sizes.get((w.verifier.name, w.verifier.key_id), 0) for w in one.witnesses) for one in due}
        reading = LogReader(FolderSource(self._roll.public), Checkpoint.parse(split_note(note)[0]))
        try:
            answers = self._asker.ask(due, CosignRequest.about(note, reading.prove_consistency), held, hurry=hurry)
        except Exception as error:  # whatever it is, the log goes on being published; and it is said
            _log.error("asking the witnesses failed: %s", fault_trace(error))
            return []
        return list(_said(answers))

    def _keep(self, connection: Connection, size: int, given: Iterable[Cosignatures]) -> None:
        now = self._roll.clock()
        lines = [line for one in given for _, line in one.cosignatures]
        cosignatures.put(connection, [CosignatureRow(one.name, one.key_id, size, one.signature, now) for one in lines])

    def _good(self, text: str, lines: Iterable[Signature]) -> Iterator[tuple[Witness, Signature]]:
        """Those lines that are cosignatures of this very text by witnesses of the policy."""
        assert self._asker is not None  # noqa: S101 - `cosigned` looked
        by_key = {(one.verifier.name, one.verifier.key_id): one for one in self._asker.policy.witnesses}
        for line in lines:
            witness = by_key.get((line.name, line.key_id))
            if witness is None:
                continue
            try:
                witness.verifier.verify(text, line.signature)
            except SignatureFailed:
                continue  # of another head, as most kept ones are
            yield witness, line


def _said(answers: Iterable[Answer]) -> Iterator[Cosignatures]:
    for answer in answers:
        if isinstance(answer, Cosignatures):
            yield answer
        else:
            grave = answer.why in ("ahead", "inconsistent", "not-good")
            _log.log(logging.ERROR if grave else logging.WARNING, "witness %s", answer.sentence)


def _lines(note: bytes) -> Sequence[Signature]:
    """All signature lines of a note; none where it is no note."""
    try:
        return split_note(note)[1]
    except TlogError:
        return ()
