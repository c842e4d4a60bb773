"""A notice beside the public log: the command's comparison and the page's say the same, and no honest notice is contradicted."""

import json
import subprocess
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.tlog.test_corpus import node
from tests.told import SECRET, USE, content_of, in_public

from openroll.disclosure.envelope import digest
from openroll.disclosure.notice import bucket_of, month_bucket, word_of
from openroll.disclosure.notice_heap import FORM, heap_of
from openroll.register.request.compared import (
    PublicRequest,
    PublicUse,
    as_in_public,
    compare,
    heaps_to_fetch,
    may_be_own,
    most_heaps,
    not_given_out,
    own_by_word,
    place,
    tellings_of,
)
from openroll.register.request.content import (
    ContentUnfit,
    Notice,
    complaint_digest,
    notice_context,
    read_content,
    read_notice,
)

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
PLACED = """
const { digestsIn, heapOf } = await import(new URL("notice.js", process.argv[1]).href);
const { mostHeaps, place, tellingsOf } = await import(new URL("notice-compared.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const { requests, heap, lookedFor, older, origins } = JSON.parse(text);
const read = heapOf(JSON.stringify(heap)), fetched = { requests: new Map(requests.map((one) => [one.number, one])), older };
for (const [at, digest] of (await digestsIn(read)).entries()) read.notices[at].digest = digest;
const { known, unknown, otherwise } = place(read.notices, tellingsOf(fetched, origins), new Set(lookedFor));
const said = ({ context, envelope }) => [context, new TextDecoder().decode(envelope)];
console.log(JSON.stringify([known.map(said), unknown.map(said), otherwise.sort(), mostHeaps(fetched)]));
"""

LOOKED_FOR = """
const { asInPublic, heapsToFetch, mayBeOwn, ownByWord } = await import(new URL("notice-compared.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const { requests, secret, months, origins, use } = JSON.parse(text), bytes = Uint8Array.from(secret);
const fetched = { requests: new Map(requests.map((one) => [one.number, one])) };
const own = [1, 2, 1024].map((of) => [...mayBeOwn(fetched, bytes, of, months[0])].sort());
const heaps = [1, 2, 1024].map((of, at) => heapsToFetch(fetched, own[at], bytes, of, months).sort((one, other) => one - other));
const words = await ownByWord(fetched, bytes, origins, months[0]);
const told = [...words].map(([number, word]) => asInPublic(fetched.requests.get(number), use, word));
console.log(JSON.stringify([own, heaps, told]));
"""


def in_page(script: str, given: object) -> Any:
    """What the page's script makes of what it is given."""
    command = [node(), "--input-type=module", "-e", script, f"{FRONTEND.as_uri()}/"]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


CONTENT = """
const { noticeOf } = await import(new URL("notice-content.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const read = (content) => Boolean(noticeOf(new TextEncoder().encode(content), "openroll notice 1 roll=x request=1"));
console.log(JSON.stringify(JSON.parse(text).map(read)));
"""
MOMENTS = {
    "2026-11-01T10:00:00Z": True,
    "2026-11-01T10:00:00.123456Z": True,
    "2026-11-01T10:00:00.120000+08:00": True,
    "2026-11-01T18:00:00+08:00": True,
    "2026-11-01T10:00:00-00:30": True,
    "2028-02-29T23:59:59-23:59": True,
    "0001-01-01T00:00:00Z": True,
    "9999-12-31T23:59:59-23:59": True,
    "2026-11-01T10:00:00": False,
    "2026-11-01T10:00:00+00:00": False,
    "2026-11-01T10:00:00-00:00": False,
    "2026-11-01T10:00:00+24:00": False,
    "2026-11-01T10:00:00+08:60": False,
    "2026-11-01T10:00:00+0800": False,
    "2026-11-01T10:00:00.5Z": False,
    "2026-11-01T10:00:00.000000Z": False,
    "2026-11-01T10:00:00.1234567Z": False,
    "2026-11-01T24:00:00Z": False,
    "2026-11-01T23:59:60Z": False,
    "2026-11-01T10:60:00Z": False,
    "2026-11-01T10:00Z": False,
    "2026-11-01t10:00:00z": False,
    "2026-11-01 10:00:00Z": False,
    "2026-02-30T10:00:00Z": False,
    "2026-02-29T10:00:00Z": False,
    "2026-13-01T10:00:00Z": False,
    "2026-00-01T10:00:00Z": False,
    "0000-11-01T10:00:00Z": False,
    "2026-11-01": False,
    "١٠٢٦-11-01T10:00:00Z": False,
}
"""Moments as an operator's program may write them, and whether they are written as the roll writes them."""


def test_command_and_page_read_the_same_notices() -> None:
    """Moments in the roll's own form of RFC 3339 and no other, in both of their places; text of whole characters."""
    filed, postponed = '"2026-11-01T10:00:00Z"', '"postponed":null'
    whole = content_of(1, filed=datetime(2026, 11, 1, 10, tzinfo=UTC), postponed_why="why").decode()
    corpus = {whole.replace(filed, f'"{moment}"'): fits for moment, fits in MOMENTS.items()}
    corpus |= {whole.replace(postponed, f'"postponed":"{moment}"'): fits for moment, fits in MOMENTS.items()}
    texts = {
        r"\ud800": False,
        r"\udc00\ud800": False,
        "\U0001f600": True,
        "\x7f": True,
        r"\u001f": True,
        r"\u0041": False,
    }
    corpus |= {whole.replace('"why"', f'"{text}"'): fits for text, fits in texts.items()}
    corpus |= {whole.replace('"request":1', f'"request":{number}'): False for number in ("true", "1e0", "-1", "1.0")}

    def reads(content: str) -> bool:
        try:
            return bool(read_notice(content.encode(), "openroll notice 1 roll=x request=1"))
        except ContentUnfit:
            return False

    assert {content: reads(content) for content in corpus} == corpus
    assert dict(zip(corpus, in_page(CONTENT, list(corpus)), strict=True)) == corpus


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
        ({"filed": datetime(2006, 11, 1, 8, tzinfo=timezone(timedelta(hours=8)))}, set()),
        ({"filed": datetime(2006, 11, 1, 0, 0, 0, 1, tzinfo=UTC)}, {"filed"}),
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


def test_a_notice_is_where_the_log_has_it_on_both_sides() -> None:
    """Whatever context and month the heap says, a month that is none too: it is tried under each request that was told in it and
    is looked for; what has no telling is left to the heap; and what the heap says otherwise is named."""

    def context(number: int) -> str:
        return f"openroll notice 1 roll=log.example request={number}"

    beside: list[tuple[str, str, object]] = [
        ("one", context(1), "2006-11"),
        ("two", context(9), "2006-11"),
        ("three", context(3), "2999-11"),
        ("four", context(4), 7),
        ("five", context(5), None),
        ("six", context(6), "2006-01"),
        ("none", "anything", "2006-11"),
        ("one", context(7), "2006-10"),
    ]
    months = dict.fromkeys(range(1, 6), "2006-11") | {6: "2006-01", 7: "2006-10"}
    texts = dict(zip(months, ["one", "two", "three", "four", "five", "six", "one"], strict=True))
    listed = [
        in_public(number, told={"notice": digest(text.encode()), "bucket": 7, "at": f"{months[number]}-30T12:00:00Z"})
        for number, text in texts.items()
    ]
    rows = [
        {"context": said, "envelope": b64encode(text.encode()).decode(), "month": month} for text, said, month in beside
    ]
    heap = {"form": FORM, "notices": rows, "senders": []}
    requests = msgspec.convert(listed, list[PublicRequest])
    looked_for = [1, 7, 2, 3, 4, 5]
    tellings = tellings_of(requests, "log.example")
    placed = place(heap_of(json.dumps(heap).encode()).every, tellings, set(looked_for))
    known = [(context(number), texts[number].encode()) for number in looked_for]
    assert set(placed.known) == set(known)
    assert ([one.envelope for one in placed.unknown], set(placed.otherwise)) == ([b"none"], {2, 3})
    names = ("log.example", "log.before")
    asked = {"requests": listed, "heap": heap, "lookedFor": looked_for, "older": 0, "origins": names[:1]}
    here, unknown, otherwise, most = in_page(PLACED, asked)
    assert {(said, text.encode()) for said, text in here} == set(known)
    assert (unknown, otherwise, most) == ([["anything", "none"]], [2, 3], 1)
    # Of a log that was begun anew, each is tried under every name that it had, whichever the heap says.
    before = place(heap_of(json.dumps(heap).encode()).every, tellings_of(requests, *names[::-1]), set(looked_for))
    both = {(said.replace(names[0], one), text) for said, text in known for one in names}
    assert (set(before.known), set(before.otherwise)) == (both, {2, 3})
    here, _, otherwise, _ = in_page(PLACED, asked | {"origins": names[::-1]})
    assert ({(said, text.encode()) for said, text in here}, otherwise) == (both, [2, 3])
    for older, most in ((0, 1), (504, 1), (505, 2)):
        assert most_heaps(requests, older) == most
        assert in_page(PLACED, asked | {"older": older})[3] == most


def test_what_may_be_ones_own_is_looked_for_on_both_sides() -> None:
    """By the bucket of its request, by that of its month or one beside it as it was told before, and by no other; of the months
    that are looked into. Of many heaps those are fetched, and one a month, which hide them; of one each notice is tried."""
    months = ["2006-10", "2006-11"]
    buckets = {
        1: bucket_of(SECRET, 1),
        2: month_bucket(SECRET, "2006-11"),
        3: month_bucket(SECRET, "2006-10"),
        4: bucket_of(SECRET, 1),
        5: month_bucket(SECRET, "2006-08"),
        6: bucket_of(SECRET, 6),
        7: 5000,
    }
    listed = [
        in_public(
            number, told={"notice": "", "bucket": bucket, "at": f"2006-{9 if number == 6 else 11:02}-02T00:00:00Z"}
        )
        for number, bucket in buckets.items()
    ] + [in_public(8)]
    requests = {one.number: one for one in msgspec.convert(listed, list[PublicRequest])}
    own = [may_be_own(requests.values(), SECRET, of, months[0]) for of in (1, 2, 1024)]
    assert own == [{1, 2, 3, 4, 5, 7}, {1, 2, 3}, {1, 2, 3}]
    cover = {month_bucket(SECRET, month) for month in months}
    heaps = [heaps_to_fetch(requests, one, SECRET, of, months) for of, one in zip((1, 2, 1024), own, strict=True)]
    assert heaps == [{0}, {one // 512 for one in (buckets[1], *cover)}, {buckets[1], *cover}]
    assert heaps_to_fetch({}, (), SECRET, 1024, months) == cover
    asked = {"requests": listed, "secret": list(SECRET), "months": months, "origins": ["roll.example"], "use": USE}
    assert in_page(LOOKED_FOR, asked) == [[sorted(one) for one in own], [sorted(one) for one in heaps], []]


def test_what_is_ones_own_by_its_word_is_known_without_a_heap() -> None:
    """By the digest of its last telling or of one before, under every name of the log, in the months that are looked into; not
    where the telling does not say so, nor by another request's word. It is told as it stands in public, for it no heap is
    fetched, and where all is told so none at all; one heap is fetched and tried as before."""
    names = ("roll.example", "before.example")
    words = {number: word_of(SECRET, notice_context(names[number == 2], number)) for number in range(1, 8)}
    said = {number: [complaint_digest(word)] for number, word in words.items()}
    said |= {3: [complaint_digest("w")], 4: [*said[4], complaint_digest("w")], 6: said[5]}
    listed = [
        in_public(
            number,
            complaints=said[number],
            told={
                "notice": "",
                "bucket": bucket_of(SECRET, number),
                "at": f"2006-{9 if number == 5 else 11:02}-02T00:00:00Z",
                "by_word": number != 7,
            },
        )
        for number in words
    ] + [in_public(8)]
    requests = {one.number: one for one in msgspec.convert(listed, list[PublicRequest])}
    months = ["2006-10", "2006-11"]
    own = own_by_word(requests.values(), SECRET, names, months[0])
    assert own == {number: words[number] for number in (1, 2, 4)}
    others = own_by_word(requests.values(), bytes(16), names, months[0])
    assert others == {}
    tried = [may_be_own(requests.values(), SECRET, of, months[0]) for of in (1, 2, 1024)]
    assert tried == [{1, 2, 3, 4, 6, 7}, {7}, {7}]
    heaps = [heaps_to_fetch(requests, one, SECRET, of, months) for of, one in zip((1, 2, 1024), tried, strict=True)]
    cover = {month_bucket(SECRET, month) for month in months}
    assert heaps[::2] == [{0}, {bucket_of(SECRET, 7), *cover}]
    told = [as_in_public(requests[number], msgspec.convert(USE, PublicUse), word) for number, word in own.items()]
    assert [compare(one, requests[one.request], msgspec.convert(USE, PublicUse)).otherwise for one in told] == [{}] * 3
    asked = {"requests": listed, "secret": list(SECRET), "months": months, "origins": names, "use": USE}
    page = in_page(LOOKED_FOR, asked)
    assert page[:2] == [[sorted(one) for one in tried], [sorted(one) for one in heaps]]
    assert [
        read_content(json.dumps(one, sort_keys=True, separators=(",", ":")).encode(), Notice) for one in page[2]
    ] == told
    del requests[7]
    assert [heaps_to_fetch(requests, (), SECRET, of, months) for of in (1, 2, 1024)] == [{0}, set(), set()]
    asked["requests"] = [one for one in listed if one["number"] != 7]
    assert in_page(LOOKED_FOR, asked)[1] == [[0], [], []]
