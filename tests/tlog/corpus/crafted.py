"""Receipts that a log's own key signed although they are nonsense, each with the verdict that docs/proofs.md asks for."""

from base64 import b64encode
from collections.abc import Iterator

from openroll import tlog
from tests.tlog.corpus.content import HELD, Case, F, bad, content, good
from tests.tlog.corpus.forge import ED, ORIGIN, canonical, line, tree


def crafted() -> Iterator[Case]:
    """All of them."""
    yield "good", F.bytes(), "good", ""
    for part in (content, _numbers, _heads, _paths, _notes, _signature_lines):
        yield from part()


NUMBERS = (
    "",
    " 3",
    "3 ",
    "+3",
    "-0",
    "-3",
    "03",
    "00",
    "3.0",
    "3e0",
    "0x3",
    "３",
    "3\t",
    "1_0",
    "三",
    "3\x00",
    "Infinity",
    "NaN",
    "3,0",
    "0b11",
    "3n",
    "٣",
)
HUGE = (2**53, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**63 + 3, 2**64, 2**64 + 3, 10**19, 10**30, 10**400)


def _numbers() -> Iterator[Case]:
    for number in NUMBERS:
        yield bad(f"index {number!r}", "F3" if not number.isascii() else "F5", index=number)
        yield bad(f"size {number!r}", "F11" if any(c < " " for c in number) else "F13", size=number)
    # A carriage return is what a program that saves text leaves: without it the one is good, and the other not what was signed.
    yield "index '3\\r'", F.with_(index="3\r").bytes(), "saved-as-text", "F0"
    yield "size '5\\r'", F.with_(size="5\r").bytes(), "signature-failed", "S4"
    for huge in HUGE:
        yield bad(f"index {huge}"[:60], "F5", index=str(huge))
        yield bad(f"size {huge}"[:60], "F13", size=str(huge))
    most = 2**53 - 1
    yield "index 2**53 - 1", F.with_(index=str(most)).bytes(), "proof-failed", "I1"
    yield "index and size 2**53 - 1", F.with_(index=str(most), size=str(most)).bytes(), "proof-failed", "I1"
    yield "size 2**53 - 1", F.with_(size=str(most)).bytes(), "proof-failed", "I2"
    for index in (0, 1, 2, 4):
        yield f"index {index}", F.with_(index=str(index)).bytes(), "proof-failed", "I2"
    for index in (5, 6, 100):
        yield f"index {index}", F.with_(index=str(index)).bytes(), "proof-failed", "I1"
    for size in (0, 1, 2, 3):
        yield f"size {size}", F.with_(size=str(size)).bytes(), "proof-failed", "I1"
    for size in (4, 9, 17, 1000):
        yield f"size {size}", F.with_(size=str(size)).bytes(), "proof-failed", "I2"
    for size in (6, 7, 8):  # trees in which the last hash of the path stands for two or more leaves
        yield good(f"size {size}, whose path is as long", size=str(size))
    yield from _heights()


def _heights() -> Iterator[Case]:
    """Trees of one leaf, and paths as long as 2**52 leaves ask for."""
    lone = tlog.leaf_hash(HELD["entry"].encode())
    yield "a tree of one", F.with_(index="0", size="1", path=(), root=b64encode(lone).decode()).bytes(), "good", ""
    root = lone
    steps = tuple(bytes([n]) * 32 for n in range(52))
    for one in steps:
        root = tlog.node_hash(root, one)
    tall = F.with_(index="0", size=str(2**52), path=steps, root=b64encode(root).decode())
    yield "a tree of 2**52", tall.bytes(), "good", ""
    yield "a path one short", tall.with_(path=steps[:-1]).bytes(), "proof-failed", "I2"
    yield "a path one long", tall.with_(path=(*steps, bytes(32))).bytes(), "proof-failed", "I2"


def _heads() -> Iterator[Case]:
    first = "c2sp.org/tlog-proof@v1\n"
    heads = [
        "",
        "\n",
        first.upper(),
        first.replace("v1", "v2"),
        " " + first,
        first.replace("\n", " \n"),
        "x\ufeff" + first,
        "x" + first,
        first.replace("@", "＠"),
        first.replace("\n", "\x00\n"),
    ]
    for head in heads:
        yield bad(f"first line {head[:40]!r}", "F3", first=head)
    yield bad("first line twice", "F5", first=first + first)
    for head in ("\ufeff" + first, first.replace("\n", "\r\n")):
        yield f"first line {head[:40]!r}", F.with_(first=head).bytes(), "saved-as-text", "F0"
    extra = b"extra " + b64encode(canonical(HELD)) + b"\n"
    lines = {
        "no extra line": (b"", "F4"),
        "two extra lines": (extra + extra, "F5"),
        "Extra": (extra.replace(b"extra", b"Extra"), "F5"),
        "two blanks": (extra.replace(b" ", b"  "), "F4"),
        "a tab": (extra.replace(b" ", b"\t"), "F5"),
        "an empty one": (b"extra \n", "F7"),
        "a blank at the end": (extra[:-1] + b" \n", "F4"),
        "base64 in two pieces": (extra[:46] + b"\n" + extra[46:], "F5"),
        "a byte that is not ASCII": (extra[:20] + b"\xff" + extra[21:], "F3"),
        "padding in the middle": (extra[:46] + b"=" + extra[46:], "F4"),
        "something between": (extra + b"x\n", "F5"),
    }
    for name, (data, rule) in lines.items():
        yield bad(f"extra line: {name}", rule, extra_line=data)
    yield "extra line: a carriage return", F.with_(extra_line=extra[:-1] + b"\r\n").bytes(), "saved-as-text", "F0"
    indexes = {
        "missing": b"",
        "Index": b"Index 3\n",
        "two blanks": b"index  3\n",
        "no number": b"index\n",
        "a tab": b"index\t3\n",
        "an equals sign": b"index=3\n",
    }
    for name, data in indexes.items():
        yield bad(f"index line: {name}", "F5", index_line=data)
    yield bad("index line: twice", "F6", index_line=b"index 3\nindex 3\n")
    yield bad("index line: behind the hashes", "F5", index_line=b"", hash_lines=_hashes() + b"index 3\n")
    for more, verdict in ((0, ("good", "")), (3, ("malformed", "F1")), (60_000, ("malformed", "F1"))):
        yield f"a file of a million and {more} bytes", _of_size(1_000_000 + more), *verdict


def _of_size(size: int) -> bytes:
    """A receipt of just so many bytes, the rest in an extension line of its checkpoint."""
    return F.with_(more="x" * (size - len(F.bytes()) - 1) + "\n").bytes()


def _hashes() -> bytes:
    return b"".join(b64encode(one) + b"\n" for one in tree(HELD["entry"].encode())[0])


def _paths() -> Iterator[Case]:
    path = tree(HELD["entry"].encode())[0]
    for name, made in {
        "no hash": (),
        "one short": path[:-1],
        "one long": (*path, bytes(32)),
        "turned round": path[::-1],
        "a hash twice": (path[0], *path),
        "63 hashes": (bytes(32),) * 63,
    }.items():
        yield f"path: {name}", F.with_(path=made).bytes(), "proof-failed", "I2"
    for count in (64, 100, 1000):
        yield bad(f"path: {count} hashes", "F6", path=(bytes(32),) * count)
    for size in (0, 1, 20, 31, 33, 64):
        yield bad(f"path: a hash of {size} bytes", "F6" if size else "F13", path=((b"h" * 64)[:size], *path[1:]))
    first = b64encode(path[0])
    for name, data in {
        "without padding": first.rstrip(b"="),
        "with a blank": first + b" ",
        "with a blank before": b" " + first,
        "base64url": b"_-" + first[2:],
        "in hex": path[0].hex().encode(),
        "with a tab": first + b"\t",
        "a word": b"word",
        "commas": b",",
    }.items():
        yield bad(
            f"path: a hash {name}", "F6", hash_lines=data + b"\n" + b"".join(b64encode(one) + b"\n" for one in path[1:])
        )
    for loose in b"BCDFGH":
        wrong = first[:-2] + bytes([loose]) + b"="
        if b64encode(__import__("base64").b64decode(wrong)) != wrong:
            yield bad(f"path: loose bits {chr(loose)}", "F6", hash_lines=wrong + b"\n" + _hashes()[len(first) + 1 :])
    yield "another root", F.with_(root=b64encode(b"r" * 32).decode()).bytes(), "proof-failed", "I2"


def _notes() -> Iterator[Case]:
    root = b64encode(tree(HELD["entry"].encode())[1]).decode()
    text = f"{ORIGIN}\n5\n{root}\n"
    for size in (0, 1, 31, 33, 64):
        yield bad(f"root of {size} bytes", "F13", root=b64encode(b"r" * size).decode())
    for name, made in {
        "loose bits": root[:-2] + "9=",
        "no padding": root.rstrip("="),
        "a blank": root + " ",
        "hex": "ab" * 32,
    }.items():
        if name != "loose bits" or root[-2] != "9":
            yield bad(f"root: {name}", "F13", root=made)
    yield good("an extension line", more="x\n")
    yield good("three extension lines", more="x\ny z\n- w\n")
    yield good("an extension that looks like a signature", more="— x AAAAAAAA\n")
    for name, (made_text, rule) in {
        "one line": (f"{ORIGIN}\n", "F13"),
        "two lines": (f"{ORIGIN}\n5\n", "F13"),
        "empty": ("\n", "F13"),
        "no origin": (f"\n5\n{root}\n", "F13"),
        "a tab": (text.replace("test", "te\tst"), "F11"),
        "a bell": (text + "\x07\n", "F11"),
        "an escape": (text + "\x1b[31m\n", "F11"),
        "a nul": (text + "\x00\n", "F11"),
        "a replacement character": (text + "\ufffd\n", "F11"),
    }.items():
        yield bad(f"text: {name}", rule, text=made_text)
    yield "text: a carriage return", F.with_(text=text + "x\r\n").bytes(), "signature-failed", "S4"
    for name, made_text in {
        "delete": text + "\x7f\n",
        "C1": text + "\x9b31m\n",
        "line separator": text + "\u2028\n",
        "BOM": text + "\ufeffx\n",
    }.items():
        yield good(f"text: {name} in an extension", text=made_text)
    for name, octets in {
        "a lone byte": b"\xff\n",
        "an overlong newline": b"\xc0\x8a\n",
        "a surrogate": b"\xed\xa0\x80\n",
    }.items():
        yield bad(f"text: {name}", "F11", text=text.encode() + octets)
    yield bad("text: an empty line in it", "F13", text=f"{text}x\n\ny\n")
    for origin in (
        "loll.example/test",
        ORIGIN.upper(),
        ORIGIN + " ",
        ORIGIN + "/",
        "\u200b" + ORIGIN,
        ORIGIN + "\u0301",
        "x",
    ):
        yield f"origin {origin!r}", F.with_(origin=origin).bytes(), "other-log", "S1"


def _signature_lines() -> Iterator[Case]:
    text = F.bytes().partition(b"\n\n")[2].rpartition(b"\n\n")[0] + b"\n"
    data = ED.verifier.key_id + ED._key.sign(text)
    own = line(ORIGIN, data)
    encoded = b64encode(data).decode()
    other = tlog.Signer.from_seed("witness.example", b"w" * 32, "cosignature")
    unknown = line(other.name, other.verifier.key_id + other.sign(text.decode(), 7))
    same_name = tlog.Signer.from_seed(ORIGIN, b"z" * 32, "ed25519")
    for name, made in {
        "an unknown line behind": own + unknown,
        "an unknown line before": unknown + own,
        "an unknown line twice": own + unknown + unknown,
        "a line of rubbish by nobody": own + line("nobody", b"12345"),
        "99 unknown lines": own + unknown * 99,
        "our name with another key": own + line(ORIGIN, same_name.verifier.key_id + same_name.sign(text.decode())),
        "our key id under another name": own + line("other", data),
        "a name in Chinese": own + line("见证者", b"12345"),
        "a name with a dash": own + line("—", b"12345"),
        "a name with a zero-width space": own + line("a\u200b", b"12345"),
        "a name with a byte-order mark": own + line("\ufeffa", b"12345"),
        "a name with DEL": own + line("a\x7f", b"12345"),
        "a long name": own + line("n" * 5000, b"12345"),
    }.items():
        yield good(f"signatures: {name}", lines=made)
    for name, made in {
        "twice the same": own + own,
        "twice, something between": own + unknown + own,
        "a good one and one that fails": own + line(ORIGIN, data[:-1] + bytes([data[-1] ^ 1])),
        "one that fails and a good one": line(ORIGIN, data[:-1] + bytes([data[-1] ^ 1])) + own,
        "a good one and a short one": own + line(ORIGIN, data[:10]),
    }.items():
        yield bad(f"signatures: {name}", "S3", lines=made)
    for blank in "\x00\x01\x09\x0b\x0c\x0d\x1b\x1c\x1f\x85\xa0\u1680\u2000\u2009\u2028\u2029\u202f\u205f\u3000":
        yield bad(f"signatures: U+{ord(blank):04X} in a name", "F12", lines=own + line(f"a{blank}b", b"12345"))
    for name, (made, rule) in {
        "none": ("", "F11"),
        "a hyphen": (own.replace("—", "-"), "F12"),
        "two hyphens": (own.replace("—", "--"), "F12"),
        "an en dash": (own.replace("—", "–"), "F12"),
        "no dash": (own[2:], "F12"),
        "no blank behind the dash": (own.replace("— ", "—"), "F12"),
        "two blanks": (own.replace("— ", "—  "), "F12"),
        "two blanks behind the name": (own.replace(f"{ORIGIN} ", f"{ORIGIN}  "), "F12"),
        "a tab": (own.replace(f"{ORIGIN} ", f"{ORIGIN}\t"), "F12"),
        "no name": (own.replace(ORIGIN, ""), "F12"),
        "a plus in a name": (own + line("a+b", b"12345"), "F12"),
        "no padding": (own.replace(encoded, encoded.rstrip("=")), "F12"),
        "base64url": (f"— {ORIGIN} _-{encoded[2:]}\n", "F12"),
        "nothing": (f"— {ORIGIN} \n", "F12"),
        "four bytes": (own + line("a", b"1234"), "F12"),
        "100 unknown ones": (own + unknown * 100, "F12"),
        "a third word": (own[:-1] + " x\n", "F12"),
        "rubbish before": ("x\n" + own, "F12"),
        "rubbish behind": (own + "x\n", "F12"),
    }.items():
        yield bad(f"signatures: {name}", rule, lines=made)
    yield bad("signatures: not UTF-8", "F11", lines=own.encode() + b"\xe2\x80\x94 \xff AAAAAAAA\n")
    yield "signatures: somebody else's alone", F.with_(lines=unknown).bytes(), "other-log", "S5"
    yield "signatures: another log of our name", F.with_(signer=same_name).bytes(), "other-log", "S5"
    for at in (0, 10, 31, 32, 63):
        flipped = bytearray(data)
        flipped[4 + at] ^= 1
        yield (
            f"signatures: byte {at} flipped",
            F.with_(lines=line(ORIGIN, bytes(flipped))).bytes(),
            "signature-failed",
            "S4",
        )
    other_id = bytes([data[0] ^ 1]) + data[1:]
    yield "signatures: another key id", F.with_(lines=line(ORIGIN, other_id)).bytes(), "other-log", "S5"
