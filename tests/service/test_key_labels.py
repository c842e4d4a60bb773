"""One key, one use: every key made from a secret of the roll has a label of its own, in the code and in docs/keys.md."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openroll.register.subscription import filing_code
from openroll.service import key_labels
from openroll.service.key_labels import USES, KeyUse
from openroll.service.sealing import CannotOpen
from openroll.store.claims import Claims

ROOT = Path(__file__).parents[2]
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "src/openroll").rglob("*.py")}
LABELS = ROOT / "src/openroll/service/key_labels.py"


class Given:
    """Secrets that are easily told apart."""

    code_key, address_key = bytes(range(32)), bytes(range(32, 64))


def test_the_page_lists_every_use_once_under_its_secret_and_as_it_is_derived() -> None:
    """A use that is added without a line in docs/keys.md, or a line without its use, is found."""
    text = (ROOT / "docs/keys.md").read_text("utf-8")
    for secret in ("filing codes", "addresses"):
        table = text.split(f"Made from the key of {secret}:")[1].split("\n\n")[1]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        told = {row[0].strip("`"): row[1].partition(" ")[0] for row in rows}
        assert len(told) == len(rows)
        assert told == {use.label: use.derivation for use in USES if use.root == secret}


def test_no_two_uses_share_a_label_or_a_derived_key() -> None:
    """What is derived differs for each use; what takes the secret itself is kept apart by a tweak or a purpose of its own."""
    assert len({use.label for use in USES}) == len(USES)
    for one, other in combinations(USES, 2):
        if "itself" not in (one.derivation, other.derivation):
            assert one.of(Given()) != other.of(Given()), (one, other)
    named = [value for value in vars(key_labels).values() if isinstance(value, KeyUse)]
    assert sorted(named) == sorted(USES)


@pytest.mark.parametrize("use", [use for use in USES if use.derivation == "HKDF-SHA-256"], ids=lambda use: use.label)
def test_a_derived_key_is_hkdf_under_its_label(use: KeyUse) -> None:
    """RFC 5869 with SHA-256, no salt, the label as info, 32 bytes: another program can make it again."""
    root = Given.code_key if use.root == "filing codes" else Given.address_key
    assert use.of(Given()) == HKDF(hashes.SHA256(), 32, salt=None, info=use.label.encode()).derive(root)


def test_what_older_rolls_hold_is_made_as_it_was() -> None:
    """Values that a roll of 768d606 and before has on disk: the labels of other rooms are the same as in the list."""
    claims = Claims(Given.code_key)
    inner, _ = claims.pads
    assert bytes(byte ^ 0x36 for byte in inner)[:32] == key_labels.DATABASE_CLAIMS.of(Given())
    assert claims.password == key_labels.RUNTIME_LOGIN.of(Given()).hex()
    assert key_labels.FILING_CODE.label.encode() == filing_code._DOMAIN
    assert key_labels.REFERENCE.label.encode() == filing_code._REFERENCE
    assert key_labels.SUBJECT.of(Given()).hex() == "87c952dc2bbcd0321fe241bdbc155b57976a4067e488d18d012c2c2e11eadb16"
    assert key_labels.CODES_CHECK.of(Given())[:16].hex() == "663377f4127f9e95ebe77c1cbb2efea3"


def test_no_key_is_derived_outside_the_list() -> None:
    """`subkey` is called, and a secret hashed with a label, in one module; the secrets themselves go where codes are made."""
    for path, text in SOURCES.items():
        if path == LABELS:
            continue
        assert not re.search(r"\bsubkey\((?!key: bytes)", text), path
        assert not re.search(r"(sha256|hmac\.\w+)\([^)\n]*(code_key|address_key)", text), path
        assert "keys.address_key" not in text or path.name in ("keys.py", "address_key.py"), path
    for path, text in SOURCES.items():
        for line in text.splitlines():
            if "keys.code_key" in line and path != LABELS:
                assert re.search(r"codes?_of|number_of|reference|unlock|key = (self._)?roll.keys.code_key", line), (
                    path,
                    line,
                )


def test_a_mail_sealed_before_mails_had_a_key_still_opens(roll: object) -> None:
    """Waiting mails of an older roll go out after the upgrade; one sealed under another's key opens by neither."""
    from uuid import UUID

    from openroll.service.mail import outbox
    from openroll.service.roll import Roll
    from openroll.service.sealing import seal

    assert isinstance(roll, Roll)
    number = UUID(int=7)
    bound = outbox._bound(roll.name, number, "address")
    old = seal(roll.keys.address_key, "li@example.org", bound, roll.random_bytes)
    new = outbox._seal(roll, number, "address", "li@example.org")
    assert {outbox._unseal(roll, number, "address", one) for one in (old, new)} == {"li@example.org"}
    with pytest.raises(CannotOpen):
        outbox._unseal(roll, number, "address", seal(bytes(32), "li@example.org", bound, roll.random_bytes))
