"""Writes the corpus of receipts: `python -m tests.tlog.corpus.make`, from the head of the project.

Everything comes from fixed seeds. ML-DSA-44 is signed with fresh randomness, so the receipts that bear it are made once and kept
in `post-quantum.json`; what is there is used again. Of a mutation only that it is not good is known beforehand: the rule it
breaks is the one that openroll.tlog finds, which the other check must find too. Of all others the verdict is written by hand.
"""

import gzip
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from openroll import tlog
from openroll.tlog.note import COSIGNATURE, SUBTREE
from tests.tlog.corpus.crafted import crafted
from tests.tlog.corpus.edges import edges, named_key, small_points
from tests.tlog.corpus.forge import ED, ORIGIN, Forged, encoded, line

HERE = Path(__file__).parent
CORPUS, KEPT = HERE / "corpus.json.gz", HERE / "post-quantum.json"
PQ = tlog.Signer.from_seed(ORIGIN, bytes([2]) * 32, "ml-dsa-44")
W1 = tlog.Signer.from_seed("w1.example", b"1" * 32, "cosignature")
W2 = tlog.Signer.from_seed("w2.example", b"2" * 32, "ml-dsa-44")
W3 = tlog.Signer.from_seed("w3.example", b"3" * 32, "cosignature")
TIME = 1_795_000_000
F = Forged()


class Case(NamedTuple):
    """A receipt, the keys and the policy it is checked under, and the verdict: its code and the rule broken."""

    name: str
    receipt: bytes
    keys: tuple[str, ...]
    policy: bytes | None
    code: str
    rule: str


def expand(corpus: dict[str, list[Any]]) -> Iterator[Case]:
    """The cases of a corpus as it is written: each receipt is a base with one piece of it replaced."""
    bases = [b64decode(one) for one in corpus["bases"]]
    for row in corpus["cases"]:
        name, base, start, end, piece, keys, policy, code, rule = row
        receipt = bases[base][:start] + b64decode(piece) + bases[base][end:]
        told = None if policy is None else b64decode(corpus["policies"][policy])
        yield Case(name, receipt, tuple(corpus["keys"][key] for key in keys), told, code, rule)


def read() -> dict[str, list[Any]]:
    """The corpus as it is written."""
    corpus: dict[str, list[Any]] = json.loads(gzip.decompress(CORPUS.read_bytes()))
    return corpus


def verdict(case: Case) -> tuple[str, str]:
    """What openroll.tlog says of a case."""
    try:
        keys = [tlog.Verifier.parse(key) for key in case.keys]
        policy = None if case.policy is None else tlog.parse_policy(case.policy)
        tlog.verify_receipt(case.receipt, keys, policy=policy)
    except tlog.TlogError as error:
        return error.code, error.rule
    return "good", ""


def post_quantum() -> dict[str, bytes]:
    """Receipts under both keys of the log, and one with cosignatures."""
    if KEPT.exists():
        return {name: b64decode(data) for name, data in json.loads(KEPT.read_text()).items()}
    text = F.bytes().partition(b"\n\n")[2].rpartition(b"\n\n")[0].decode() + "\n"
    pq = line(ORIGIN, PQ.verifier.key_id + PQ.sign(text))
    w1, w3 = (line(one.name, one.verifier.key_id + one.sign(text, TIME)) for one in (W1, W3))
    w2 = line(W2.name, W2.verifier.key_id + W2.sign(text, TIME))
    both = F.bytes() + pq.encode()
    made = {"both": both, "witnessed": both + (w1 + w2).encode(), "w3": w3.encode()}
    KEPT.write_text(json.dumps({name: b64encode(data).decode() for name, data in made.items()}, indent=0) + "\n")
    return made


def cases() -> Iterator[Case]:
    """All cases, in an order that stays."""
    ed, both = (ED.verifier_key,), (ED.verifier_key, PQ.verifier_key)
    kept = post_quantum()
    for name, receipt, code, rule in crafted():
        yield Case(name, receipt, ed, None, code, rule)
    for name, receipt, key, code, rule in edges():
        yield Case(name, receipt, (key,), None, code, rule)
    yield Case("both keys", kept["both"], both, None, "good", "")
    yield from _post_quantum(kept["both"])
    yield from _policies(kept)
    yield from _keys()
    yield from _saved(kept["both"], both)
    for base, keys, step, name in ((F.bytes(), ed, 1, "plain"), (kept["both"], both, 9, "post-quantum")):
        for what, receipt in mutations(base, step):
            made = Case(f"{name}: {what}", receipt, keys, None, "", "")
            code, rule = verdict(made)
            yield made._replace(code=code, rule=rule)


def mutations(base: bytes, step: int) -> Iterator[tuple[str, bytes]]:
    """One bit flipped, a byte gone, a byte more, a line gone, twice or moved, the end cut off."""
    rng = random.Random(f"mutations {step}")
    for at in range(0, len(base), step):
        flipped = base[:at] + bytes([base[at] ^ 1 << rng.randrange(8)]) + base[at + 1 :]
        yield f"a bit of byte {at} flipped", flipped
    for at in range(0, len(base), step * 5):
        yield f"byte {at} gone", base[:at] + base[at + 1 :]
        more = rng.choice(b"\n \tA=+/0\x00\xff\xe2.\r")
        yield f"0x{more:02x} before byte {at}", base[:at] + bytes([more]) + base[at:]
    lines = base.splitlines(keepends=True)
    dash = "— ".encode()  # signature lines stand in any order
    for at, one in enumerate(lines):
        yield f"line {at} gone", b"".join(lines[:at] + lines[at + 1 :])
        yield f"line {at} twice", b"".join([*lines[:at], one, *lines[at:]])
        if at and lines[at - 1] != one and not lines[at - 1].startswith(dash):
            yield f"line {at} moved up", b"".join([*lines[: at - 1], one, lines[at - 1], *lines[at + 1 :]])
        if lines[at - 1] != one:
            yield (
                f"line {at} in place of the one before",
                b"".join([*lines[: at - 1], one, *lines[at:]]) if at else one + base,
            )
    for at in range(0, len(base) - 1, max(1, len(base) // 60)):
        yield f"cut off behind {at}", base[:at]


def _post_quantum(good: bytes) -> Iterator[Case]:
    keys = (ED.verifier_key, PQ.verifier_key)
    head, _, encoded_line = good[:-1].rpartition(b" ")
    data = b64decode(encoded_line)
    sig = data[4:]

    def made(name: str, changed: bytes) -> Case:
        receipt = head + b" " + b64encode(data[:4] + changed) + b"\n"
        return Case(f"ml-dsa-44 {name}", receipt, keys, None, "signature-failed", "S4")

    for size in (1, 8, 64, 72, 2427, 2429, 2420, 4000):
        yield made(f"signature of {size} bytes", (sig + sig)[:size])
    for at in range(8):
        yield made(f"timestamp byte {at}", sig[:at] + bytes([sig[at] ^ 1]) + sig[at + 1 :])
    yield made("timestamp 2**63", b"\x80" + sig[1:])
    for at in range(8, 40, 4):
        yield made(f"c, byte {at}", sig[:at] + bytes([sig[at] ^ 1]) + sig[at + 1 :])
    for at in range(40, 40 + 4 * 576, 96):
        yield made(f"z out of range at {at}", sig[:at] + b"\xff\xff\xff" + sig[at + 3 :])
        yield made(f"z at its lower end at {at}", sig[:at] + bytes(3) + sig[at + 3 :])
    for what, changed in _hints(sig):
        yield made(what, changed)
    yield made("all zero", bytes(len(sig)))
    public = bytearray(PQ.verifier.public)
    public[40] ^= 1
    altered = named_key(bytes(public), kind=SUBTREE)
    ident = bytes.fromhex(altered.split("+")[1])
    other = head + b" " + b64encode(ident + sig) + b"\n"
    yield Case("ml-dsa-44 under another key", other, (ED.verifier_key, altered), None, "signature-failed", "S4")


def _hints(sig: bytes) -> Iterator[tuple[str, bytes]]:
    """The hints at the end of a signature (FIPS 204 algorithm 21): 80 places and four counts, in other ways than the one."""
    hints = 40 + 4 * 576
    used = sig[-1]
    for at in range(80):
        for value in (1, 0x80, 0xFF):
            yield (
                f"hint {at} xor {value}",
                sig[: hints + at] + bytes([sig[hints + at] ^ value]) + sig[hints + at + 1 :],
            )
    for at in range(4):
        for value in (0, 79, 80, 81, 255):
            if sig[hints + 80 + at] != value:
                yield (f"hints end {at} = {value}", sig[: hints + 80 + at] + bytes([value]) + sig[hints + 81 + at :])
    for at in range(used - 1):
        a, b = sig[hints + at], sig[hints + at + 1]
        swapped = sig[: hints + at] + bytes([b, a]) + sig[hints + at + 2 :]
        yield (f"hints {at} and {at + 1} exchanged", swapped)
        yield (f"hint {at} twice", sig[: hints + at] + bytes([a, a]) + sig[hints + at + 2 :])


def _policies(kept: dict[str, bytes]) -> Iterator[Case]:
    logs = f"log {ED.verifier_key}\nlog {PQ.verifier_key}\n"
    three = "".join(f"witness {name} {one.verifier_key}\n" for name, one in (("a", W1), ("b", W2), ("c", W3)))
    receipt = kept["witnessed"]
    both = (ED.verifier_key, PQ.verifier_key)
    good = {
        "quorum none": f"{logs}quorum none\n",
        "one witness": f"{logs}{three}quorum a\n",
        "any": f"{logs}{three}group g any a b c\nquorum g\n",
        "two of three": f"{logs}{three}group g 2 a b c\nquorum g\n",
        "no newline at the end": f"{logs}quorum none",
        "tabs and comments": f"# x\n\t{logs.replace(' ', chr(9))}\n # y\nquorum \t none\n",
        "one log": f"log {ED.verifier_key} https://x/\nquorum none\n",
        "a witness named oddly": f"{logs}witness __proto__ {W1.verifier_key}\nquorum __proto__\n",
        "a group named constructor": f"{logs}{three}group constructor 2 a b\nquorum constructor\n",
        "no log": f"{three}quorum a\n",
    }
    for name, text in good.items():
        keys = both if name == "no log" else ()
        yield Case(f"policy: {name}", receipt, keys, text.encode(), "good", "")
        yield Case(f"policy and keys: {name}", receipt, both, text.encode(), "good", "")
    short = {
        "all": f"{logs}{three}group g all a b c\nquorum g\n",
        "the third": f"{logs}{three}quorum c\n",
        "nested": f"{logs}{three}group g 2 b c\ngroup h all g a\nquorum h\n",
    }
    for name, text in short.items():
        yield Case(f"quorum: {name}", receipt, (), text.encode(), "quorum-missing", "Q1")
        altered = receipt.replace(b"index 3", b"index 2")
        yield Case(f"quorum and proof: {name}", altered, (), text.encode(), "proof-failed", "I2")
        yield Case(f"quorum, reached later: {name}", receipt + kept["w3"], (), text.encode(), "good", "")
    other = tlog.Signer.from_seed("other.example", b"o" * 32, "ed25519").verifier_key
    unused = tlog.Signer.from_seed(ORIGIN, b"u" * 32, "ed25519").verifier_key
    yield Case("policy: another log", receipt, (), f"log {other}\nquorum none\n".encode(), "other-log", "S1")
    yield Case(
        "policy: another log, our keys", receipt, both, f"log {other}\nquorum none\n".encode(), "other-log", "S2"
    )
    yield Case(
        "policy: a key of ours that did not sign",
        receipt,
        (),
        f"log {unused}\nquorum none\n".encode(),
        "other-log",
        "S5",
    )
    told = f"log {unused}\n{three}quorum a\n".encode()
    yield Case("policy: witnesses alone", receipt, (), told, "key-missing", "S7")
    yield Case("key: one that did not sign", receipt, (*both, unused), None, "key-missing", "S6")
    yield Case("key: of another log first", receipt, (other, *both), None, "other-log", "S1")
    yield Case("key: of another log behind", receipt, (*both, other), None, "key-missing", "S6")
    yield Case("key: the same twice", receipt, (*both, *both), None, "good", "")
    yield Case("no key, no policy", receipt, (), None, "key-missing", "K6")
    yield Case("no key, a policy without a log", receipt, (), b"quorum none\n", "key-missing", "K6")
    broken = {
        "empty": "",
        "no quorum": logs,
        "two quorums": f"{logs}quorum none\nquorum none\n",
        "CRLF": f"{logs}quorum none\r\n",
        "a BOM": f"\ufeff{logs}quorum none\n",
        "an unknown word": f"{logs}x\nquorum none\n",
        "a capital": f"{logs}Quorum none\n",
        "a log twice": f"{logs}{logs}quorum none\n",
        "a witness twice": f"{logs}{three}{three}quorum a\n",
        "a witness named none": f"witness none {W1.verifier_key}\nquorum none\n",
        "a witness that is a log": f"witness x {ED.verifier_key}\nquorum x\n",
        "a group of nobody": f"{logs}{three}group g any\nquorum g\n",
        "a group of strangers": f"{logs}{three}group g any z\nquorum g\n",
        "a member twice": f"{logs}{three}group g any a a\nquorum g\n",
        "a member of two groups": f"{logs}{three}group g any a\ngroup h any a\nquorum h\n",
        "4 of 3": f"{logs}{three}group g 4 a b c\nquorum g\n",
        "0 of 3": f"{logs}{three}group g 0 a b c\nquorum g\n",
        "02 of 3": f"{logs}{three}group g 02 a b c\nquorum g\n",
        "+2 of 3": f"{logs}{three}group g +2 a b c\nquorum g\n",
        "2e0 of 3": f"{logs}{three}group g 2e0 a b c\nquorum g\n",
        "a quorum of a stranger": f"{logs}quorum z\n",
        "a quorum of two": f"{logs}{three}quorum a b\n",
        "a control": f"{logs}quorum none\n\x01",
        "a quorum before its group": f"{logs}quorum a\n{three}",
        "a mistyped key": logs.replace("+", "+0", 1) + "quorum none\n",
        "a key with a blank name": f"log  {ED.verifier_key[len(ORIGIN) :]}\nquorum none\n",
        "a small key": f"log {named_key(encoded(small_points()[4]))}\nquorum none\n",
        "a small witness": f"{logs}witness x {named_key(encoded(small_points()[2]), 'w', COSIGNATURE)}\nquorum none\n",
        "too long": f"{logs}quorum none\n#" + "x" * 1_000_000,
    }
    for name, text in broken.items():
        yield Case(f"policy: {name}", receipt, both, text.encode(), "policy-malformed", "P1")


def _keys() -> Iterator[Case]:
    good, key = F.bytes(), ED.verifier_key
    name, ident, material = key.split("+", 2)
    for what, (text, rule) in {
        "empty": ("", "K1"),
        "a name alone": (name, "K1"),
        "no material": (f"{name}+{ident}", "K1"),
        "empty material": (f"{name}+{ident}+", "K2"),
        "capitals": (f"{name}+{ident.upper()}+{material}", "K1"),
        "a short id": (f"{name}+{ident[:7]}+{material}", "K1"),
        "a long id": (f"{name}+{ident}0+{material}", "K1"),
        "another id": (f"{name}+{int(ident, 16) ^ 1:08x}+{material}", "K3"),
        "no padding": (f"{name}+{ident}+{material.rstrip('=')}x", "K1"),
        "another name": (f"x{name}+{ident}+{material}", "K3"),
        "base64url": (f"{name}+{ident}+-{material[1:]}", "K1"),
        "a fourth part": (f"{key}+x", "K1"),
        "no name": (named_key(ED.verifier.public, ""), "K1"),
        "a blank in the name": (named_key(ED.verifier.public, "a b"), "K1"),
        "a no-break space": (named_key(ED.verifier.public, "a\xa0b"), "K1"),
        "kind 2": (named_key(ED.verifier.public, kind=2), "K2"),
        "kind 255": (named_key(ED.verifier.public, kind=255), "K2"),
        "kind 6 of 32 bytes": (named_key(ED.verifier.public, kind=6), "K2"),
        "a control in the name": (named_key(ED.verifier.public, "a\x1fb"), "K1"),
    }.items():
        yield Case(f"key: {what}", good, (text,), None, "key-malformed", rule)
    for what, text in {"blanks around": f"  {key} \t\r\n"}.items():
        yield Case(f"key: {what}", good, (text,), None, "good", "")
    for kind in (4, 6):
        made = named_key(ED.verifier.public if kind == 4 else PQ.verifier.public, kind=kind)
        yield Case(f"key: our name, kind {kind}", good, (made,), None, "other-log", "S5")


def _saved(both: bytes, keys: tuple[str, ...]) -> Iterator[Case]:
    """What programs that save text do; to a good receipt, and to one that was altered besides."""
    ways: dict[str, Callable[[bytes], bytes]] = {
        "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
        "CR": lambda data: data.replace(b"\n", b"\r"),
        "a BOM": lambda data: b"\xef\xbb\xbf" + data,
        "a BOM and CRLF": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
        "an empty line at the end": lambda data: data + b"\n",
        "three empty lines": lambda data: data + b"\n\n\n",
        "no line end": lambda data: data[:-1],
        "blanks at the end": lambda data: data + b"  \t",
        "CRLF at the end alone": lambda data: data[:-1] + b"\r\n",
        "Ctrl-Z": lambda data: data + b"\x1a",
        "UTF-16 LE": lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le"),
        "UTF-16 BE": lambda data: b"\xfe\xff" + data.decode().replace("\n", "\r\n").encode("utf-16-be"),
        "GB18030": lambda data: data.decode().encode("gb18030"),
        "windows-1252": lambda data: data.replace(b"\n", b"\r\n").decode().encode("cp1252"),
        "Big5": lambda data: data.replace("—".encode(), b"\xa1\x58"),
    }
    for name, way in ways.items():
        yield Case(f"saved: {name}", way(both), keys, None, "saved-as-text", "F0")
        yield Case(f"saved plain: {name}", way(F.bytes()), (ED.verifier_key,), None, "saved-as-text", "F0")
        yield Case(
            f"saved, another index: {name}", way(both.replace(b"index 3", b"index 2")), keys, None, "proof-failed", "I2"
        )
        yield Case(f"saved, another log: {name}", way(Forged(origin="other").bytes()), keys, None, "other-log", "S1")
    for name, (data, rule) in {
        "UTF-16 of odd length": (b"\xff\xfe" + both.decode().encode("utf-16-le") + b"x", "F2"),
        "UTF-16 without a mark": (both.decode().encode("utf-16-le"), "F2"),
        "quoted-printable": (both.replace(b"=", b"=3D"), "F4"),
        "blanks at line ends": (both.replace(b"\n", b" \n"), "F2"),
        "HTML": (b"<pre>" + both + b"</pre>", "F3"),
        "lines wrapped": (both[:76] + b"\n" + both[76:], "F4"),
        "two in one": (both + both, "F13"),
    }.items():
        yield Case(f"saved: {name}", data, keys, None, "malformed", rule)
    policy = f"log {ED.verifier_key}\nwitness c {W3.verifier_key}\nquorum c\n".encode()
    yield Case("saved, and the quorum is missing", both.replace(b"\n", b"\r\n"), (), policy, "saved-as-text", "F0")


def written() -> bytes:
    """The corpus as it is kept: bases, keys and policies once each, and a row a case."""
    bases = [F.bytes(), *(data for name, data in post_quantum().items() if name != "w3"), b""]
    keys: dict[str, int] = {}
    policies: dict[bytes, int] = {}
    rows = []
    for case in cases():
        told = None if case.policy is None else policies.setdefault(case.policy, len(policies))
        base, start, end, piece = min(
            (_spliced(n, base, case.receipt) for n, base in enumerate(bases)), key=lambda one: len(one[3])
        )
        used = [keys.setdefault(key, len(keys)) for key in case.keys]
        rows.append([case.name, base, start, end, b64encode(piece).decode(), used, told, case.code, case.rule])
    corpus = {
        "bases": [b64encode(one).decode() for one in bases],
        "keys": list(keys),
        "policies": [b64encode(one).decode() for one in policies],
        "cases": rows,
    }
    return json.dumps(corpus, ensure_ascii=True, separators=(",", ":")).replace("],[", "],\n[").encode()


def _spliced(number: int, base: bytes, data: bytes) -> tuple[int, int, int, bytes]:
    most = min(len(base), len(data))
    start = next((at for at in range(most) if base[at] != data[at]), most)
    tail = next((at for at in range(most - start) if base[-1 - at] != data[-1 - at]), most - start)
    return number, start, len(base) - tail, data[start : len(data) - tail]


if __name__ == "__main__":
    CORPUS.write_bytes(gzip.compress(written(), 9, mtime=0))
