"""Checkpoints and receipts under a policy: what is enough, what is not, and that nothing known may fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from openroll import tlog
from openroll.tlog.note import Signature
from tests.tlog.test_receipts import BODY, BOTH, ED, ORIGIN, PQ, made

W1 = tlog.Signer.from_seed("witness.example/1", b"1" * 32, "cosignature")
W2 = tlog.Signer.from_seed("witness.example/2", b"2" * 32, "ml-dsa-44")
W3 = tlog.Signer.from_seed("witness.example/3", b"3" * 32, "cosignature")
LOGS = f"log {ED.verifier_key}\nlog {PQ.verifier_key}\n"
WITNESSES = f"witness one {W1.verifier_key}\nwitness two {W2.verifier_key}\nwitness three {W3.verifier_key}\n"
TWO_OF_THREE = f"{LOGS}{WITNESSES}group most 2 one two three\nquorum most\n"
POLICY = tlog.parse_policy(TWO_OF_THREE.encode())
TIME = 1_166_587_200


def cosigned(*witnesses: tlog.Signer, base: bytes | None = None, time: int = TIME) -> bytes:
    """A receipt whose checkpoint these witnesses cosigned."""
    proof = tlog.parse_proof(made() if base is None else base)
    text = proof.checkpoint.decode().partition("\n\n")[0] + "\n"
    lines = [Signature(one.name, one.verifier.key_id, one.sign(text, time)) for one in witnesses]
    checkpoint = tlog.add_cosignatures(proof.checkpoint, lines)
    return tlog.format_proof(tlog.Proof(proof.extra, proof.index, proof.path, checkpoint))


def test_a_receipt_with_enough_witnesses_is_good() -> None:
    """Two of three, one of each kind of key: the receipt is proved, and says who cosigned it and when."""
    proved = tlog.verify_receipt(cosigned(W2, W1), [], policy=POLICY)
    assert proved.body == BODY
    assert [(one.witness.name, one.time) for one in proved.cosignatures] == [("one", TIME), ("two", TIME)]


def test_a_receipt_with_too_few_witnesses_is_not() -> None:
    """One of three is too few; the error says who cosigned and who is missing."""
    with pytest.raises(tlog.QuorumMissing, match="one cosigned it, which is too few: most asks for 2: it has one, and"):
        tlog.verify_receipt(cosigned(W1), [], policy=POLICY)
    with pytest.raises(tlog.QuorumMissing, match="no witness of the policy cosigned it"):
        tlog.verify_receipt(made(), [], policy=POLICY)


def test_one_witness_cannot_count_twice() -> None:
    """A second line by one key rejects the whole (S3), be it the same line or a cosignature of another moment."""
    for twice in (cosigned(W1, W1), cosigned(W1, base=cosigned(W1), time=TIME + 5)):
        with pytest.raises(tlog.Malformed, match="a key has signed this on two lines"):
            tlog.verify_receipt(twice, [], policy=POLICY)


def test_one_key_of_the_log_is_enough_for_a_policy_and_not_for_who_gives_both() -> None:
    """A policy takes a checkpoint that any of its logs signed; keys given beside it must each have signed."""
    lone = cosigned(W1, W2, base=made(signers=(ED,)))
    assert tlog.verify_receipt(lone, [], policy=POLICY).index == 3
    with pytest.raises(tlog.KeyMissing):
        tlog.verify_receipt(lone, BOTH, policy=POLICY)


def test_witnesses_do_not_stand_in_for_the_log() -> None:
    """Cosignatures of every witness are nothing without the log's own signature."""
    stranger = tlog.Signer.from_seed(ORIGIN, b"x" * 32, "ed25519")
    with pytest.raises(tlog.KeyMissing, match="none of the keys that the policy lists"):
        tlog.verify_receipt(cosigned(W1, W2, W3, base=made(signers=(stranger,))), [], policy=POLICY)


def test_a_log_of_another_origin_does_not_sign_for_this_one() -> None:
    """A log of the policy that signs under another log's name counts for nothing, even with its key known."""
    other = tlog.Signer.from_seed("other.example", b"o" * 32, "ed25519")
    policy = tlog.parse_policy(f"log {ED.verifier_key}\nlog {other.verifier_key}\nquorum none\n".encode())
    with pytest.raises(tlog.KeyMissing, match="none of the keys that the policy lists"):
        tlog.verify_receipt(made(signers=(other,)), [], policy=policy)
    assert tlog.verify_receipt(made("other.example", (other,)), [], policy=policy).checkpoint.origin == "other.example"
    with pytest.raises(tlog.OtherLog, match="are for the log"):
        tlog.verify_receipt(made("third.example", (other,)), [], policy=policy)


@pytest.mark.parametrize("signer", [W1, W2, W3, ED, PQ])
def test_a_known_signature_that_fails_rejects_the_whole(signer: tlog.Signer) -> None:
    """Even one that the quorum could do without: a broken line of a known key is an attack, not a gap."""
    receipt = cosigned(W1, W2, W3)
    proof = tlog.parse_proof(receipt)
    note = tlog.open_note(proof.checkpoint, [signer.verifier])
    line = note.signatures[0]
    broken = line._replace(signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    with pytest.raises(tlog.SignatureFailed):
        tlog.verify_receipt(_in_receipt(receipt, line, broken), [], policy=POLICY)


def _in_receipt(receipt: bytes, old: Signature, new: Signature) -> bytes:
    assert old.line().encode() in receipt
    return receipt.replace(old.line().encode(), new.line().encode())


def test_a_cosignature_is_of_its_own_time() -> None:
    """The time of a cosignature cannot be changed afterwards, in either kind."""
    for signer in (W1, W2):
        receipt = cosigned(W1, W2)
        line = tlog.open_note(tlog.parse_proof(receipt).checkpoint, [signer.verifier]).signatures[0]
        later = line._replace(signature=(TIME + 1).to_bytes(8) + line.signature[8:])
        with pytest.raises(tlog.SignatureFailed):
            tlog.verify_receipt(_in_receipt(receipt, line, later), [], policy=POLICY)


def test_a_policy_without_logs_needs_keys_beside_it() -> None:
    """A policy that lists no log takes them from who knows the log, and from nowhere else."""
    policy = tlog.parse_policy(f"{WITNESSES}group most 2 one two three\nquorum most\n".encode())
    assert tlog.verify_receipt(cosigned(W1, W3), BOTH, policy=policy).index == 3
    with pytest.raises(tlog.KeyMissing, match="the policy lists no log"):
        tlog.verify_receipt(cosigned(W1, W3), [], policy=policy)


def test_a_key_that_takes_another_ones_name_and_id_is_not_chosen_silently() -> None:
    """Should a given key and one of the policy share name and id, nothing is verified under a guess."""
    forged = tlog.Signer(W1.name, W1.algorithm, b"f" * 32).verifier
    forged.key_id = W1.verifier.key_id
    with pytest.raises(tlog.Malformed, match="two of the keys you gave are called"):
        tlog.verify_receipt(cosigned(W1, W2), [*BOTH, forged], policy=POLICY, origin=ORIGIN)


def test_a_page_can_show_what_is_below_the_quorum() -> None:
    """Opening without demanding the quorum tells what there is and what is lacking."""
    opened = tlog.open_cosigned(tlog.parse_proof(cosigned(W3)).checkpoint, POLICY)
    assert (opened.reached, [one.witness.name for one in opened.cosignatures]) == (False, ["three"])
    assert [str(one) for one in opened.shortfalls] == ["most asks for 2: it has three, and lacks one, two"]


def test_an_answer_is_taken_line_by_line() -> None:
    """Of a witness's lines only those of the keys asked for come back, each verified, each with its time."""
    text = tlog.Checkpoint(ORIGIN, 7, b"r" * 32).text()
    lines = "".join(
        Signature(one.name, one.verifier.key_id, one.sign(text, TIME)).line() for one in (W3, W1, W2)
    ).encode()
    assert [one.name for one in tlog.cosigned_by(text, lines, [W1.verifier, W2.verifier])] == [W1.name, W2.name]
    with pytest.raises(tlog.KeyMissing):
        tlog.cosigned_by(text, lines, [tlog.Signer.from_seed("w", b"9" * 32, "cosignature").verifier])
    timeless = Signature(W1.name, W1.verifier.key_id, W1.sign(text, 0)).line().encode()
    with pytest.raises(tlog.SignatureFailed, match="does not say when"):
        tlog.cosigned_by(text, timeless, [W1.verifier])
    for more in (b"more\n\n" + lines, text.encode() + b"\n" + lines, b"", b"\n", b"\xff"):
        with pytest.raises(tlog.TlogError):
            tlog.cosigned_by(text, more, [W1.verifier, W2.verifier, W3.verifier])


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, as anybody runs it."""
    command = [sys.executable, "-m", "openroll.tlog", "verify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_who_cosigned(tmp_path: Path) -> None:
    """`verify --policy` names each witness, when it cosigned, and whether the quorum is reached; its exit code is the verdict."""
    receipt, policy, key = tmp_path / "r.tlog-proof", tmp_path / "policy", tmp_path / "log.pub"
    key.write_text(f"{ED.verifier_key}\n{PQ.verifier_key}\n")
    policy.write_text(TWO_OF_THREE)
    receipt.write_bytes(cosigned(W1, W2))
    good = run(receipt, "--policy", policy)
    assert good.returncode == 0, good.stderr
    assert "Cosigned by one at 2006-12-20 04:00:00 UTC by its clock." in good.stdout
    assert "Not cosigned by three." in good.stdout
    assert "the quorum most of the policy is reached" in good.stdout
    assert "with a key that the policy lists" in good.stdout
    assert "with every key you gave" in run(receipt, "--policy", policy, "--key", key).stdout
    assert "ask its witnesses" in run(receipt, "--key", key).stdout
    receipt.write_bytes(cosigned(W1))
    few = run(receipt, "--policy", policy)
    assert (few.returncode, few.stdout) == (1, "")
    assert "NOT GOOD (quorum-missing): " in few.stderr
    assert "lacks two, three" in few.stderr


def test_the_command_says_what_is_wrong_with_its_input(tmp_path: Path) -> None:
    """A policy that cannot be read, or no key at all, ends with 2 and a sentence; times beyond calendars do not crash."""
    receipt, policy = tmp_path / "r.tlog-proof", tmp_path / "policy"
    receipt.write_bytes(cosigned(W1, time=(1 << 63) - 1))
    assert "verify needs --key, --policy or both" in run(receipt).stderr
    policy.write_text("quorum w\n")
    wrong = run(receipt, "--policy", policy)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "line 1 of the policy names w" in wrong.stderr
    assert run(receipt, "--policy", tmp_path / "none").returncode == 2
    policy.write_text(f"{LOGS}{WITNESSES}quorum none\n")
    told = run(receipt, "--policy", policy)
    assert told.returncode == 0, told.stderr
    assert "at second 9223372036854775807 by its clock, which no calendar holds" in told.stdout
    assert "the policy asks for no witness" in told.stdout
