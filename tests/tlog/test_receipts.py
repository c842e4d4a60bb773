"""Receipts: what verifies, what does not, and that one flipped bit is enough."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll import tlog

ORIGIN = "roll.example/test"
ED, PQ = (tlog.Signer.from_seed(ORIGIN, bytes([n]) * 32, kind) for n, kind in ((1, "ed25519"), (2, "ml-dsa-44")))
BOTH = [ED.verifier, PQ.verifier]
SALT, BODY, DOMAIN = b"s" * 32, '{"what":"某事"}'.encode(), b"test/1"


def made(origin: str = ORIGIN, signers: tuple[tlog.Signer, ...] = (ED, PQ), size: int = 5, index: int = 3) -> bytes:
    """A receipt of one entry in a log of `size`."""
    entry = tlog.Entry("thing.done/1", "2006-10-30", tlog.commit(DOMAIN, SALT, BODY))
    hashes = [tlog.leaf_hash(b"other %d" % n) for n in range(size)]
    hashes[index] = tlog.leaf_hash(entry.encode())
    growth = tlog.grow(0, lambda *_: b"", hashes)
    tiles = {(level, at): data for level, at, _, data in growth.tiles}
    path = tlog.inclusion_proof(lambda level, at, _: tiles[level, at], size, index)
    checkpoint = tlog.sign_checkpoint(tlog.Checkpoint(origin, size, growth.root), signers, timestamp=1)
    return tlog.format_receipt(entry, DOMAIN, SALT, BODY, index, path, checkpoint)


RECEIPT = made()


def test_a_good_receipt_says_what_it_proves() -> None:
    """A receipt gives back the entry, its body and its place under the signed checkpoint."""
    proved = tlog.verify_receipt(RECEIPT, BOTH)
    assert (proved.entry.kind, proved.body, proved.index) == ("thing.done/1", BODY, 3)
    assert proved.checkpoint.size == 5


def test_every_single_flipped_bit_fails() -> None:
    """No bit anywhere in a receipt can be flipped without the verification failing, when both keys are given.

    Within the 3,000 letters of the long signature each loses another bit in turn: they are all read alike.
    """
    long = range(RECEIPT.rindex("— ".encode()) + 100, len(RECEIPT) - 10)
    for place in range(len(RECEIPT)):
        for bit in (place % 8,) if place in long else range(8):
            flipped = bytearray(RECEIPT)
            flipped[place] ^= 1 << bit
            with pytest.raises(tlog.TlogError):
                tlog.verify_receipt(bytes(flipped), BOTH)


def test_with_one_key_only_the_other_keys_line_is_unprotected() -> None:
    """Under one key, every bit outside the other key's signature line is still protected."""
    line = RECEIPT.rindex("— ".encode())
    for place in range(line):
        flipped = bytearray(RECEIPT)
        flipped[place] ^= 1
        with pytest.raises(tlog.TlogError):
            tlog.verify_receipt(bytes(flipped), [ED.verifier])


def test_a_receipt_from_another_log_says_so() -> None:
    """A receipt of another log fails with a sentence that names both logs."""
    other = tlog.Signer.from_seed("other.example/roll", b"o" * 32, "ed25519")
    with pytest.raises(tlog.OtherLog, match=r"from the log 'other\.example/roll'.*for the log 'roll\.example/test'"):
        tlog.verify_receipt(made("other.example/roll", (other,)), BOTH)


def test_a_receipt_from_another_log_of_the_same_name_says_so() -> None:
    """A receipt of another log that has taken the same name fails with a sentence that says so."""
    other = tlog.Signer.from_seed(ORIGIN, b"o" * 32, "ed25519")
    with pytest.raises(tlog.OtherLog, match="from another log than yours, although it is called"):
        tlog.verify_receipt(made(signers=(other,)), BOTH)


def test_a_receipt_not_signed_by_a_given_key_fails() -> None:
    """A signature that was taken away is missed, although the other one still holds."""
    with pytest.raises(tlog.KeyMissing):
        tlog.verify_receipt(made(signers=(ED,)), BOTH)


def test_another_body_is_found_out() -> None:
    """A receipt whose body was exchanged no longer gives the commitment in the log."""
    entry = tlog.Entry("thing.done/1", "2006-10-30", tlog.commit(DOMAIN, SALT, BODY))
    proof = tlog.parse_proof(RECEIPT)
    lied = tlog.format_receipt(entry, DOMAIN, SALT, b'{"what":"else"}', proof.index, proof.path, proof.checkpoint)
    with pytest.raises(tlog.ContentChanged):
        tlog.verify_receipt(lied, BOTH)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_input_gives_anything_but_a_verdict_or_the_one_family(data: st.DataObject) -> None:
    """Random and mutated bytes give a verdict or a TlogError from every reader, never anything else."""
    cut = data.draw(st.integers(0, len(RECEIPT)))
    inserted = data.draw(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
    skipped = data.draw(st.integers(0, 40))
    mutated = data.draw(st.sampled_from([RECEIPT[:cut] + inserted + RECEIPT[cut + skipped :], inserted]))
    text = mutated.decode("utf-8", "replace")
    for read in (
        lambda: tlog.verify_receipt(mutated, BOTH),
        lambda: tlog.open_checkpoint(mutated, BOTH),
        lambda: tlog.open_note(mutated, BOTH),
        lambda: tlog.Entry.parse(mutated),
        lambda: tlog.decode_bundle(mutated),
        lambda: tlog.parse_tile_path(text),
        lambda: tlog.Verifier.parse(text),
        lambda: tlog.Signer.parse(text),
    ):
        try:
            read()
        except tlog.TlogError:
            continue


def test_the_command_needs_nothing_but_cryptography(tmp_path: Path) -> None:
    """`python -m openroll.tlog verify` runs where every other package is missing, and its exit code is the verdict."""
    receipt, key = tmp_path / "r.tlog-proof", tmp_path / "log.pub"
    receipt.write_bytes(RECEIPT)
    key.write_text(f"{ED.verifier_key}\n{PQ.verifier_key}\n")
    guard = (
        "import sys, importlib.abc, runpy\n"
        "class Guard(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.split('.')[0]\n"
        "        if top not in sys.stdlib_module_names | {'openroll', 'cryptography', '_cffi_backend'}:\n"
        "            raise ImportError(name + ' is not there')\n"
        "        parts = name.split('.')\n"
        "        if parts[0] == 'openroll' and parts[1:2] not in ([], ['tlog']):\n"
        "            raise ImportError(name + ' is another room')\n"
        "sys.meta_path.insert(0, Guard())\n"
        "runpy.run_module('openroll.tlog', run_name='__main__')\n"
    )
    command = [sys.executable, "-c", guard, "verify", str(receipt), "--key", str(key)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    assert "GOOD" in good.stdout
    assert "Not proved" in good.stdout
    reader, writer = os.pipe()
    os.close(
        reader
    )  # as `| head` leaves it: the verdict is the exit code all the same, and nothing is said of the receipt
    with os.fdopen(writer, "wb") as unread:
        left = subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, text=True, check=False)
    assert (left.returncode, left.stderr) == (0, "")
    receipt.write_bytes(RECEIPT.replace(b"index 3", b"index 2"))
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "NOT GOOD (proof-failed)" in bad.stderr
