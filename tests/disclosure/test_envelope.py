"""Envelopes: who can open what, what nobody can turn them into, and that any bytes at all are told apart without a traceback."""

import hashlib
import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disclosure.sealed import ASKED, CLASSIC, CONTENT, MATTER, OFFICER, OPERATOR, REVIEWER, STRANGER

from openroll.disclosure.envelope import (
    BLOCK,
    HYBRID,
    MOST_BYTES,
    MOST_RECIPIENTS,
    X25519,
    EnvelopeError,
    EnvelopeNotOurs,
    EnvelopeShape,
    EnvelopeTooLong,
    HeldKey,
    KeyUnfit,
    PublicKey,
    VerifyingKey,
    digest,
    is_signed,
    key_line,
    key_of,
    most_content,
    open_envelope,
    public_line,
    published_of,
    recipients,
    seal,
)
from openroll.disclosure.envelope.form import Header, Stanza, around, binding, signed_message, take_apart
from openroll.disclosure.envelope.inside import NONCE, body_key, commitment_of, filled_up
from openroll.disclosure.envelope.suites import SUITES

BOTH = [REVIEWER, OPERATOR]
P = 2**255 - 19
LOW_U = [
    0,
    1,
    P - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]


def opened(envelope: bytes, key: HeldKey, signer: HeldKey = OFFICER, context: str = MATTER) -> bytes:
    """Open as `key`'s holder, who expects `signer`."""
    return open_envelope(envelope, key.private, [signer.signing.verifying], context)


def reason(envelope: bytes, key: HeldKey, signer: HeldKey = OFFICER, context: str = MATTER) -> str:
    """Why an envelope does not open."""
    with pytest.raises(EnvelopeNotOurs) as caught:
        opened(envelope, key, signer, context)
    return caught.value.reason


def resealed(key: bytes, to: list[HeldKey], inside: bytes, context: str = MATTER) -> bytes:
    """An envelope made by hand around an inside, by somebody who knows its key and keeps to no rule."""
    ordered = sorted((one.private.public for one in to), key=lambda one: one.key_id)
    info = binding([(one.suite, one.key_id) for one in ordered], context)
    stanzas = []
    for one in ordered:
        form = SUITES[one.suite]
        sealed = form.hpke.encrypt(key, one.hpke, info)
        stanzas.append(Stanza(one.suite, one.key_id, sealed[: form.encapsulated], sealed[form.encapsulated :]))
    head = Header(tuple(stanzas), commitment_of(key)).encoded()
    return head + ChaCha20Poly1305(body_key(key)).encrypt(NONCE, inside, around(head, context))


def inside_of(envelope: bytes, key: HeldKey, context: str = MATTER) -> tuple[bytes, bytes]:
    """The key and the plaintext of an envelope, as a recipient who is up to something takes them out."""
    parts = take_apart(envelope)
    info = binding([(one.suite, one.key_id) for one in parts.header.stanzas], context)
    mine = next(one for one in parts.header.stanzas if one.key_id == key.private.public.key_id)
    secret = SUITES[mine.suite].hpke.decrypt(mine.encapsulated + mine.sealed, key.private.hpke, info)
    return secret, ChaCha20Poly1305(body_key(secret)).decrypt(NONCE, parts.body, around(parts.head, context))


@pytest.mark.parametrize("holder", BOTH)
def test_each_recipient_opens_it(holder: HeldKey) -> None:
    """Reviewer and operator read the same content of one envelope, whose header names both, and whose length is whole blocks."""
    assert opened(ASKED, holder) == CONTENT
    assert set(recipients(ASKED)) == {one.id for one in BOTH}
    assert (len(take_apart(ASKED).body) - 16) % BLOCK == 0
    assert digest(ASKED) == hashlib.sha256(ASKED).hexdigest()


@pytest.mark.parametrize("signer", [OFFICER, CLASSIC])
def test_both_suites_go_into_one_envelope(signer: HeldKey) -> None:
    """Recipients of either suite open an envelope that either suite signed."""
    sealed = seal(b"", [CLASSIC.private.public, OPERATOR.private.public], signer.signing, "m")
    assert [opened(sealed, one, signer, "m") for one in (CLASSIC, OPERATOR)] == [b"", b""]


def test_nobody_else_opens_it_and_no_one_opens_it_elsewhere() -> None:
    """A stranger's key, another matter, another expected sender: each is refused for its own reason."""
    assert reason(ASKED, STRANGER) == "not-a-recipient"
    assert reason(ASKED, OPERATOR, context=MATTER.replace("=7", "=8")) == "does-not-open"
    assert reason(ASKED, OPERATOR, context=MATTER.replace("ask", "answer")) == "does-not-open"
    assert reason(ASKED, OPERATOR, signer=STRANGER) == "signer-unknown"
    assert reason(ASKED, OPERATOR, signer=CLASSIC) == "signer-unknown"


def test_no_recipient_can_address_it_anew() -> None:
    """The reviewer, who has content and signature, can seal them to nobody else, in no other matter, and to no shorter list."""
    key, inside = inside_of(ASKED, REVIEWER)
    for to, context in (
        ([STRANGER], MATTER),
        (BOTH, "another matter"),
        ([OPERATOR], MATTER),
        ([*BOTH, STRANGER], MATTER),
    ):
        assert reason(resealed(key, to, inside, context), to[-1], context=context) == "signature"


def test_no_recipient_can_change_what_was_said() -> None:
    """The reviewer knows the key of the body; another content under it bears no signature of the officer."""
    key, inside = inside_of(ASKED, REVIEWER)
    head = take_apart(ASKED).head
    other = inside.replace(b"one record", b"two record")
    forged = head + ChaCha20Poly1305(body_key(key)).encrypt(NONCE, other, around(head, MATTER))
    assert reason(forged, OPERATOR) == "signature"


def test_a_sender_cannot_show_two_recipients_two_contents() -> None:
    """Two keys in one envelope, one for the reviewer and one for the operator: only the key that is committed to opens it."""
    keys = {REVIEWER.id: b"r" * 32, OPERATOR.id: b"o" * 32}
    ordered = sorted((one.private.public for one in BOTH), key=lambda one: one.key_id)
    info = binding([(one.suite, one.key_id) for one in ordered], MATTER)
    stanzas = []
    for one in ordered:
        sealed = SUITES[HYBRID].hpke.encrypt(keys[one.id], one.hpke, info)
        stanzas.append(Stanza(HYBRID, one.key_id, sealed[:1120], sealed[1120:]))
    head = Header(tuple(stanzas), commitment_of(keys[REVIEWER.id])).encoded()
    signature = OFFICER.signing.sign(signed_message(head, MATTER, OFFICER.signing.verifying.key_id, b"x"))
    inside = filled_up(OFFICER.signing.verifying, signature, b"x", BLOCK, MOST_BYTES)
    for key in keys.values():
        envelope = head + ChaCha20Poly1305(body_key(key)).encrypt(NONCE, inside, around(head, MATTER))
        assert reason(envelope, OPERATOR) == "does-not-open"


def test_a_signature_is_by_both_of_its_parts() -> None:
    """With either half of a hybrid signature taken from elsewhere, or the Ed25519 half alone, it is none."""
    key = OFFICER.signing.verifying
    good, other = OFFICER.signing.sign(b"m"), STRANGER.signing.sign(b"m")
    assert key.is_signature(good, b"m")
    assert not any(
        key.is_signature(one, b"m")
        for one in (good[:64] + other[64:], other[:64] + good[64:], good[:64], good + b"\0", b"")
    )
    assert not key.is_signature(good, b"n")


def test_contents_of_one_block_look_alike() -> None:
    """Lengths differ by whole KiB alone; a sender may ask for coarser steps, and the most that fits is never passed."""
    to, signer = [OPERATOR.private.public], OFFICER.signing
    most = most_content(to, signer)
    lengths = {len(seal(bytes(size), to, signer, "m")) for size in (0, 1, 500)}
    assert len(lengths) == 1
    coarse = {len(seal(bytes(size), to, signer, "m", pad_to=16 * BLOCK)) for size in (0, 9_000)}
    assert len(coarse) == 1
    assert coarse > lengths or min(coarse) > max(lengths)
    full = seal(bytes(most), to, signer, "m", pad_to=48 * BLOCK)
    assert MOST_BYTES - BLOCK < len(full) <= MOST_BYTES
    assert len(opened(full, OPERATOR, context="m")) == most
    with pytest.raises(EnvelopeTooLong) as caught:
        seal(bytes(most + 1), to, signer, "m")
    assert caught.value.most == most


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda plain: plain[:-1] + b"\1", "filled up"),
        (lambda plain: b"\3" + plain[1:], "suite of its signature"),
        (lambda plain: plain[:2501] + b"\xff\xff\xff\xff" + plain[2505:], "filled up"),
        (lambda plain: plain[:1024], "cut off"),
    ],
)
def test_what_is_inside_is_checked_too(damage: Callable[[bytes], bytes], said: str) -> None:
    """What fills an envelope up is zeros alone, and lengths are true, also where a sender who signs well made it otherwise."""
    key, inside = inside_of(ASKED, REVIEWER)
    with pytest.raises(EnvelopeShape, match=said):
        opened(resealed(key, BOTH, damage(inside)), OPERATOR)


@pytest.mark.parametrize("at", [0, 4, 5, 6, 30, 1189, 1190, 2375, 2400, 2407, -1, -17, -1040])
@settings(max_examples=3, deadline=None)
@given(mask=st.integers(1, 255))
def test_no_byte_can_be_altered(at: int, mask: int) -> None:
    """A byte of the magic, a suite, an id, a key, the commitment or the body that is another: it does not open."""
    altered = bytearray(ASKED)
    altered[at] ^= mask
    with pytest.raises((EnvelopeShape, EnvelopeNotOurs)):
        opened(bytes(altered), OPERATOR)
    with pytest.raises((EnvelopeShape, EnvelopeNotOurs)):
        opened(ASKED[:at], OPERATOR)


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=80),
        st.binary(max_size=3000).map(lambda data: b"ORE1" + data),
        st.tuples(st.integers(0, len(ASKED)), st.integers(0, len(ASKED)), st.binary(max_size=40)).map(
            lambda cut: ASKED[: cut[0]] + cut[2] + ASKED[cut[1] :]
        ),
    )
)
def test_any_bytes_are_told_apart(data: bytes) -> None:
    """Any bytes are an envelope that opens, or one of the two errors; who may only read the header sees the shape alone."""
    with suppress(EnvelopeShape, EnvelopeNotOurs):
        assert (opened(data, OPERATOR), data) == (CONTENT, ASKED)
    with suppress(EnvelopeShape):
        assert recipients(data)


def test_a_header_has_one_form() -> None:
    """Recipients in another order, one twice, none, too many, a version or a suite that is not known: no envelope."""
    head, body = take_apart(ASKED).head, take_apart(ASKED).body
    first, second, commitment = head[5:1190], head[1190:2375], head[2375:]

    def made(count: int, *stanzas: bytes, magic: bytes = b"ORE1") -> bytes:
        return magic + bytes([count]) + b"".join(stanzas) + commitment + body

    assert made(2, first, second) == ASKED
    wrong = [
        made(2, second, first),
        made(2, first, first),
        made(0),
        made(17, *[first] * 17),
        made(2, first, second, magic=b"ORE2"),
        made(2, b"\3" + first[1:], second),
        ASKED + b"\0",
        ASKED + bytes(64 * 1024),
        head,
        head + bytes(16),
    ]
    for envelope in wrong:
        with pytest.raises(EnvelopeShape):
            recipients(envelope)


@pytest.mark.parametrize("u", [*LOW_U, *(u + P for u in LOW_U if u + P < 2**255), P, 9 + (1 << 255)])
def test_keys_under_which_nothing_is_secret_are_refused(u: int) -> None:
    """Points of small order and other encodings: not as a key to seal to, in either suite, and not in an envelope's header."""
    weak = u.to_bytes(32, "little")
    with pytest.raises(KeyUnfit):
        PublicKey(X25519, weak)
    with pytest.raises(KeyUnfit):
        PublicKey(HYBRID, OPERATOR.private.public.raw[:-32] + weak)
    at = ASKED.index(take_apart(ASKED).header.stanzas[0].encapsulated) + 1120 - 32
    with pytest.raises(EnvelopeShape, match="small order"):
        recipients(ASKED[:at] + weak + ASKED[at + 32 :])


@pytest.mark.parametrize(
    "y",
    [
        0,
        1,
        P - 1,
        P,
        P + 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    ],
)
def test_keys_under_which_anyone_signs_are_refused(y: int) -> None:
    """Ed25519 keys of small order, with either sign, and other encodings are no keys to verify with."""
    for sign in (0, 1 << 255):
        with pytest.raises(KeyUnfit):
            VerifyingKey(X25519, (y | sign).to_bytes(32, "little"))


def test_keys_of_the_wrong_making_are_refused() -> None:
    """Wrong lengths, unknown suites, and an ML-KEM key with a coefficient above the modulus."""
    unreduced = b"\xff" * 1184 + CLASSIC.private.public.raw
    for make in (
        lambda: PublicKey(HYBRID, unreduced),
        lambda: PublicKey(3, bytes(32)),
        lambda: PublicKey(X25519, bytes(31)),
        lambda: VerifyingKey(X25519, bytes(33)),
        lambda: HeldKey(bytes(31)),
        lambda: HeldKey(bytes(32), 3),
    ):
        with pytest.raises(KeyUnfit):
            make()


@pytest.mark.parametrize("key", [OFFICER, CLASSIC])
def test_keys_go_through_text(key: HeldKey) -> None:
    """A holder's line and the public line are read as they were written; one changed character is found, and no key is shown."""
    line, public = key_line(key), public_line(key.published)
    assert key_of(line).published == key.published == published_of(public)
    for text, read in ((line, key_of), (public, published_of)):
        for at in range(4, len(text) - 1, 97):
            with pytest.raises(KeyUnfit):
                read(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
        for other in ("", text[:-9], text + "x", text.replace("-1 ", "-2 ", 1)):
            with pytest.raises(KeyUnfit):
                read(other)
    for one in (key, key.private, key.signing):
        assert key.seed.hex() not in repr(one)
        assert key.id in repr(one) or key.signing.verifying.id in repr(one)


def test_a_sender_is_told_what_cannot_be_sealed() -> None:
    """No recipients, too many, one twice, a context that is none, steps that are no whole KiB."""
    one = OPERATOR.private.public
    many = [HeldKey(bytes([number]) * 32, X25519).private.public for number in range(MOST_RECIPIENTS + 1)]
    for to in ([], [one, one], many):
        with pytest.raises(ValueError, match="recipients"):
            seal(b"", to, OFFICER.signing, "m")
    for context in ("", "x" * 1025, "\ud800"):
        with pytest.raises(ValueError, match="context"):
            seal(b"", [one], OFFICER.signing, context)
    for step in (0, 1000, -1024):
        with pytest.raises(ValueError, match="whole number"):
            seal(b"", [one], OFFICER.signing, "m", pad_to=step)
    assert issubclass(EnvelopeTooLong, EnvelopeError)


def test_opening_draws_nothing_at_random() -> None:
    """A process whose sources of randomness are gone still opens, reads and derives; it cannot seal."""
    program = (
        "import os, secrets, sys\n"
        "from tests.disclosure.sealed import ASKED, CONTENT, MATTER, OFFICER, OPERATOR\n"
        "from openroll.disclosure.envelope import open_envelope, recipients, seal\n"
        "def gone(*_): raise AssertionError('drawn at random')\n"
        "os.urandom = secrets.token_bytes = gone\n"
        "assert open_envelope(ASKED, OPERATOR.private, [OFFICER.signing.verifying], MATTER) == CONTENT\n"
        "assert recipients(ASKED)\n"
        "try: seal(b'', [OPERATOR.private.public], OFFICER.signing, MATTER)\n"
        "except AssertionError: sys.exit(7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 7, done.stderr


def test_sealing_alone_draws_randomness() -> None:
    """Of all files of `disclosure` only envelope/sealing.py imports a source of it; none reaches a clock, a file or a network."""
    room = Path(__file__).parents[2] / "src/openroll/disclosure"
    reaches = re.compile(
        r"^\s*(?:from|import) (os|secrets|random|time|datetime|socket|pathlib|io|subprocess)\b", re.MULTILINE
    )
    found = {
        str(path.relative_to(room)): set(reaches.findall(path.read_text("utf-8")))
        for path in sorted(room.rglob("*.py"))
    }
    assert {name: taken for name, taken in found.items() if taken} == {"envelope/sealing.py": {"secrets"}}


def test_the_page_on_envelopes_opens_its_own_sample() -> None:
    """What docs/envelopes.md prints is what the code makes, and the program that it shows opens the sample that it shows."""
    page = (Path(__file__).parents[2] / "docs" / "envelopes.md").read_text("utf-8")
    sample = page.split("\n## A sample\n")[1].split("\n### ")[0]
    public, encoded, signature = re.findall(r"(?:^    .+\n)+", sample, re.MULTILINE)
    sender, recipient = (HeldKey(bytes(range(at, at + 32)), X25519) for at in (0, 32))
    assert is_signed("openroll decision 1 request=7", signature.strip(), sender.published.verifying)
    assert public.strip() == public_line(sender.published).strip()
    program: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], program)  # noqa: S102 - our own page
    envelope = b64decode("".join(encoded.split()))
    opening = (envelope, recipient.seed, "openroll sample 1")
    assert program["opened"](*opening).decode() == "Grounds 理由"
    assert (
        open_envelope(envelope, recipient.private, [sender.signing.verifying], "openroll sample 1").decode()
        == "Grounds 理由"
    )
    for name in re.findall(r"`(test_\w+)`", page):
        assert any(
            f"def {name}(" in path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")
        ), name
    most = most_content([OPERATOR.private.public, REVIEWER.private.public], OFFICER.signing)
    assert f"{most:,} bytes of" in page
