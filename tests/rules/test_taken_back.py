"""A text that was made on an older rule is told from one that was made on today's, value by value."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from openroll.places import Bundle
from openroll.rules import Rule, load, parse_rule, plain
from openroll.rules.diff import as_read, differences, kept_in, taken_back

EVERYTHING = Path(__file__).parent / "made" / "everything.yaml"

OLD: dict[str, Any] = {
    "version": 1,
    "duties": [{"id": "file", "deadlines": [{"period": "P30D"}]}],
    "covers": ["household", "school"],
    "title": {"en": "A rule", "zh": "规则"},
    "measures": [{"id": "fine", "fine_to": {"amount": "1", "currency": "CNY"}}],
}
NOW: dict[str, Any] = {
    "version": 2,
    "duties": [{"id": "file", "deadlines": [{"period": "P45D"}]}, {"id": "end", "deadlines": []}],
    "covers": ["household", "hotel"],
    "title": {"en": "The rule", "zh": "规则"},
    "measures": [{"id": "fine", "fine_to": {"amount": "2", "currency": "CNY"}}],
}


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ({}, []),
        ({"version": 3}, []),
        ({"measures": [{"id": "fine", "fine_to": {"amount": "3", "currency": "CNY"}}]}, []),
        ({"measures": OLD["measures"]}, ["measures/fine/fine_to"]),
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


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value of plain values that is no mapping and no list."""
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*path, key))
    elif value is not None:
        yield path


def other(value: Any) -> Any:
    """Another value of the same type."""
    return not value if isinstance(value, bool) else value + (1 if isinstance(value, int) else "x")


def each_undone(state: Any, form: Any) -> int:
    """Change each value, one at a time: every change is told, is lost in what has it not, and goes back with what is older."""
    old, count = deepcopy(state), 0
    for path in leaves(old):
        inner = state
        for key in path[:-1]:
            inner = inner[key]
        before, inner[path[-1]] = inner[path[-1]], other(inner[path[-1]])
        count += 1
        found = as_read(differences(old, state, form))
        assert found, path
        if tuple(map(str, path)) not in {("version",), ("jurisdiction", "version")}:
            assert not kept_in(old, state, old, form), path
            assert kept_in(old, state, state, form), path
        if path[0] not in ("id", "overlays", "version") and path != ("jurisdiction", "version"):
            assert list(taken_back([old], state, old, form)), path
        inner[path[-1]] = before
    return count


def test_each_change_of_a_rule_is_told_and_undone_by_nothing_unseen() -> None:
    """Of each value of the rule that says all that can be said, and of one that ships."""
    everything = parse_rule(EVERYTHING.read_text(encoding="utf-8"), "everything.yaml")
    assert each_undone(plain(everything), Rule) > 200
    assert each_undone(plain(load("ke-notification")), Rule) > 100


@pytest.mark.parametrize("name", ["amount", "article", "code", "day", "id", "overlays", "source", "sources", "version"])
def test_a_thing_may_have_the_name_of_a_key(name: str) -> None:
    """What people call a duty, a measure or a district hides none of its changes, be it spelt like a key of the form."""
    title = {"en": "A thing", "sw": "Kitu"}
    thing = {"id": name, "title": title, "article": "Art. 1", "source": name}
    rule: dict[str, Any] = {
        "duties": [thing | {"deadlines": [{"period": "P30D", "article": "Art. 2"}], "measures": [name]}],
        "fields": [{"name": name, "title": title, "personal": True}],
        "measures": [thing | {"fine_from": {"amount": "1", "currency": "KES"}, "fine": {"per": "day"}}],
        "safeguards": {name: {"present": True, "article": "Art. 3"}},
        "kinds": [{"id": name, "title": title, "nature": "person"}],
        "units": [{"id": name, "title": title, "worth": [{"value": {"amount": "1", "currency": "KES"}}]}],
        "sources": [{"id": name, "title": "Gazette", "standing": "seen"}],
        "requests": {"times": {name: "P1D"}},
    }
    choice = {"id": name, "title": title}
    place: dict[str, Any] = {
        "jurisdiction": {"kinds": [choice], "accesses": [choice], "numbers": [choice | {"example": "1"}]},
        "districts": [{"code": name, "title": title, "into": [name]}, {"code": "2", "title": title}],
        "offices": [{"district": name, "title": title, "parts": {name: "1"}}] * 2,
        "days_off": [{"day": name, "worked": True, "titles": title}],
    }
    place = json.loads(json.dumps(place))
    assert each_undone(rule, Rule) + each_undone(place, Bundle) > 40


def test_a_new_article_of_a_duty_is_no_name_of_one() -> None:
    """A duty called `article` is compared beside others; a new article alone is told, and named beside another."""
    duties: list[Any] = [
        {"id": one, "deadlines": [{"period": "P30D", "article": "Art. 2"}]} for one in ("file", "article")
    ]
    changed = deepcopy(duties)
    for one in changed:
        one["deadlines"][0]["period"] = "P1D"
    changed[0]["deadlines"][0]["article"] = "Art. 3"
    found = as_read(differences({"duties": duties}, {"duties": changed}))
    assert [(one.path[1], one.path[-1], one.article) for one in found] == [
        ("file", "period", "Art. 3"),
        ("article", "period", "Art. 2"),
    ]
