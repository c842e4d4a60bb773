"""What an official does on a page and changes something by stands in the log: the routes that write no event change nothing."""

import re

import pytest

from openroll.register.organisation.roles import REGISTRAR
from openroll.service import work
from openroll.service.access import ROUTES
from openroll.service.queries import official_acts
from tests.handles import handle
from tests.service.test_silent_acts import NO_EVENT
from tests.web.house import House
from tests.web.test_access import FILLED
from tests.web.visitor import Visitor

OFFICIALS = sorted(
    line for line in NO_EVENT if "/api/" not in line and not ROUTES[line] & {"anyone", "subscriber", "token"}
)
MAY_CHANGE = {
    "POST /{lang}/registrar/work/{number}/take": {"work"},
    "POST /{lang}/passkey/add/options": {"ceremony"},
    "POST /{lang}/people/sessions/end": {"ceremony"},
}
"""What a route without an event changes: whose desk something lies on, ways in of one's own, and nothing of anybody else's."""


def waits(inside: House, kind: str, key: str) -> int:
    """The number of a new piece of work that waits for the registrar's people."""
    with inside.roll.database.own() as connection:
        now = inside.roll.clock()
        work.enqueue(connection, kind, key, REGISTRAR, kind, now, now=now)
    return next(one.row.id for one in work.queue(inside.roll) if one.row.key == key)


def officer(inside: House, line: str) -> Visitor:
    """A lead whom the route lets in."""
    registrar = bool(ROUTES[line] & {"registrar", "registrar-lead"})
    return inside.sitting("registrar/registrar-lead" if registrar else "east/operator-lead")


@pytest.mark.parametrize("line", OFFICIALS)
def test_a_route_of_officials_without_an_event_changes_nothing(inside: House, line: str) -> None:
    """Sent with what it takes, it leaves every table of acts as it was, but for what is said above."""
    number = waits(inside, "log", f"walk {line}")
    visitor = officer(inside, line)
    path = re.sub(r"\{(\w+)\}", lambda found: (FILLED | {"number": str(number)})[found[1]], line.partition(" ")[2])
    before = inside.acts()
    visitor.post(path, {"sought": handle("walk"), "reason": "a walk", "why": "a walk", f"outcome-{number}": "a walk"})
    changed = {table for table, rows in inside.acts().items() if rows != before[table]}
    assert changed <= MAY_CHANGE.get(line, set())


def test_ending_work_stands_in_the_log_by_its_seat(inside: House) -> None:
    """What waited, its number, the outcome and the seat; also where that gives a message up. Refused, it says nothing."""
    visitor = inside.sitting("registrar/registrar")
    number = waits(inside, "log", "it stands still")
    path = f"/en/registrar/work/{number}/done"
    before = inside.acts()["event"]
    for bad in ("", "rang 138 1234 5678"):
        assert visitor.post(path, {f"outcome-{number}": bad}).status_code == 422
    assert inside.acts()["event"] == before
    assert visitor.post(path, {f"outcome-{number}": "made room"}).status_code == 303
    told = next(one for one in official_acts(inside.roll) if one.name == "work.settled/1")
    assert (told.role, told.organisation) == ("registrar", "registrar")
    assert '"outcome":"made room"' in told.body
    assert f'"number":{number}' in told.body
    assert '"work":"log"' in told.body
    assert re.search(r'"by":"registrar/\d+"', told.body)
    assert visitor.post(path, {f"outcome-{number}": "again"}).status_code == 422
    for lang, said in (("en", "was ended by hand"), ("zh", "由经办人结束")):
        assert said in visitor.get(f"/{lang}/log").text
