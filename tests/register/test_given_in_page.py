"""What a person gives is made and checked in a page as by command: each reads the other's, and finds the same faults."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from tests.register.test_given import LIFE, PHONE, STREET, STREETS, TODAY
from tests.register.test_request_checked import KEYS, OPENS, OTHER, SIGNER, altered, receipts
from tests.tlog.test_corpus import node

from openroll.register.given import Given, GivenMalformed, give, judged, link, read_given

FRONTEND = Path(__file__).parents[2] / "frontend/src"
SCRIPT = """
const load = (name) => import(new URL(name, process.argv[1]).href);
const [given, receipt] = await Promise.all(["given.js", "receipt.js"].map(load));
let text = ""; for await (const part of process.stdin) text += part;
const asked = JSON.parse(text), check = (bytes) => receipt.check(bytes, [asked.key], undefined);
const judge = (json) => {
  const read = given.givenIn(new TextEncoder().encode(json));
  if (!read) return null;
  const found = given.judge(read, check, asked.today);
  const shown = found.shown.map((one) => [one.field, one.why ? "" : one.value, one.why]);
  return [found.good, found.over, found.apart, found.broken.length, shown];
};
const chosen = given.givable(asked.file, asked.receipts), some = chosen.filter((one) => asked.fields.includes(one.field));
const json = given.give(some, " my bank ", "2006-12-31");
const address = given.linkOf("https://roll.example/en/verify", json);
console.log(JSON.stringify({
  judged: asked.files.map(judge), fields: chosen.map((one) => one.field), json, address,
  behind: new TextDecoder().decode(given.behind(new URL(asked.link).hash)),
}));
"""
GOOD = give([*OPENS.values(), PHONE.encoded], [LIFE[0].encode(), LIFE[1].encode()], ["name", "phone"], "my bank")
MOVED = (OPENS["name"], STREET.encoded)
CASES: list[dict[str, Any]] = [
    {},
    *({"disclosures": MOVED, "receipts": receipts(*STREETS, of={1: names})} for names in (0, None, 2)),
    {"disclosures": (altered(OPENS["name"], "Zhang"),)},
    {"disclosures": (OTHER["name"], OPENS["name"]), "receipts": (LIFE[0], LIFE[2])},
    {"disclosures": GOOD.disclosures * 2},
    {"disclosures": ("?", OPENS["name"])},
    {"receipts": (LIFE[0].replace("index 0", "index 1"), LIFE[1])},
    {"disclosures": (PHONE.encoded,), "receipts": (LIFE[1], LIFE[3])},
    {"until": date(2006, 11, 30)},
    {"until": TODAY},
    {"disclosures": ()},
    {"receipts": LIFE[:1] * 65},
    {"to": "x" * 201},
    {"to": "a\u202eb"},
    {"form": "openroll-given-2"},
]


def ours(file: str) -> Any:
    """Our own check of a file, as the script says it."""
    try:
        found = judged(read_given(file.encode()), KEYS, TODAY)
    except GivenMalformed:
        return None
    shown = [[one.field, "" if one.why else one.value, one.why] for one in found.shown]
    return [found.good, found.over, found.apart, len(found.broken), shown]


def test_the_page_makes_and_checks_the_same() -> None:
    """Every good and bad file has one verdict in both; what the page makes checks here, and its link holds all of it."""
    files = [msgspec.structs.replace(GOOD, **changed).encoded().decode() for changed in CASES]
    files += ["", "[]", GOOD.encoded().decode()[:-1] + ',"more":1}']
    address = link("https://roll.example/en/verify", GOOD)
    asked = {
        "key": str(SIGNER.verifier),
        "today": TODAY.isoformat(),
        "files": files,
        "file": "\n".join(["kept:", *OPENS.values(), PHONE.encoded]),
        "receipts": LIFE[:2],
        "fields": ["name", "address"],
        "link": address,
    }
    command = [node(), "--input-type=module", "-e", SCRIPT, f"{FRONTEND.as_uri()}/"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["judged"] == [ours(file) for file in files]
    assert {None, True, False} == {None if one is None else one[0] for one in said["judged"]}
    assert [said["judged"][at][2] for at in range(4)] == [True, False, True, True]
    assert sorted(said["fields"]) == ["address", "id-number", "name", "phone"]
    made = read_given(said["json"].encode())
    assert (made.to, made.until, len(made.receipts)) == ("my bank", date(2006, 12, 31), 1)
    assert judged(made, KEYS, TODAY).good
    assert isinstance(made, Given)
    assert said["behind"].encode() == GOOD.encoded()
    assert said["address"] == link("https://roll.example/en/verify", made)
