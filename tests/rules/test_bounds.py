"""How large a rule may be."""

import pytest

from openroll.rules import RuleFaults, parse_rule, shipped
from openroll.rules.bounds import MOST_BYTES, MOST_LISTED
from openroll.rules.library import _files
from openroll.rules.overlay import parse_overlay

NOTIFICATION = _files()["notification-2006"].read_text(encoding="utf-8")


def faults(text: str) -> list[str]:
    """What is wrong with a text."""
    with pytest.raises(RuleFaults) as error:
        parse_rule(text, "own.yaml")
    return [str(one) for one in error.value.faults]


def test_a_rule_has_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte too many is said before the text is taken apart, and each list that is too long before what stands in it."""
    assert parse_rule(NOTIFICATION, "own.yaml")
    (told,) = faults(NOTIFICATION + "#" * (MOST_BYTES - len(NOTIFICATION.encode()) + 1))
    assert "at most 200000 bytes" in told
    many = (
        "duties:\n"
        + "".join(f"  - {n}\n" for n in range(MOST_LISTED + 1))
        + "safeguards:\n  x: ["
        + "1, " * 201
        + "]\n"
    )
    both = faults(many)
    assert [("duties" in one, "safeguards/x" in one) for one in both] == [(True, False), (False, True)]
    assert all("has 201 entries" in one for one in both)


def test_what_is_laid_over_a_rule_has_its_size_too() -> None:
    """An overlay is no longer than a rule, by itself; and what comes of both has no longer list."""
    with pytest.raises(RuleFaults, match="at most 200000 bytes"):
        parse_overlay("#" * (MOST_BYTES + 1), "over.yaml")
    head = "overlay: many\ntitle: {en: Many, zh: 许多}\nover: [notification-2006]\nlay:\n fields:\n"
    fields = [f"  - {{name: n{n}}}\n" for n in range(MOST_LISTED + 1)]
    with pytest.raises(RuleFaults, match="has 201 entries"):
        parse_overlay(head + "".join(fields), "over.yaml")
    most = parse_overlay(head + "".join(fields[1:]), "over.yaml")
    with pytest.raises(RuleFaults, match=r"over\.yaml:[0-9]+: fields: The list has 20[1-9] entries"):
        parse_rule(NOTIFICATION, "own.yaml", [most])


def test_no_rule_that_ships_comes_near() -> None:
    """There is room for ten times the longest law that was written in the format."""
    sizes = [len(_files()[name.partition("+")[0]].read_bytes()) for name in shipped()]
    assert max(sizes) < MOST_BYTES / 10
