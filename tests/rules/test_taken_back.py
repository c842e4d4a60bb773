"""A text that was made on an older rule is told from one that was made on today's, value by value."""

from typing import Any

import pytest

from openroll.rules.diff import taken_back

OLD: dict[str, Any] = {
    "version": 1,
    "duties": [{"id": "file", "deadlines": [{"period": "P30D"}]}],
    "covers": ["household", "school"],
    "title": {"en": "A rule", "zh": "规则"},
    "fine": {"amount": 1, "currency": "CNY"},
}
NOW: dict[str, Any] = {
    "version": 2,
    "duties": [{"id": "file", "deadlines": [{"period": "P45D"}]}, {"id": "end", "deadlines": []}],
    "covers": ["household", "hotel"],
    "title": {"en": "The rule", "zh": "规则"},
    "fine": {"amount": 2, "currency": "CNY"},
}


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ({}, []),
        ({"version": 3}, []),
        ({"fine": {"amount": 3, "currency": "CNY"}}, []),
        ({"fine": OLD["fine"]}, ["fine"]),
        ({"covers": ["household", "hotel", "cafe"]}, []),
        ({"covers": ["household", "school", "hotel"]}, ["covers"]),
        ({"covers": ["household", "cafe"]}, ["covers"]),
        ({"title": {"en": "The rule", "zh": "新规则"}}, []),
        ({"title": {"en": "A rule", "zh": "新规则"}}, ["title"]),
        ({"duties": OLD["duties"]}, ["duties/file/deadlines/1/period", "duties/end"]),
        ({"duties": NOW["duties"][:1]}, ["duties/end"]),
    ],
)
def test_what_goes_back_is_named_and_nothing_else(change: dict[str, Any], back: list[str]) -> None:
    """A value, a member of a list, a title in one language, a thing that was added: whatever is as it was before."""
    assert ["/".join(one.path) for one in taken_back([OLD], NOW, NOW | change)] == back
    assert list(taken_back([], NOW, NOW | change)) == []
