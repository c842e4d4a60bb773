"""What a person gives is made and checked in a page as by command: each reads the other's, and finds the same faults."""

import json
import subprocess
from base64 import b64encode, urlsafe_b64encode
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from tests.register.test_given import LIFE, PHONE, STREET, STREETS, TODAY
from tests.register.test_request_checked import DAY, DIGESTS, KEYS, OPENS, OTHER, SIGNER, altered, filed, receipts
from tests.tlog.test_corpus import node

from openroll import tlog
from openroll.cli.giving import _of_link
from openroll.register.given import (
    FORM,
    MOST_BYTES,
    Given,
    GivenMalformed,
    give,
    judged,
    link,
    link_in,
    mistaken_for,
    read_given,
)
from openroll.register.subscription.events import SubscriptionFiled

FRONTEND = Path(__file__).parents[2] / "frontend/src"
JUDGE = """
const bytesOf = (packed) => Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
const judge = (given, check, packed, today) => {
  const read = given.givenIn(bytesOf(packed));
  if (!read) return null;
  const found = given.judge(read, check, today);
  const shown = found.shown.map((one) => [one.field, one.why ? "" : one.value, one.why]);
  return [found.good, found.over, found.apart, found.broken.length, shown];
};
const linked = (given, hash) => {
  const bytes = given.behind(hash);
  return bytes?.length ? new TextDecoder().decode(bytes) : null;
};
"""
SCRIPT = (
    JUDGE
    + """
const load = (name) => import(new URL(name, process.argv[1]).href);
const [given, receipt] = await Promise.all(["given.js", "receipt.js"].map(load));
let text = ""; for await (const part of process.stdin) text += part;
const asked = JSON.parse(text), check = (bytes) => receipt.check(bytes, [asked.key], undefined);
const chosen = given.givable(asked.file, asked.receipts), some = chosen.filter((one) => asked.fields.includes(one.field));
const json = given.give(some, " my bank ", "2006-12-31");
const address = given.linkOf("https://roll.example/en/verify", json);
console.log(JSON.stringify({
  judged: asked.files.map((one) => judge(given, check, one, asked.today)), fields: chosen.map((one) => one.field), json, address,
  linked: asked.links.map((one) => linked(given, one)),
  other: [...asked.files, ...asked.others].map((one) => given.mistakenFor(bytesOf(one))),
  unaltered: asked.files.map((one) => given.givenIn(bytesOf(one))).map((one) => one && given.judge(one, check, "").unaltered),
  holding: asked.others.map((one) => given.linkIn(bytesOf(one)) ?? null),
}));
"""
)
GOOD = give([*OPENS.values(), PHONE.encoded], [LIFE[0].encode(), LIFE[1].encode()], ["name", "phone"], "my bank")
MOVED = (OPENS["name"], STREET.encoded)
TEXT = GOOD.encoded().decode()
NAME, GRANT = GOOD.disclosures[0], "ab" * 32
CHANGED: list[dict[str, Any]] = [
    {},
    *({"disclosures": MOVED, "receipts": receipts(*STREETS, of={1: names})} for names in (0, None, 2)),
    {"disclosures": (altered(OPENS["name"], "Zhang"),)},
    {"disclosures": (OTHER["name"], OPENS["name"]), "receipts": (LIFE[0], LIFE[2])},
    {"disclosures": GOOD.disclosures * 2},
    {"receipts": (LIFE[0].replace("index 0", "index 1"), LIFE[1])},
    {"disclosures": (PHONE.encoded,), "receipts": (LIFE[1], LIFE[3])},
    {"until": date(2006, 11, 30)},
    {"until": TODAY},
    {"disclosures": ()},
    {"disclosures": (NAME,) * 64},
    {"disclosures": (NAME,) * 65},
    {"receipts": LIFE[:1] * 64},
    {"receipts": LIFE[:1] * 65},
    {"to": "x" * 200},
    {"to": "😀" * 200},
    {"to": "😀" * 201},
    {"form": "openroll-given-2"},
    {"grant": GRANT, "until": TODAY},
    {"grant": GRANT, "until": TODAY, "once": True},
    {"grant": GRANT},
    {"once": True},
    *({"to": f"a{char}b"} for char in "\u202e\u2028\u200e\ufeff\t\x85\u2066"),
    *({"grant": one, "until": TODAY} for one in (GRANT.upper(), GRANT[1:], GRANT + "\n", " " + GRANT)),
    *(
        {"receipts": (one, LIFE[1])}
        for one in (LIFE[0] + "\n", LIFE[0][:-1], LIFE[0].replace("\n", "\r\n"), "\ufeff" + LIFE[0])
    ),
]
"""Files that are of the form, or what would be written of them."""


def disclosed(content: bytes) -> str:
    """What stands for a disclosure, with any content."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


NO_DISCLOSURES = (
    *(
        "?",
        "",
        "!",
        NAME + "=",
        NAME + "A",
        NAME[:-1],
        NAME[:-1] + ("B" if NAME[-1] == "A" else "A"),
        NAME + "\n",
        " " + NAME,
    ),
    disclosed(b'["salt","name","x"]').replace("-", "+"),
    *(
        disclosed(one)
        for one in (
            *(
                b'["s","name"]',
                b'["s","name","x","y"]',
                b'["s","name",5]',
                b'["s","name",null]',
                b'["s",5,"x"]',
                b'[5,"name","x"]',
            ),
            *(
                b'["s","_sd","x"]',
                b'["s","...","x"]',
                b'["s","","x"]',
                b'{"0":"s","1":"name","2":"x"}',
                b'"abc"',
                b"null",
                b"",
            ),
            *(
                b'\xef\xbb\xbf["s","name","x"]',
                b'["s","name","\xff"]',
                b'["s","name","\\ud800"]',
                b'["s","name",NaN]',
                b'["s","name","x"],',
            ),
            *(
                b' [ "s" , "name" , "x" ]\n',
                b'["s","name","x\ny"]',
                b'["s","name",["x"]]',
                b"[" * 2000 + b"]" * 2000,
                b'["s","__proto__","x"]',
            ),
        )
    ),
)


def member(name: str, value: str) -> str:
    """The file with this member, as JSON, in place of what it has there or behind all."""
    said = {one: json.dumps(given) for one, given in json.loads(TEXT).items()} | {name: value}
    return "{" + ",".join(f"{json.dumps(one)}:{given}" for one, given in said.items()) + "}"


BODY = filed(DIGESTS).body()
BODIES = {
    BODY: True,
    BODY + "\n": True,
    BODY[:-1] + ',"x":' + "1" * 5000 + "}": True,
    BODY[:-1] + ',"x":1e999}': True,
    BODY[:-1] + ',"x":"\\ud800"}': True,
    BODY[:-1] + ',"__proto__":{"added":[]}}': True,
    BODY[:-1] + ',"x":' + "[" * 31 + "]" * 31 + "}": True,
    BODY[:-1] + ',"x":' + "[" * 32 + "]" * 32 + "}": False,
    BODY[:-1] + ',"x":' + "[" * 50_000 + "]" * 50_000 + "}": False,
    BODY[:-1] + ',"x":NaN}': False,
    BODY[:-1] + ',"x":-Infinity}': False,
    BODY[:-1] + ',"x":01}': False,
    BODY[:-1] + ',"x":"a\nb"}': False,
    BODY[:-1] + ',"x":{"a":1,"\\u0061":2}}': False,
    BODY[:-1] + ',"digests":[]}': False,
    BODY[:-1] + ',"digests":null}': False,
    '{"digests":[],' + BODY[1:]: False,
    "\ufeff" + BODY: False,
    "".join(char + "\0" for char in BODY): False,
    f"[{BODY}]": False,
    "null": False,
}
"""Bodies as a keeper could write them, all well signed, with whether they prove a value: no two readers differ."""


def of_body(body: str) -> bytes:
    """A file whose one receipt is of such a body."""
    domain, salt = b"openroll/event/1", bytes(32)
    entry = tlog.Entry(SubscriptionFiled.name, DAY, tlog.commit(domain, salt, body.encode()))
    root = tlog.leaf_hash(entry.encode())  # of a tree of one
    head = tlog.sign_checkpoint(tlog.Checkpoint(SIGNER.verifier.name, 1, root), (SIGNER,), timestamp=1)
    receipt = tlog.format_receipt(entry, domain, salt, body.encode(), 0, (), head).decode()
    return Given(FORM, (OPENS["name"],), (receipt,)).encoded()


def given_files() -> list[bytes]:
    """Files as people could be given them: of the form; with a member changed, doubled, left out or of another kind; in another
    order, encoding or size."""
    files = [msgspec.structs.replace(GOOD, **one).encoded() for one in CHANGED]
    files += [msgspec.structs.replace(GOOD, disclosures=(NAME, one)).encoded() for one in NO_DISCLOSURES]
    members = json.loads(TEXT)
    texts = [
        "",
        "[]",
        "null",
        "5",
        '"x"',
        TEXT[:-1],
        TEXT + "}",
        TEXT + "\0",
        TEXT + "x",
        TEXT[:-1] + ",}",
        TEXT.replace('"', "'"),
        f"[{TEXT}]",
    ]
    texts += [
        json.dumps(dict(reversed(members.items()))),
        json.dumps(members, indent=2),
        f" \r\n\t{TEXT}\r\n",
        f"\ufeff{TEXT}",
        f"\xa0{TEXT}",
    ]
    texts += [TEXT[:-1] + f",{json.dumps(name)}:5}}" for name in ("more", "__proto__", "constructor", "Form", "")]
    for name in (*members, "until", "grant", "once"):
        texts.append(json.dumps({one: value for one, value in members.items() if one != name}))
        texts += [
            member(name, one)
            for one in (
                "null",
                "5",
                "true",
                "false",
                "[]",
                "{}",
                '""',
                '"x"',
                "[5]",
                "[null]",
                '["x"]',
                '["\\ud800"]',
                "NaN",
            )
        ]
        twice = json.dumps(members.get(name, "x"))
        texts += [
            TEXT[:-1] + f',"{name}":{twice}}}',
            "{" + f'"{name}":5,' + TEXT[1:],
            "{" + f'"\\u{ord(name[0]):04x}{name[1:]}":{twice},' + TEXT[1:],
        ]
    days = (
        "2006-12-31",
        "2006-12-31T00:00:00",
        "2006-02-30",
        "2006-2-3",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "２００６-12-31",
        " 2006-12-31",
    )
    texts += [member("until", json.dumps(one)) for one in days]
    texts += [
        TEXT.replace("my bank", one)
        for one in (
            "my\\u0020bank",
            "my\nbank",
            "my\tbank",
            "my\\/bank",
            "\\ud83d\\ude00",
            "\\ud83d",
            "\\x41",
            "my\x7fbank",
        )
    ]
    files += [one.encode("utf-8", "surrogatepass") for one in texts]
    files += [TEXT.encode(one) for one in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")]
    files += [
        TEXT.encode().replace(b"my bank", b"b\xe4nk"),
        TEXT.encode() + b" " * (MOST_BYTES - len(TEXT)),
        TEXT.encode() + b" " * (MOST_BYTES + 1 - len(TEXT)),
    ]
    return files


def damaged() -> dict[bytes, str]:
    """What people choose that is no given file, or none any more, and what it is: page and command say alike."""
    granted = msgspec.structs.replace(GOOD, grant=GRANT).encoded()  # it can be taken back, and has no end
    operator = json.dumps({"number": "1", "disclosures": [NAME]}).encode()
    address = link("https://roll.example/en/verify", GOOD).encode()
    token = b"eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJyb2xsIn0.c2lnbmVk~"
    return {
        **{GOOD.encoded()[:size]: "given-file" for size in (16, 40, len(TEXT) // 2, len(TEXT) - 1)},
        **dict.fromkeys((granted, b"\xef\xbb\xbf" + granted, b" \r\n" + granted, granted + b"x"), "given-file"),
        GOOD.encoded().replace(b"given-1", b"given-9"): "given-file",
        GOOD.encoded()[:-1] + b',"more":5}': "given-file",
        b'{"TransactionLog": []}': "notices",
        b"\x89PNG\r\n": "picture",
        b"\xff\xd8\xff\xe0": "picture",
        b"GIF89a": "picture",
        b"PK\x03\x04": "zip",
        **dict.fromkeys((token, b"\n" + token + b"WyJhIiwiYiIsImMiXQ~"), "sd-jwt"),
        **dict.fromkeys((operator, OPENS["name"].encode(), LIFE[0].encode(), token[:-1], b"", b"{", b"{}", b"[]"), ""),
        **dict.fromkeys((address, b"\xef\xbb\xbf" + address + b"\r\n", address + b" and more"), ""),
    }


def links() -> list[str]:
    """What stands behind the number sign of links, as it was made and as mail and people change it."""
    whole = link("", GOOD).removeprefix("#")
    return [
        "#" + one
        for one in (
            whole,
            whole + "=",
            whole + "==",
            whole + "!",
            whole + "%20",
            whole[:-1],
            whole[:20] + " " + whole[20:],
            whole[:20] + "+" + whole[21:],
            whole + "A",
            "given=",
            "given",
            "other=" + whole,
        )
    ]


def ours(file: bytes) -> Any:
    """Our own check of a file, as the script says it."""
    try:
        found = judged(read_given(file), KEYS, TODAY)
    except GivenMalformed:
        return None
    shown = [[one.field, "" if one.why else one.value, one.why] for one in found.shown]
    return [found.good, found.over, found.apart, len(found.broken), shown]


def ours_behind(hash_: str) -> str | None:
    """What our own command finds in a link."""
    try:
        return _of_link(f"https://roll.example/en/verify{hash_}").decode()
    except SystemExit:
        return None


def _say_alike_what_is_none(files: list[bytes], said: Any) -> None:
    """What is no given file is called the same, a link in a text is found in both; what is only over is unaltered."""
    both = [*files, *damaged()]
    assert [(one[:99], page) for one, page in zip(both, said["other"], strict=True) if page != mistaken_for(one)] == []
    assert said["other"][len(files) :] == list(damaged().values())
    assert said["holding"] == [link_in(one) for one in damaged()]
    assert sum(one is not None for one in said["holding"]) == 2
    over = msgspec.structs.replace(GOOD, until=date(2006, 11, 30)).encoded()
    found = judged(read_given(over), KEYS, TODAY)
    assert (found.unaltered, found.good, said["unaltered"][files.index(over)]) == (True, False, True)


def test_the_page_makes_and_checks_the_same() -> None:
    """Every good and bad file has one verdict in both; what the page makes checks here, and its link holds all of it."""
    files = [*map(of_body, BODIES), *given_files()]
    asked = {
        "key": str(SIGNER.verifier),
        "today": TODAY.isoformat(),
        "files": [b64encode(file).decode() for file in files],
        "file": "\n".join(["~".join(["eyJ.its.operator", *OPENS.values(), ""]), "kept:", PHONE.encoded]),
        "receipts": LIFE[:2],
        "fields": ["name", "address"],
        "links": links(),
        "others": [b64encode(file).decode() for file in damaged()],
    }
    command = [node(), "--input-type=module", "-e", SCRIPT, f"{FRONTEND.as_uri()}/"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    pairs = zip(files, said["judged"], strict=True)
    assert [(file[:300], page, ours(file)) for file, page in pairs if page != ours(file)] == []
    assert [one[0] for one in said["judged"][: len(BODIES)]] == list(BODIES.values())
    said["judged"] = said["judged"][len(BODIES) :]
    _say_alike_what_is_none(files, said)
    assert {None, True, False} == {None if one is None else one[0] for one in said["judged"]}
    assert [said["judged"][at][2] for at in range(4)] == [True, False, True, True]
    assert sorted(said["fields"]) == ["address", "id-number", "name", "phone"]
    made = read_given(said["json"].encode())
    assert (made.to, made.until, len(made.receipts)) == ("my bank", date(2006, 12, 31), 1)
    assert judged(made, KEYS, TODAY).good
    assert isinstance(made, Given)
    assert said["linked"] == [ours_behind(one) for one in links()]
    assert said["linked"][0] == TEXT
    assert said["address"] == link("https://roll.example/en/verify", made)
