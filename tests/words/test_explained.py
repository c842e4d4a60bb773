"""A receipt in plain words: what it proves, what it does not, and what is wrong with a bad one, in both languages."""

from pathlib import Path

import pytest
from tests.watch.cheats.forge import receipt_of
from tests.watch.test_receipt_upgrade import KEYS, MINE, WITNESS, log_of

from openroll.tlog import KeyHistory, Signer, parse_policy, sign_note, split_note
from openroll.words.explained import explained

SILENT = Signer.from_seed("witness.example/w2", b"\x05" * 32, "cosignature").verifier
POLICY = parse_policy(f"log {KEYS[0]}\nwitness w1 {WITNESS.verifier}\nwitness w2 {SILENT}\nquorum w1\n".encode())


@pytest.fixture
def receipt(tmp_path: Path) -> bytes:
    """A good receipt, cosigned by one witness."""
    folder = log_of(tmp_path / "log", 300, 7)
    path = folder / "checkpoint"
    text, _ = split_note(path.read_bytes())
    path.write_bytes(path.read_bytes() + sign_note(text, [WITNESS], timestamp=1_165_000_000)[len(text) + 1 :])
    return receipt_of(folder, MINE, 7)


def said(receipt: bytes, lang: str, **given: object) -> str:
    """All paragraphs."""
    return "\n".join(explained(receipt, KeyHistory(KEYS), lang, lambda kind: f"<{kind}>", **given).paragraphs)  # type: ignore[arg-type] # a policy or nothing


def test_what_a_good_receipt_proves(receipt: bytes) -> None:
    """The act, the day, the place, the keys and the content are named; without a policy nothing is said of others."""
    english = said(receipt, "en")
    for text in (
        "27 November 2006",
        "<subscription.filed/1>",
        "entry 7",
        "300 entries",
        "500103",
        "roll.example/upgrading",
    ):
        assert text in english, text
    assert "that others are shown the same log" in english
    assert "by keys not known here: witness.example/w1" in english
    chinese = said(receipt, "zh")
    assert "2006年11月27日" in chinese
    assert "第7条" in chinese
    assert "别人看到的是同一份日志" in chinese


def test_what_its_witnesses_add(receipt: bytes) -> None:
    """Under a policy each witness is named with its time, or as missing, and the split view is said to be ruled out."""
    english = said(receipt, "en", policy=POLICY)
    assert "The witness w1 cosigned this log on 1 December 2006 at 19:06:40 UTC." in english
    assert "The witness w2 of your policy has not cosigned." in english
    assert "are all in it together" in english
    assert "Nothing rests on them" not in english
    assert "2006年12月1日 19:06:40 UTC" in said(receipt, "zh", policy=POLICY)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_bad_receipt_is_explained_too(receipt: bytes, lang: str) -> None:
    """Bent anywhere, it is called bad with a reason in the language asked for, and what it claims is called unproved."""
    signed = receipt.rindex("— witness".encode())  # without a policy nobody vouches for the line of a witness
    for at in range(0, signed, 97):
        bent = bytearray(receipt)
        bent[at] ^= 1
        told = explained(bytes(bent), KeyHistory(KEYS), lang, lambda kind: kind)
        assert not told.good, at
        assert ("不可信" if lang == "zh" else "not good") in told.paragraphs[0]
    nothing = explained(b"", KeyHistory(KEYS), lang, lambda kind: kind)
    assert not nothing.good
    assert len(nothing.paragraphs) == 3


def test_what_a_bad_receipt_claims_is_told_as_a_claim(receipt: bytes) -> None:
    """Another log's keys: the claim is repeated, and said not to be proved."""
    stranger = [WITNESS.verifier]
    told = explained(receipt, KeyHistory(stranger), "en", lambda kind: kind)
    text = "\n".join(told.paragraphs)
    assert not told.good
    assert "None of this is proved" in text
    assert "27 November 2006" in text


def test_a_line_with_the_logs_name_is_not_the_logs_signature(receipt: bytes) -> None:
    """Anyone can add a line in the log's name: what was not checked is called unknown, by its key, and signs for nothing."""
    forged = Signer.from_seed(KEYS[0].name, b"\x07" * 32, "ed25519")
    line = sign_note("anything\n", [forged]).partition(b"\n\n")[2]
    key = f"{forged.name}+{forged.verifier.key_id.hex()}"
    for policy in (None, POLICY):
        told = explained(receipt + line, KeyHistory(KEYS), "en", lambda kind: kind, policy)
        assert told.good
        (signed,) = [one for one in told.paragraphs if one.startswith("Signed with")]
        (unknown,) = [one for one in told.paragraphs if "not known here" in one]
        assert key not in signed
        assert all(f"{one.name}+{one.key_id.hex()}" in signed for one in KEYS)
        assert key in unknown


def test_a_receipt_under_a_policy_alone_names_the_key_the_policy_lists(receipt: bytes) -> None:
    """Without keys of one's own, only the policy's log key was checked; the log's second key is then a stranger's."""
    told = explained(receipt, KeyHistory(()), "en", lambda kind: kind, POLICY)
    assert told.good
    (signed,) = [one for one in told.paragraphs if one.startswith("Signed with")]
    assert KEYS[0].key_id.hex() in signed
    assert KEYS[1].key_id.hex() not in signed
