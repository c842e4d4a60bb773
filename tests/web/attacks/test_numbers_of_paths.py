"""Numbers in addresses that no table can hold: each route that takes one says that there is no such thing, and keeps its head."""

import re

from openroll.service.access import ROUTES
from tests.web.attacks.test_rights import SEATED, _seated, _who
from tests.web.house import House
from tests.web.test_access import _as

OTHERS = {"lang": "en", "operator": "east", "organisation": "east", "name": "east", "handle": "h"}
"""What is no number."""
NUMBERED = re.compile(r"{(number|version|bucket|seat|key)}")
HUGE = int("9" * 30)


def test_a_number_that_no_table_holds_is_no_fault_of_ours(inside: House) -> None:
    """Whoever comes, by whatever method: pages and API say that it is not there, or what else was wrong, and never 5xx."""
    answered = {}
    for line in filter(NUMBERED.search, ROUTES):
        method, _, template = line.partition(" ")
        visitor = inside.visitor()
        headers: dict[str, str] = {}
        if "anyone" not in ROUTES[line]:
            visitor, headers, _ = _as(inside, _who(line))
        path = re.sub(r"{(\w+)}", lambda found: OTHERS.get(found[1], str(HUGE)), template)
        if line in SEATED:
            answer = visitor.ask(method, path, headers=_seated(inside), json=SEATED[line])
        elif method == "POST" and not path.startswith("/api/"):
            answer = visitor.post(path, {})
        else:
            answer = visitor.ask(method, path, headers=headers)
        answered[line] = answer.status_code
    assert len(answered) > 15
    assert {line: status for line, status in answered.items() if status >= 500} == {}
    of_programs = {line: status for line, status in answered.items() if "/api/" in line}
    assert set(of_programs.values()) == {404}, of_programs


def test_a_list_goes_on_below_a_number_that_can_be(inside: House) -> None:
    """On the page and by program: a number beyond all is refused, or is above all there are."""
    visitor = inside.visitor()
    for number in (HUGE, -HUGE, 0):
        assert visitor.get(f"/api/v1/requests?before={number}").status_code == 400
    for number in (HUGE, -HUGE, 0):
        assert visitor.get(f"/en/requests?before={number}").status_code < 500
