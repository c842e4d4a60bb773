"""A notice beside the public log: the command's comparison and the page's say the same, and no honest notice is contradicted."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.tlog.test_corpus import node
from tests.told import USE, content_of, in_public

from openroll.register.request.compared import PublicRequest, PublicUse, compare, not_given_out
from openroll.register.request.content import Notice, read_content

FRONTEND = Path(__file__).parents[2] / "frontend/src"
SCRIPT = """
const { beside } = await import(new URL("notice-compared.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const { notice, request, use } = JSON.parse(text);
const fetched = { requests: new Map([[1, request]]), uses: new Map([[1, use]]), whole: true };
console.log(JSON.stringify(Object.keys(beside(notice, fetched).otherwise)));
"""
GONE = """
const { notGivenOut } = await import(new URL("notice-compared.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const { requests, heaps } = JSON.parse(text);
const fetched = { requests: new Map(requests.map((one) => [one.number, one])) };
console.log(JSON.stringify(notGivenOut(fetched, new Map(heaps.map(([at, digests]) => [at, new Set(digests)])), 4, "2006-11")));
"""


def in_page(script: str, given: object) -> Any:
    """What the page's script makes of what it is given."""
    command = [node(), "--input-type=module", "-e", script, f"{FRONTEND.as_uri()}/"]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TOLD = {
    "authority_title": "警察 / Police",
    "purpose": "目的 / p",
    "asked": ("phone", "name"),
    "given": ("phone", "name"),
}
FIELDS = {"fields": ["name", "phone"], "given": ["name", "phone"]}
IN_TWO = USE | {"titles": {"en": "Police", "zh": "警察"}, "said": {"en": "p", "zh": "目的"}}


@pytest.mark.parametrize(
    ("told", "otherwise"),
    [
        ({}, set()),
        ({"purpose": "p / 目的"}, set()),
        ({"purpose": "p"}, {"purpose"}),
        ({"purpose": "p / 目的 / p"}, {"purpose"}),
        ({"authority_title": "Police / 法院"}, {"authority_title"}),
        ({"asked": ("name",), "given": ("name", "phone", "phone")}, {"asked", "given"}),
    ],
)
def test_another_order_of_languages_and_fields_contradicts_nothing(
    told: dict[str, object], otherwise: set[str]
) -> None:
    """Programs write them each in its own order: only what is left out, added or other is told otherwise, on both sides."""
    content, public = content_of(1, **(TOLD | told)), in_public(1, **FIELDS)
    notice = read_content(content, Notice)
    compared = compare(notice, msgspec.convert(public, PublicRequest), msgspec.convert(IN_TWO, PublicUse))
    assert set(compared.otherwise) == otherwise
    asked = {"notice": msgspec.to_builtins(notice), "request": public, "use": IN_TWO}
    assert set(in_page(SCRIPT, asked)) == otherwise


def test_a_notice_that_no_heap_has_is_seen_on_both_sides() -> None:
    """Of the heaps that were fetched and the months that are looked into: told before, in another heap, or to nobody yet is
    nothing that is missing; the last telling counts, whenever its moment is in another zone."""
    there, gone = "a" * 64, "b" * 64
    tellings = [
        (there, 7, "2006-11-01T00:00:00Z"),
        (gone, 7, "2006-11-01T00:00:00Z"),
        (gone, 1023, "2006-11-01T00:00:00Z"),
        (gone, 7, "2006-10-31T23:59:59Z"),
        (gone, 7, "2006-11-01T01:00:00+02:00"),
        (gone, 300, "2007-01-01T00:00:00Z"),
        None,
    ]
    told = [one and dict(zip(("notice", "bucket", "at"), one, strict=True)) for one in tellings]
    listed = [in_public(number, told=one) for number, one in enumerate(told, 1)]
    requests = msgspec.convert(listed, list[PublicRequest])
    heaps = {0: [there], 1: []}
    found = not_given_out(requests, {number: set(heap) for number, heap in heaps.items()}, 4, "2006-11")
    assert found == (2, 6)
    assert in_page(GONE, {"requests": listed, "heaps": list(heaps.items())}) == list(found)
