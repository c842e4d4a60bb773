"""Nonsense in what a receipt is about, signed by the log's own key: domain, salt, body, entry, and the JSON around them."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from openroll import tlog
from tests.tlog.corpus.forge import BODY, DOMAIN, SALT, Forged, canonical

Case = tuple[str, bytes, str, str]
"""Name, receipt, code, rule."""
F = Forged()
ENTRY = f"salted-entry/v1\nthing.done/1\n2006-10-30\n{'A' * 43}=\n"
HELD = {
    "body": BODY,
    "domain": DOMAIN,
    "entry": ENTRY.replace("A" * 43 + "=", b64encode(tlog.commit(DOMAIN.encode(), SALT, BODY.encode())).decode()),
    "salt": b64encode(SALT).decode(),
}


def content() -> Iterator[Case]:
    """All of them."""
    for part in (_cuts, _entries, _acts, _extras):
        yield from part()


def bad(name: str, rule: str, **changes: object) -> Case:
    """A malformed one."""
    return name, F.with_(**changes).bytes(), "malformed", rule


def good(name: str, **changes: object) -> Case:
    """One that is good although it looks odd."""
    return name, F.with_(**changes).bytes(), "good", ""


def _cuts() -> Iterator[Case]:
    """The same commitment, cut anew between domain, salt and body."""
    body = BODY.encode()
    honest = sha256(bytes([len(DOMAIN)]) + DOMAIN.encode() + SALT + body).digest()
    for cut in (1, 2, 5, 10, 20, len(body)):
        moved, rest = SALT + body[:cut], body[cut:].decode("utf-8", "surrogateescape")
        yield bad(f"{cut} bytes of the body moved into the salt", "F8", salt=moved, body=rest, commitment=honest)
    printable = bytes(range(40, 72))
    for cut in range(32):
        whole = sha256(bytes([len(DOMAIN)]) + DOMAIN.encode() + printable + body).digest()
        told = (printable[cut:] + body).decode()
        yield bad(f"salt of {cut} bytes, the rest in the body", "F8", salt=printable[:cut], body=told, commitment=whole)
    for size in (0, 1, 16, 31, 33, 64, 255, 1000):
        yield bad(f"salt of {size} bytes", "F8", salt=bytes(size))
    yield good("an empty body", body="")
    yield good("a body of text", body="plain \u2028 text \x7f")
    yield good("a body with controls", body="\x00\x1b[31m\x08\x0c\r\n")
    for size, fits in ((1, True), (64, True), (65, False), (128, False), (255, False), (256, False), (272, False)):
        made = {"domain": "d" * size}
        yield good(f"domain of {size}", **made) if fits else bad(f"domain of {size}", "F9", **made)
    for domain in ("", "A", " ", "a b", "域", "a\n", "-a", ".", "a_b", "a\x00", "ａ"):
        yield bad(f"domain {domain!r}", "F9", domain=domain)
    yield "another domain", _with_held(F.bytes(), domain="openroll/event/2"), "content-changed", "C1"
    for name, body_ in (("another body", BODY + " "), ("no body", ""), ("body in another case", BODY.upper())):
        yield name, _with_held(F.bytes(), body=body_), "content-changed", "C1"
    yield "another salt", _with_held(F.bytes(), salt=b64encode(SALT[::-1]).decode()), "content-changed", "C1"


def _with_held(receipt: bytes, **changes: str) -> bytes:
    lines = receipt.split(b"\n")
    lines[1] = b"extra " + b64encode(canonical(HELD | changes))
    return b"\n".join(lines)


def _entries() -> Iterator[Case]:
    days = (
        "2026-13-45 2026-00-01 2026-01-00 2026-02-30 2025-02-29 1900-02-29 2026-04-31 0000-01-01 2026-1-01 02026-01-01"
    )
    for day in [
        *days.split(),
        "",
        "2026-W01-1",
        "20260101",
        "2026-01-01T00",
        " 2026-01-01",
        "２０２６-01-01",
        "-026-01-01",
    ]:
        yield bad(f"day {day!r}", "F10", day=day)
    for day in ("2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"):
        yield good(f"day {day}", day=day)
    kinds = [
        "",
        "A/1",
        "a b",
        "a\x1b[31m/1",
        "a\x00",
        "a\r",
        "ä/1",
        ".a",
        "-a",
        "a" * 65,
        "a_b",
        "a\t",
        "a/1 ",
        "\ufeffa/1",
    ]
    for kind in kinds:
        yield bad(f"kind {kind!r}", "F10", kind=kind)
    for kind in ("a", "0", "a" * 64, "a/./-/1", "9./-"):
        yield good(f"kind {kind}", kind=kind)
    yield bad("no newline behind the commitment", "F10", tail="")
    yield bad("a carriage return behind the commitment", "F10", tail="\r\n")
    yield bad("a blank behind the commitment", "F10", tail=" \n")
    for size in (0, 1, 20, 31, 33, 64):
        yield bad(f"commitment of {size} bytes", "F10", commitment=(bytes(range(64)) * 2)[:size])
    for entry in (
        "",
        "x",
        "salted-entry/v1\n",
        "salted-entry/v2\n" + ENTRY[16:],
        ENTRY.replace("\n", "\r\n"),
        "\ufeff" + ENTRY,
        " " + ENTRY,
    ):
        yield bad(f"entry {entry[:20]!r} of {len(entry)}", "F10", entry=entry)
    for loose in ("B", "C", "D"):
        yield bad(f"loose bits {loose} in the commitment", "F10", entry=ENTRY.replace("A=\n", f"{loose}=\n"))
    yield bad("a commitment without padding", "F10", entry=ENTRY.replace("=\n", "\n"))
    yield bad("a commitment in base64url", "F10", entry=ENTRY.replace("AAAA", "A-_A", 1))
    yield "a commitment to something else", F.with_(entry=ENTRY).bytes(), "content-changed", "C1"


def _acts() -> Iterator[Case]:
    """Entries that say an act in clear: it is the body, and nothing else is."""
    for act in ("x", '{"a":1}', "\n", "two\nlines\n", "控", "\x00\x1b\ufffd", "\n\n\n"):
        yield good(f"act {act!r}", tail="\n" + act, body=act)
        yield f"act {act!r} of another body", F.with_(tail="\n" + act).bytes(), "content-changed", "C2"
    for size, fits in ((65_000, True), (65_430, True), (65_600, False), (70_000, False)):
        yield (
            good(f"act of {size}", tail="\n" + "x" * size, body="x" * size)
            if fits
            else bad(f"act of {size}", "F10", tail="\n" + "x" * size)
        )
    exact = 65_535 - len(HELD["entry"])
    yield good("the longest entry", tail="\n" + "x" * exact, body="x" * exact)
    for act in (BODY + " ", BODY + "\n", BODY[:-1], BODY.upper()):
        yield (
            f"an act that is nearly the body, {act[-12:]!r}",
            F.with_(tail="\n" + act).bytes(),
            "content-changed",
            "C2",
        )
    yield bad("an entry one byte too long", "F10", tail="\n" + "x" * (exact + 1))
    yield bad("an entry too long in bytes, not in characters", "F10", tail="\n" + "字" * 30_000)


def _extras() -> Iterator[Case]:
    good_json = canonical(HELD)
    text = good_json.decode()
    odd = {
        "a blank": text.replace(":", ": ", 1),
        "a newline at the end": text + "\n",
        "a blank before": " " + text,
        "a byte-order mark": "\ufeff" + text,
        "keys in another order": canonical({"x": 1}).decode()[:0]
        + "{"
        + ",".join(reversed(text[1:-1].split(',"')))
        + "}",
        "body twice": text.replace("{", '{"body":"x",', 1),
        "salt twice": text[:-1] + ',"salt":"' + HELD["salt"] + '"}',
        "a fifth key": text[:-1] + ',"z":""}',
        "a key __proto__": text[:-1].replace("{", '{"__proto__":"x",', 1) + "}",
        "no body": canonical({k: v for k, v in HELD.items() if k != "body"}).decode(),
        "no salt": canonical({k: v for k, v in HELD.items() if k != "salt"}).decode(),
        "an escaped slash": text.replace("openroll/event", "openroll\\/event"),
        "an escaped letter": text.replace("district", "d\\u0069strict", 1),
        "an escaped character": text.replace("某", "\\u67d0"),
        "a capital escape": text.replace("\\n", "\\u000A"),
        "a raw newline in a string": text.replace("\\n", "\n", 1),
        "null": "null",
        "a list": "[]",
        "a string": '"x"',
        "a number": "1",
        "true": "true",
        "nothing": "",
        "an open brace": "{",
        "trailing bytes": text + "x",
        "two objects": text + text,
        "a comment": "/**/" + text,
        "single quotes": text.replace('"', "'"),
        "NaN": text.replace(f'"{HELD["salt"]}"', "NaN"),
        "Infinity": text.replace(f'"{HELD["salt"]}"', "-Infinity"),
        "a huge number": text.replace(f'"{HELD["salt"]}"', "9" * 5000),
        "an exponent": text.replace(f'"{HELD["salt"]}"', "1e999"),
        "deep lists": "[" * 20_000 + "]" * 20_000,
        "deep objects": '{"body":' * 5_000 + "1" + "}" * 5_000,
    }
    for name, json_text in odd.items():
        yield bad(f"extra: {name}", "F7", extra=json_text.encode())
    for value in ("1", "null", "[]", "{}", "true", '["x"]', '{"length":1}'):
        for key, told in HELD.items():
            made = canonical(HELD).decode().replace(canonical(told).decode(), value, 1)
            yield bad(f"extra: {key} is {value}", "F7", extra=made.encode())
    for name, octets in {
        "a lone byte": b"\xff",
        "an overlong slash": b"\xc0\xaf",
        "half a character": b"\xe6\x9f",
        "a surrogate in UTF-8": b"\xed\xa0\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
    }.items():
        yield bad(f"extra: {name}", "F7", extra=good_json.replace("某".encode(), octets))
    for escape in ("\\ud800", "\\udfff", "\\ud83d", "\\ud800\\ud800", "\\udc00\\ud800"):
        for key, spot in (("body", "某"), ("domain", "openroll"), ("entry", "thing")):
            yield bad(f"extra: {escape} in {key}", "F7", extra=text.replace(spot, escape, 1).encode())
    # The commitment that JavaScript would compute, where a lone surrogate becomes U+FFFD on the way to bytes.
    replaced = F.with_(body="\ufffd")
    held = HELD | {"body": "\ufffd"}
    entry = HELD["entry"].split("\n")
    entry[3] = b64encode(tlog.commit(DOMAIN.encode(), SALT, "\ufffd".encode())).decode()
    escaped = canonical(held | {"entry": "\n".join(entry)}).decode().replace("\ufffd", "\\ud800").encode()
    yield "a committed U+FFFD told as a lone surrogate", replaced.with_(extra=escaped).bytes(), "malformed", "F7"
    yield "a committed U+FFFD", replaced.bytes(), "good", ""
    yield good("a body beyond the basic plane", body="😀𠮷")
    yield good("a body with line separators", body="\u2028\u2029\x85")
    salt = HELD["salt"]
    for name, told in {
        "no padding": salt.rstrip("="),
        "loose bits": salt[:-2] + "9=",
        "a blank": salt[:-1] + " =",
        "a newline": salt + "\n",
        "base64url": salt.replace("A", "_", 1).replace("B", "-", 1),
        "empty": "",
        "not base64": "%%%",
        "not ASCII": "ä" + salt,
        "one letter": "A",
    }.items():
        yield bad(f"salt: {name}", "F8", extra=canonical(HELD | {"salt": told}))
