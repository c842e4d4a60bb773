"""The browser's envelopes under Node.js: they keep to the vectors of others, and each side opens what the other sealed."""

import json
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disclosure.sealed import ASKED, CLASSIC, CONTENT, MATTER, OFFICER, OPERATOR, REVIEWER, STRANGER
from tests.disclosure.test_envelope import LOW_U, inside_of, resealed
from tests.disclosure.test_hpke_vectors import accumulated, read, schedule
from tests.handles import KEY, handle
from tests.tlog.test_corpus import node
from tests.vectors import needs

from openroll.disclosure.envelope import (
    BLOCK,
    HYBRID,
    X25519,
    EnvelopeNotOurs,
    EnvelopeShape,
    HeldKey,
    KeyUnfit,
    PublicKey,
    VerifyingKey,
    key_line,
    most_content,
    open_envelope,
    public_line,
    recipients,
    seal,
)
from openroll.disclosure.envelope.keys import derived
from openroll.disclosure.notice import (
    OwnNotice,
    bucket_of,
    month_bucket,
    nobody_secret,
    notice_key,
    notice_secret,
    own_notices,
    seal_notice,
    word_of,
)
from openroll.disclosure.notice_code import NoticeCodeWrong, code_of, secret_of
from openroll.disclosure.notice_heap import heap_json, heap_of
from openroll.register.request.words import ANSWER, TEXT

ROOT = Path(__file__).parents[2]
RUN = Path(__file__).with_name("run.mjs")
P = 2**255 - 19
EVERYONE = [OFFICER, REVIEWER, OPERATOR, STRANGER, CLASSIC]


def raw(data: bytes) -> dict[str, str]:
    """Bytes as run.mjs takes them."""
    return {"hex": data.hex()}


def keyed(key: HeldKey) -> list[Any]:
    """A holder's key as run.mjs takes it."""
    return [key.suite, raw(key.seed)]


def asked(*questions: list[Any]) -> list[Any]:
    """What the browser's code answers."""
    command = [node(), str(RUN), str(ROOT / "frontend" / "src")]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(questions)
    return answers


def lines(*keys: HeldKey) -> list[str]:
    """The public halves as text."""
    return [public_line(key.published) for key in keys]


@needs("hpke")
def test_the_browser_keeps_to_the_vectors() -> None:
    """RFC 9180's DHKEM(X25519) and MLKEM768-X25519 with the KDF and AEAD of envelopes: public keys and contents come out."""
    classic = next(
        one for one in read("rfc9180.json") if (one["kem_id"], one["kdf_id"], one["aead_id"]) == (0x20, 1, 3)
    )
    made = schedule(classic)
    assert accumulated(made, 3) == classic["encryptions_accumulated"]
    hybrid = next(one for one in read("hpke-pq.json") if (one["kem_id"], one["kdf_id"]) == (0x647A, 1))
    questions: list[list[Any]] = []
    for suite, vector, key, nonce in (
        (X25519, classic, made.key, made.nonce),
        (HYBRID, hybrid, bytes.fromhex(hybrid["key"]), bytes.fromhex(hybrid["base_nonce"])),
    ):
        sealed = ChaCha20Poly1305(key).encrypt(nonce, b"content", b"")
        seed, enc, info = ({"hex": vector[name]} for name in ("skRm", "enc", "info"))
        questions += [["publicOf", suite, seed], ["hpke", suite, seed, enc, raw(sealed), info]]
    assert asked(*questions) == [{"hex": classic["pkRm"]}, raw(b"content"), {"hex": hybrid["pkRm"]}, raw(b"content")]


def test_one_seed_gives_one_key_on_both_sides() -> None:
    """Key files and public halves are the same text, and each reads the other's."""
    questions: list[list[Any]] = []
    for key in EVERYONE:
        line, public = key_line(key), public_line(key.published)
        questions += [["key", keyed(key)], ["keyOf", line], ["publishedOf", public]]
    expected: list[Any] = []
    for key in EVERYONE:
        line, public = key_line(key), public_line(key.published)
        expected += [[line, public], line, public]
    output = bytes(range(32))
    questions.append(["fromPrf", raw(output)])
    assert asked(*questions) == [*expected, raw(derived(output, b"openroll envelope seed 1\0"))]


def test_samples_open_for_good() -> None:
    """Envelopes of both suites that were sealed when the form was made open on both sides, whatever is changed since."""
    samples = json.loads(RUN.with_name("samples.json").read_text("utf-8"))
    assert [one["suite"] for one in samples] == [HYBRID, X25519]
    questions: list[list[Any]] = []
    for one in samples:
        sender, recipient = (HeldKey(bytes.fromhex(one[name]), one["suite"]) for name in ("sender", "recipient"))
        envelope, content = b64decode(one["envelope"]), one["content"].encode()
        assert open_envelope(envelope, recipient.private, [sender.signing.verifying], one["context"]) == content
        questions.append(["open", raw(envelope), keyed(recipient), lines(sender), one["context"]])
    assert asked(*questions) == [raw(one["content"].encode()) for one in samples]


def test_each_opens_what_the_other_sealed() -> None:
    """Both suites as recipients and as signers, small and full envelopes: sealed here and opened there, and the other way."""
    to, most = [REVIEWER, CLASSIC], most_content([REVIEWER.private.public, CLASSIC.private.public], OFFICER.signing)
    here = [
        (signer, content, seal(content, [one.private.public for one in to], signer.signing, MATTER))
        for signer, content in ((OFFICER, CONTENT), (CLASSIC, b""), (OFFICER, bytes(most)))
    ]
    opening = [["open", raw(sealed), keyed(one), lines(signer), MATTER] for signer, _, sealed in here for one in to]
    sealing = [["seal", raw(content), lines(*to), keyed(signer), MATTER, BLOCK] for signer, content, _ in here]
    said = asked(*opening, *sealing, ["most", lines(*to), keyed(OFFICER)])
    assert said[: len(opening)] == [raw(content) for _, content, _ in here for _ in to]
    assert said[-1] == most
    for (signer, content, sealed), there in zip(here, said[len(opening) : -1], strict=True):
        other = bytes.fromhex(there["hex"])
        assert len(other) == len(sealed)
        assert recipients(other) == recipients(sealed)
        for one in to:
            assert open_envelope(other, one.private, [signer.signing.verifying], MATTER) == content


def test_a_request_is_of_the_same_sizes_from_a_page() -> None:
    """The browser fills up an ask and an answer to the very bytes that Python does, and the register takes."""
    to = [REVIEWER.private.public, CLASSIC.private.public]
    here = [len(seal(CONTENT, to, OFFICER.signing, MATTER, pad_to=size)) for size in (TEXT, ANSWER)]
    sealing = [
        ["seal", raw(CONTENT), lines(REVIEWER, CLASSIC), keyed(OFFICER), MATTER, size] for size in (TEXT, ANSWER)
    ]
    sizes, *there = asked(["sizes"], *sealing)
    assert sizes == [TEXT, ANSWER]
    assert [len(one["hex"]) // 2 for one in there] == here


def verdict(envelope: bytes, key: HeldKey, signer: HeldKey, context: str) -> Any:
    """What Python says of an envelope, in the words of run.mjs."""
    try:
        return raw(open_envelope(envelope, key.private, [signer.signing.verifying], context))
    except EnvelopeShape:
        return {"refused": "shape"}
    except EnvelopeNotOurs as error:
        return {"refused": error.reason}


@settings(max_examples=1, deadline=None)
@given(data=st.data())
def test_both_say_the_same_of_what_is_wrong(data: st.DataObject) -> None:
    """Cut, grown, altered, addressed anew, of another matter or sender, badly filled up: one verdict and one reason."""
    key, inside = inside_of(ASKED, REVIEWER)
    cases: list[tuple[bytes, HeldKey, HeldKey, str]] = [
        (ASKED, STRANGER, OFFICER, MATTER),
        (ASKED, OPERATOR, STRANGER, MATTER),
        (ASKED, OPERATOR, OFFICER, "another"),
        (resealed(key, [STRANGER], inside), STRANGER, OFFICER, MATTER),
        (resealed(key, [REVIEWER, OPERATOR], inside[:-1] + b"\1"), OPERATOR, OFFICER, MATTER),
        (resealed(key, [REVIEWER, OPERATOR], inside[:1024]), OPERATOR, OFFICER, MATTER),
        (resealed(key, [REVIEWER, OPERATOR], b"\3" + inside[1:]), OPERATOR, OFFICER, MATTER),
        (resealed(key, [REVIEWER, OPERATOR], inside[:40] + b"!" + inside[41:]), OPERATOR, OFFICER, MATTER),
        (resealed(key, [REVIEWER, OPERATOR], inside[:900] + b"!" + inside[901:]), OPERATOR, OFFICER, MATTER),
        (ASKED[:5] + ASKED[1190:2375] + ASKED[5:1190] + ASKED[2375:], OPERATOR, OFFICER, MATTER),
        *((envelope, OPERATOR, OFFICER, MATTER) for envelope in (b"", b"ORE1", ASKED + b"\0", ASKED + bytes(70_000))),
    ]
    for weak in LOW_U:
        at = 5 + 1 + 16 + 1120 - 32
        cases.append((ASKED[:at] + weak.to_bytes(32, "little") + ASKED[at + 32 :], OPERATOR, OFFICER, MATTER))
    for at in data.draw(st.lists(st.integers(0, len(ASKED) - 1), min_size=60, max_size=60)):
        altered = bytearray(ASKED)
        altered[at] ^= data.draw(st.integers(1, 255))
        cases += [(bytes(altered), OPERATOR, OFFICER, MATTER), (ASKED[:at], OPERATOR, OFFICER, MATTER)]
    said = asked(*(["open", raw(one), keyed(key), lines(signer), context] for one, key, signer, context in cases))
    assert said == [verdict(*case) for case in cases]


def test_both_refuse_the_same_keys() -> None:
    """Points of small order, other encodings, coefficients above the modulus, and what is cut off."""
    good, lattice = CLASSIC.private.public.raw, OPERATOR.private.public.raw
    signing = CLASSIC.signing.verifying.raw
    numbers = [*LOW_U, P, P + 1, 9 + (1 << 255)]
    sealed_to = [(X25519, number.to_bytes(32, "little")) for number in numbers]
    sealed_to += [(HYBRID, lattice[:-32] + number.to_bytes(32, "little")) for number in numbers]
    sealed_to += [
        (HYBRID, b"\xff" * 1184 + good),
        (HYBRID, b"\xff\xff" + lattice[2:]),
        (X25519, good),
        (HYBRID, lattice),
    ]
    low_y = [0, 1, P - 1, P, 2707385501144840649318225287225658788936804267575313519463743609750303402022]
    verified = [(X25519, (number | sign).to_bytes(32, "little")) for number in low_y for sign in (0, 1 << 255)]
    verified += [(X25519, signing), (X25519, signing[:-1]), (HYBRID, signing), (3, signing)]
    expected: list[Any] = []
    for make, keys in ((PublicKey, sealed_to), (VerifyingKey, verified)):
        for suite, data in keys:
            try:
                expected.append(make(suite, data).id)
            except KeyUnfit:
                expected.append({"refused": "key"})
    said = asked(
        *(["publicKey", suite, raw(data)] for suite, data in sealed_to),
        *(["verifyingKey", suite, raw(data)] for suite, data in verified),
    )
    assert said == expected
    assert len([one for one in said if isinstance(one, str)]) == 3


def test_a_notice_code_leads_to_the_same_on_both_sides() -> None:
    """Secret, code, bucket and key of a matter; and a heap, in which each finds what the other sealed."""
    secret = notice_secret(KEY, handle("A-1001"))
    said = asked(
        ["secret", raw(KEY), handle("A-1001")],
        ["code", raw(secret)],
        *(["bucket", raw(secret), number] for number in range(1, 12)),
        ["monthBucket", raw(secret), "2026-11"],
        ["noticeKey", raw(secret), "request 1"],
        ["sealNotice", raw(b"there"), raw(secret), keyed(OPERATOR), "request 2"],
        ["nobody", raw(KEY), 7],
        *(["word", raw(secret), matter] for matter in ("m", "理" * 40)),
    )
    assert said[:2] == [raw(secret), code_of(secret)]
    assert said[2:14] == [*(bucket_of(secret, number) for number in range(1, 12)), month_bucket(secret, "2026-11")]
    assert said[16] == raw(nobody_secret(KEY, 7))
    assert said[17:] == [word_of(secret, matter) for matter in ("m", "理" * 40)]
    assert said[14] == notice_key(secret, "request 1").public.id
    here = seal_notice(b"here", secret, OPERATOR.signing, "request 1")
    other = seal_notice(b"other", notice_secret(KEY, handle("A-1002")), OPERATOR.signing, "request 3")
    notices = [
        ("request 1", here),
        ("request 2", bytes.fromhex(said[15]["hex"])),
        ("request 3", other),
        ("request 1", here[:-1] + bytes([here[-1] ^ 1])),
        ("request 4", b"junk"),
    ]
    heap = heap_json(notices, [OPERATOR.published])
    assert list(own_notices(heap_of(heap).notices, secret, [OPERATOR.signing.verifying])) == [
        OwnNotice("request 1", b"here"),
        OwnNotice("request 2", b"there"),
        OwnNotice("request 1", None, "does-not-open"),
    ]
    assert asked(["own", heap.decode(), raw(secret)]) == [
        [
            {"context": "request 1", "content": raw(b"here")},
            {"context": "request 2", "content": raw(b"there")},
            {"context": "request 1", "reason": "does-not-open"},
        ]
    ]


def test_what_is_no_notice_or_no_key_hides_no_other() -> None:
    """A heap with things in it that are none is read but for these, on both sides; what was sealed to one and is nothing inside
    counts as altered."""
    secret = notice_secret(KEY, handle("A-1001"))
    good = seal_notice(b"here", secret, OPERATOR.signing, "request 1")
    with patch("openroll.disclosure.envelope.sealing.filled_up", lambda *_: b"\x09" * 1024):
        empty = seal_notice(b"", secret, OPERATOR.signing, "request 2")
    whole = json.loads(heap_json([("request 1", good), ("request 2", empty), ("", good)], [OPERATOR.published]))
    whole["notices"] += [
        None,
        7,
        {"context": "request 4"},
        {"context": 5, "envelope": ""},
        {"context": "c", "envelope": "?"},
    ]
    whole["senders"] += [None, "no key"]
    heap = json.dumps(whole)
    here = heap_of(heap.encode())
    assert here.senders == (OPERATOR.published,)
    assert list(own_notices(here.notices, secret, [one.verifying for one in here.senders])) == [
        OwnNotice("request 1", b"here"),
        OwnNotice("request 2", None, "does-not-open"),
    ]
    assert asked(["own", heap, raw(secret)]) == [
        [{"context": "request 1", "content": raw(b"here")}, {"context": "request 2", "reason": "does-not-open"}]
    ]


@settings(max_examples=1, deadline=None)
@given(data=st.data())
def test_both_read_a_code_alike(data: st.DataObject) -> None:
    """However a code is typed, and whatever else is typed: one secret, or none."""
    codes = [code_of(data.draw(st.binary(min_size=16, max_size=16))) for _ in range(8)]
    typed = [code.lower().replace("-", " ").replace("0", "o").replace("1", "l").replace("v", "u") for code in codes]
    typed += ["".join(chr(ord(char) + 0xFEE0) for char in codes[0].replace("-", "")), codes[1].replace("-", "\u2013")]
    typed += [code[:-1] + ("0" if code[-1] != "0" else "1") for code in codes]
    typed += data.draw(st.lists(st.text(max_size=30), min_size=40, max_size=40))
    expected: list[Any] = []
    for code in typed:
        try:
            expected.append(raw(secret_of(code)))
        except NoticeCodeWrong:
            expected.append(None)
    assert asked(*(["secretOf", code] for code in typed)) == expected
