"""A long history is shown a part at a time: no record makes a page that others wait for."""

import re

import pytest

from openroll.web import record_shown
from tests.web.house import House


def test_a_history_is_shown_a_part_at_a_time(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest facts first, then those before them, until the first; each once, and an odd address shows the newest."""
    monkeypatch.setattr(record_shown, "MOST_SHOWN", 2)
    visitor, _ = inside.filed()
    for nth, access in enumerate(("cable", "lan", "adsl", "cable"), 1):
        moved = {
            "changed-year": "2006",
            "changed-month": "12",
            "changed-day": str(nth),
            "access": access,
            "key": f"key-{nth}",
        }
        answer = visitor.post("/en/mine/move", moved)
        assert answer.status_code == 303, re.findall(r"error-summary__list.*?</ul>", answer.text, re.DOTALL)
    found, path = [], "/en/mine"
    while path:
        page = visitor.get(path).text
        found.append([int(one) for one in re.findall(r"/en/mine/receipts/(\d+)", page)])
        older = re.search(r'href="(/en/mine\?before=\d+)"', page)
        path = older[1] if older else ""
    assert found == [[4, 5], [2, 3], [1]]
    for odd in ("x", "-1", "9" * 30, "٣"):
        assert "/en/mine/receipts/5" in visitor.get(f"/en/mine?before={odd}").text
