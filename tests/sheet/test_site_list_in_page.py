"""The page reads a list of sites as `openroll site file` does: the same faults, and of a person's site the same bytes."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from openroll.register.request.one_record import suffix_rules
from openroll.sheet.pack import Kept
from openroll.sheet.site_list import read_sites, split
from tests.handles import KEY
from tests.tlog.test_corpus import node
from tests.watch.test_proved import SRC

FIELDS = ["sponsor", "address", "services", "hobby"]
HEADER = "sponsor,domains,services,began,account,kind\n"
GOOD = (
    HEADER
    + "A Shop,书店.example.org  books.example.org,books,2006-11-01,,\n"
    + '"Li 伟 ""x""",LI.example.org,a \u00a0diary,2006-11-01,\uff14711,site\n'
    + "\nMaría,m.example.org,s,2006-12-01,4712,\n"
)
FAULTY = (
    HEADER
    + "A,http://x.example/ co.uk,,soon,,\n,a.example.org,s,2006-02-30,,\n"
    + "A,a.example.org,s,2006-11-01,,,,\nA\u200bB,a.example.org,s,2006-11-01\n"
)
DOUBLED = HEADER + "A,a.example.org b.example.org,s,2006-11-01,7,\nB,c.example.org B.example.org,s,2006-11-01,\uff17,\n"
COLUMNS = "sponsor,domains,began,hobby,purse\nA,a.example.org,2006-11-01,x,y\n"
_READS = """
import { readFileSync } from "node:fs";
const [pages, given] = [process.argv[1], JSON.parse(readFileSync(0, "utf8"))];
const { keptIn, sitesOf, split } = await import(`${pages}/site-list.js`), { rowsOf } = await import(`${pages}/packing.js`);
const { know } = await import(`${pages}/known-names.js`);
know({ suffixes: given.suffixes, zones: [] });
let x = 1;
const random = (count) => Uint8Array.from({ length: count }, () => { x = (x * 75 + 74) % 65537; return x & 255; });
const key = Uint8Array.from(atob(given.key), (char) => char.charCodeAt(0)), terms = { fields: given.fields, kinds: ["site"] };
const earlier = given.earlier === "" ? undefined : keptIn(given.earlier);
console.log(JSON.stringify(given.lists.map((list) => {
  const { sites, faults } = sitesOf(rowsOf(list), terms);
  return { faults: faults.map(({ row, column, code }) => [row, column, code]),
    sites: sites.map(({ row, account, kind, domains, cells }) => [row, account, kind, domains, cells.began]),
    own: sites.filter((one) => one.account).map((one) => split(one, given.fields, key, random, earlier)) };
})));
"""


def read(*lists: str, earlier: str = "") -> list[dict[str, Any]]:
    """What the page's script makes of lists."""

    given = {"lists": lists, "fields": FIELDS, "key": b64encode(KEY).decode(), "earlier": earlier}
    said = json.dumps(given | {"suffixes": sorted(suffix_rules())})
    words = [node(), "--input-type=module", "-e", _READS, SRC.as_uri()]
    ran = subprocess.run(words, input=said, capture_output=True, text=True, check=False)
    assert ran.stdout, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def drawn() -> Callable[[int], bytes]:
    """The script's random bytes."""

    def stream() -> Iterator[int]:
        x = 1
        while True:
            x = (x * 75 + 74) % 65537
            yield x & 255

    source = stream()
    return lambda count: bytes(next(source) for _ in range(count))


def test_both_make_the_same_of_a_list() -> None:
    """Sites, handles, digests and what is kept; the same list again with what was kept has the same digests."""
    sites, wrong = read_sites(GOOD, FIELDS)
    assert wrong == []
    random = drawn()
    made = [split(one, FIELDS, KEY, random, {}) for one in sites if one.account]
    (page,) = read(GOOD)
    assert page["faults"] == []
    assert page["sites"] == [[one.line, one.account, one.kind, list(one.domains), str(one.began)] for one in sites]
    assert page["own"] == [json.loads(msgspec.json.encode(one._asdict())) for one in made]
    kept = "".join(f"{json.dumps(one['kept'])}\n" for one in page["own"])
    assert [msgspec.json.decode(one, type=Kept) for one in kept.splitlines()] == [one.kept for one in made]
    (again,) = read(GOOD, earlier=kept)
    assert again["own"] == page["own"]
    (other,) = read(GOOD.replace("diary", "shop"), earlier=kept)
    assert [one["digests"] == before["digests"] for one, before in zip(other["own"], page["own"], strict=True)] == [
        False,
        True,
    ]
    newer = kept + "".join(f"{json.dumps(one['kept'])}\n" for one in other["own"])
    (back,) = read(GOOD, earlier=newer)
    assert back["own"] == page["own"]  # no line takes the place of another


def test_both_find_the_same_wrong() -> None:
    """By row and column, all at once."""
    for text, page in zip((FAULTY, COLUMNS, DOUBLED), read(FAULTY, COLUMNS, DOUBLED), strict=True):
        found = {(one.line, one.column) for one in read_sites(text, FIELDS)[1]}
        assert {(row, column) for row, column, _ in page["faults"]} == found
        assert page["sites"] == [] or text == DOUBLED
