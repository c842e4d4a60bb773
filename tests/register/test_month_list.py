"""What was told in a month: command and page read in it what the list of all requests has, and nothing from what is none."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.register.test_request_compared import in_page
from tests.told import in_public

from openroll.register.request.compared import PublicRequest
from openroll.register.request.month_list import MonthMalformed, month_json, month_of

READ = """
const { monthOf } = await import(new URL("month-list.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const read = (one) => { try { return monthOf(one, "2026-11"); } catch { return null; } };
console.log(JSON.stringify(JSON.parse(text).map(read)));
"""


def told(number: int, at: str, bucket: int = 7, **given: object) -> PublicRequest:
    """A request of which somebody was told."""
    telling = {"notice": f"{number:064x}", "bucket": bucket, "at": at, "by_word": number > 1}
    row = in_public(number, told=telling, complain_until=None) | given
    return msgspec.convert(row, PublicRequest)


SEVERAL = [
    told(1, "2026-11-01T00:00:00Z", complaints=[]),
    told(2, "2026-11-30T23:59:59.999999Z", 1023, complaints=["a" * 64, "b" * 64], approved=None, given=[]),
    told(
        2**53 - 1,
        "2026-11-07T10:00:00.000120+08:00",
        authority="customs",
        postponed="2026-11-01T00:00:00.5Z",
        annulled=True,
    ),
]
SEVERAL[1] = msgspec.structs.replace(SEVERAL[1], complain_until=SEVERAL[0].filed, complained=True, reason="no-basis")


def test_command_and_page_read_what_the_list_of_all_has() -> None:
    """Of no request, of one, and of several, moments to their microsecond."""
    lists = [[], SEVERAL[:1], SEVERAL, SEVERAL[1:]]
    written = [month_json("2026-11", one).decode() for one in lists]
    assert [month_of(one.encode(), "2026-11") for one in written] == lists
    page = in_page(READ, written)
    assert [msgspec.convert(one, list[PublicRequest]) for one in page] == lists


def altered(change: Callable[[dict[str, Any]], None]) -> str:
    """The list of several requests, but for a change."""
    read = json.loads(month_json("2026-11", SEVERAL))
    change(read)
    return json.dumps(read)


def test_what_is_no_list_of_a_month_is_none_on_both_sides() -> None:
    """Nothing is taken from it: not what was told in another month, nor a request twice, nor columns that do not go together."""
    wrong = [
        altered(lambda read: read.update(month="2026-12")),
        altered(lambda read: read.update(form="openroll-told-2")),
        altered(lambda read: read.update(number=[1, 1, 2])),
        altered(lambda read: read.update(number=[2, 1, 3])),
        altered(lambda read: read.update(number=[1, 2])),
        altered(lambda read: read.update(told=[1764547200000000, *read["told"][1:]])),
        altered(lambda read: read.update(told=[2**62])),
        altered(lambda read: read.update(filed=[None])),
        altered(lambda read: read.update(until=[-1])),
        altered(lambda read: read.update(filed=[])),
        altered(lambda read: read.update(notice=read["notice"][4:])),
        altered(lambda read: read.update(words=[2])),
        altered(lambda read: read.update(words=[-1, 2, 2])),
        altered(lambda read: read["use"].update(of=[1])),
        altered(lambda read: read["use"].update(of=[-1])),
        altered(lambda read: read["use"].update(values=[])),
        altered(lambda read: read.pop("reason")),
        "[]",
        "null",
        "not json",
        "[" * 5000,
    ]
    for one in wrong:
        with pytest.raises(MonthMalformed):
            month_of(one.encode(), "2026-11")
    assert in_page(READ, wrong) == [None] * len(wrong)
