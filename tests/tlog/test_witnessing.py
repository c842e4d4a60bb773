"""What a witness decides, clause by clause of C2SP tlog-witness, "add-checkpoint"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Malformed,
    Signer,
    Verifier,
    open_note,
    origin_of,
    sign_checkpoint,
    sign_note,
)
from openroll.tlog.witnessing import (
    Answer,
    CosignedHead,
    Signed,
    Submission,
    cosignatures,
    format_submission,
    judge,
    parse_submission,
    signed,
)
from tests.watch.made_log import MadeLog, line

LOG = MadeLog()
KEYS = [signer.verifier for signer in LOG.signers]
HASH = line(b"\x07" * 32)


def asked(old: int, new: int, log: MadeLog = LOG) -> Signed:
    """A submission that its log has signed."""
    found = signed(parse_submission(log.submission(old, new)), KEYS)
    assert isinstance(found, Signed)
    return found


def held(size: int, log: MadeLog = LOG) -> CosignedHead:
    """The head a witness holds of a log."""
    return CosignedHead(size, log.root(size))


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(min_size=1, max_size=200),
)
def test_a_request_survives_the_round_trip(old: int, proof: list[bytes], checkpoint: bytes) -> None:
    """Whatever is sent is read as it was meant."""
    submission = Submission(old, tuple(proof), checkpoint)
    assert parse_submission(format_submission(submission)) == submission


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_malformed(data: bytes) -> None:
    """No bytes make the reader fail in another way; what it takes it would write again byte for byte."""
    try:
        submission = parse_submission(data)
    except Malformed:
        return
    assert format_submission(submission) == data


@pytest.mark.parametrize(
    "head",
    [
        "",
        "size 5",
        "old",
        "old ",
        "old 05",
        "old -1",
        "old +1",
        "old 5 ",
        "old  5",
        "old 9223372036854775808",
        "old 5\r",
        f"old 5\n{HASH} ",
        f"old 5\n{HASH[:-4]}",
        "old 5\n" + line(b"\x07" * 31),
        "old 5\n" + "\n".join([HASH] * 64),
        "old ٥",
    ],
)
def test_only_the_one_form_is_taken(head: str) -> None:
    """Leading zeroes, signs, blanks, short hashes, 64 hashes: none of it is a request."""
    with pytest.raises(Malformed):
        parse_submission(head.encode() + b"\n\n" + LOG.checkpoint(5))


def test_the_log_is_named_by_the_first_line() -> None:
    """The origin is read before anything is verified, and garbage in its place is malformed."""
    assert origin_of(parse_submission(LOG.submission(0, 3)).checkpoint) == LOG.origin
    with pytest.raises(Malformed):
        origin_of(b"\xff\n1\n")


def refused(checkpoint: bytes, old: int = 0) -> Answer:
    """How a submission is refused before any head is looked at."""
    found = signed(Submission(old, (), checkpoint), KEYS)
    assert isinstance(found, Answer)
    return found


def test_a_checkpoint_that_its_log_has_not_signed_is_403() -> None:
    """No signature of a key of the log, or one that fails beside a good one: 403."""
    stranger = Signer.from_seed(LOG.origin, b"\x09" * 32, "ed25519")
    head = Checkpoint(LOG.origin, 3, LOG.root(3))
    assert refused(sign_checkpoint(head, [stranger])).status == 403
    good = LOG.checkpoint(3).decode().splitlines(keepends=True)
    forged = LOG.checkpoint(4).decode().splitlines(keepends=True)
    assert refused("".join([*good[:4], good[4], forged[5]]).encode()).status == 403


def test_one_key_of_the_log_is_enough_and_strangers_are_passed_over() -> None:
    """Any trusted key will do for a witness; what unknown keys signed is neither believed nor kept."""
    stranger = Signer.from_seed("stranger.example", b"\x09" * 32, "ed25519")
    head = Checkpoint(LOG.origin, 3, LOG.root(3))
    found = signed(Submission(0, (), sign_checkpoint(head, [LOG.signers[0], stranger])), KEYS)
    assert isinstance(found, Signed)
    assert found.note == sign_checkpoint(head, LOG.signers[:1])


def test_what_is_no_checkpoint_is_400() -> None:
    """A signed note of another form, and an old size beyond the checkpoint's own: 400."""
    assert refused(sign_note(f"{LOG.origin}\nthree\n{HASH}\n", LOG.signers[:1])).status == 400
    assert refused(b"nothing").status == 400
    assert refused(LOG.checkpoint(3), old=4).status == 400


def test_another_old_size_is_409_with_the_size_held() -> None:
    """The sender learns the size to prove from, in its own media type."""
    assert judge(held(5), asked(3, 8)) == Answer(409, "5\n", "text/x.tlog.size")
    assert judge(CosignedHead(), asked(3, 8)) == Answer(409, "0\n", "text/x.tlog.size")
    assert judge(held(5), asked(0, 8)) == Answer(409, "5\n", "text/x.tlog.size")


@given(st.integers(0, 40), st.integers(0, 40))
def test_every_honest_step_is_cosigned(old: int, more: int) -> None:
    """A log that only grows is cosigned at every step, from any size to any other."""
    assert judge(held(old) if old else CosignedHead(), asked(old, old + more)) is None


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 29))
def test_no_other_history_is_cosigned(old: int, more: int, fork_at: int) -> None:
    """A head that does not begin with the one held is 422 and kept as evidence, whatever proof comes with it."""
    liar = MadeLog(branch=" of a liar", fork_at=min(fork_at, old - 1))
    answer = judge(held(old), asked(old, old + more, liar))
    assert answer is not None
    assert (answer.status, answer.evidence) == (422, True)


def test_the_same_size_with_another_root_is_422() -> None:
    """Two roots of one size are a fork; the same root again is cosigned again."""
    assert judge(held(5), asked(5, 5)) is None
    answer = judge(held(5), asked(5, 5, MadeLog(branch="x")))
    assert answer is not None
    assert answer.status == 422


def test_a_proof_from_nothing_is_422() -> None:
    """From size 0 the proof is empty; the empty tree has one root only."""
    one = asked(0, 3)
    assert judge(CosignedHead(), one._replace(proof=(b"\x07" * 32,))) == Answer(
        422, "from size 0 there is nothing to prove\n"
    )
    empty = asked(0, 0)
    assert empty.checkpoint.root == EMPTY_ROOT
    assert judge(CosignedHead(), empty) is None
    wrong = empty._replace(checkpoint=empty.checkpoint._replace(root=b"\x07" * 32))
    answer = judge(CosignedHead(), wrong)
    assert answer is not None
    assert answer.status == 422


@pytest.mark.parametrize("kind", ["cosignature", "ml-dsa-44"])
def test_a_cosignature_verifies_under_the_log_s_own_signatures(kind: str) -> None:
    """The lines are put behind the checkpoint as they are, and say when."""
    witness = Signer.from_seed("witness.example/w1", b"\x05" * 32, kind)
    one = asked(0, 3)
    whole = LOG.checkpoint(3) + cosignatures(one.text, [witness], 1_700_000_000)
    note = open_note(whole, [*KEYS, Verifier.parse(witness.verifier_key)])
    assert len(note.signed_by) == 3
    with pytest.raises(Malformed, match="not 0"):
        cosignatures(one.text, [witness], 0)
