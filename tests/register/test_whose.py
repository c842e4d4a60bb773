"""Whose act each fact is: of every kind, by every body, the page's side says what the roll's does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
from tests.register import asked
from tests.tlog.test_corpus import node

from openroll.register.event import Event
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request import events
from openroll.register.request.whose import is_of_its_party, is_of_the_two, is_seat_of, operators_of

SRC = Path(__file__).parents[2] / "frontend/src"
OF = {"authority": "police", "reviewer": "court", "objector": "third", "operator": "east"}
REQUEST = msgspec.structs.replace(asked.filed(), objector="third")
HEIRS = (("east", "west"), ("west", "north"), ("south", "other"))
NOBODYS = ("registrar/0", "registrar/1", "other/1", "police/0", "east/01", "east", "/1", "", "east/1/1", "east/١")
SEATS = ("police/2", "court/2", "third/2", "east/2", "west/2", "north/2", *NOBODYS)
KINDS: tuple[type[events.RequestEvent], ...] = (*events.RequestEvent.__subclasses__(), events.PersonToldByWord)


def made(kind: type[Event], **said: Any) -> Any:
    """A fact of a kind of which only this matters."""
    return kind(**dict.fromkeys(kind.__struct_fields__, "") | said)


def facts() -> list[Any]:
    """Every kind of act on a request by every seat, in its own name and in another body's."""
    found = []
    for kind in KINDS:
        names = (*OF.values(), "west") if "organisation" in kind.__struct_fields__ else ("",)
        of = [{"organisation": name} if name else {} for name in names]
        found += [made(kind, by=by, **one) for by in SEATS for one in of]
    return found


def whose(fact: events.RequestEvent) -> bool:
    """Whether a fact is its own body's."""
    return is_of_its_party(fact, REQUEST, operators_of("east", HEIRS))


def test_an_act_is_its_own_bodys_alone() -> None:
    """Each is one party's; an heir's word is its operator's, and the registrar's, a program's or no seat's is nobody's."""
    own = {kind: {one.by for one in facts() if type(one) is kind and whose(one)} for kind in KINDS}
    assert own.pop(events.TimePassed) == set(SEATS)  # nobody's word
    assert own.pop(events.RequestComplained) == {""}
    assert own.pop(events.RequestOpened) == set(SEATS[:5])
    assert own.pop(events.RequestCalledBack) == {"court/2", "east/2", "west/2"}
    assert own.pop(events.RequestSigned) == {"police/2", "court/2", "third/2"}
    operators = {"east/2", "west/2", "north/2"}
    assert {frozenset(one) for one in own.values()} == {
        frozenset(one) for one in ({"police/2"}, {"court/2"}, {"third/2"}, operators)
    }
    assert own[events.RequestApproved] == {"court/2"}
    assert own[events.RequestAnswered] == operators


def succession(offered_by: str, by: str) -> OperatorSucceeded:
    """The operator `east` is succeeded by `west`."""
    return OperatorSucceeded(operator="east", heir="west", offered_by=offered_by, by=by, rule="law@1")


SUCCESSIONS = [succession(one, other) for one in SEATS for other in SEATS]


def test_a_succession_is_the_word_of_its_two_operators_or_of_two_of_the_registrar() -> None:
    """Nobody else says who answers for what an operator had. The registrar's keeper is one of two; one word is not two."""
    two = {"east/2", "west/2"}
    right = {(one.offered_by, one.by) for one in SUCCESSIONS if is_of_the_two(one)}
    registrars = {("registrar/0", "registrar/1"), ("registrar/1", "registrar/0")}
    assert right == {(one, other) for one in two for other in two} | registrars


def test_the_page_says_the_same() -> None:
    """Of every kind of act by every seat, of successions, and of what is a seat of whose."""
    said = [
        [msgspec.to_builtins(one) | {"name": one.name} for one in facts()],
        [msgspec.to_builtins(one) for one in SUCCESSIONS],
        [[by, of] for by in SEATS for of in ("east", "registrar", "", "police")],
    ]
    script = (
        f"const w = await import({json.dumps((SRC / 'whose.js').as_uri())});"
        f"const [facts, successions, seats] = {json.dumps(said)}, filed = {json.dumps(OF)};"
        f"const operators = w.operatorsOf('east', {json.dumps(HEIRS)});"
        "console.log(JSON.stringify([facts.map((one) => w.isOfItsParty(one, filed, operators)),"
        " successions.map(w.isOfTheTwo), seats.map((one) => w.isSeatOf(...one)), w.isSeatOf(['east/1'], 'east')]));"
    )
    answer = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    ours = [
        [whose(one) for one in facts()],
        [is_of_the_two(one) for one in SUCCESSIONS],
        [is_seat_of(*one) for one in said[2]],
        False,
    ]
    assert json.loads(answer.stdout or "null") == ours, answer.stderr
