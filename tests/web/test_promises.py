"""What the pages promise a subscriber is true in every state that a record can be in, in both languages."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import AskRelease, Confirm, Disown, End, Hold, Release, SecondRelease
from openroll.register.subscription.filing_code import number_of
from openroll.rules import kept_until
from openroll.service import queries
from openroll.service.filing.submit import Taken
from openroll.service.filing.unconfirmed import lapse_due
from openroll.service.queries import Record
from openroll.store.log import has_waiting_act
from openroll.words.catalogue import day, gettext
from tests.handles import handle
from tests.service.test_unconfirmed import act
from tests.web.house import House, house, name_of
from tests.web.test_filing_alone import kept
from tests.web.visitor import Visitor

EAST, ALONE = Actor("operator", "east"), Actor("subscriber")
LANGUAGES = ("zh", "en")
WHOLE = {
    "tell": {"field-address": "a second thing"},
    "move": {"district": "500105", "changed-year": "2006", "changed-month": "12", "changed-day": "1"},
    "correct": {"right-access": "lan"},
    "end": {"ended-year": "2006", "ended-month": "12", "ended-day": "1", "sure": "yes"},
}
"""What adds to a record, with a form that is good while it takes more."""


@pytest.fixture(scope="module")
def own(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll of this file's own, whose clock goes on for good."""
    with house(database_url, tmp_path_factory.mktemp("promises"), name_of("promises")) as found:
        yield found


def does(house: House, number: int, *commands: object, actor: Actor = EAST) -> None:
    """Somebody acts on a record."""
    for command in commands:
        outcome = act(house.roll, number, command, actor)  # type: ignore[arg-type] # commands, as they are
        assert isinstance(outcome, Taken), outcome


def confirmed(house: House, number: int) -> None:
    """The operator takes the filing."""
    does(house, number, Confirm(handle=handle(f"promise-{number}")))


def ended(house: House, number: int) -> None:
    """The operator takes it, and the subscription ends."""
    confirmed(house, number)
    does(house, number, End(on=house.roll.day(house.roll.clock())))


def ended_waiting(house: House, number: int) -> None:
    """It ends while it waits for the operator's word."""
    does(house, number, End(on=house.roll.day(house.roll.clock())), actor=ALONE)


def lapsed(house: House, number: int) -> None:
    """The operator says nothing in time, and that it fell away has its place in the log."""
    lapse_due(house.roll)  # from this day on the regular work is done
    house.pass_time(timedelta(days=400))
    assert lapse_due(house.roll)
    house.client.app.state.application.wake()
    end = time.monotonic() + 10
    while waits(house, number):
        assert time.monotonic() < end


def waits(house: House, number: int) -> bool:
    """Whether an official act on a record waits for its place."""
    with house.roll.database.own() as connection:
        return has_waiting_act(connection, number)


def past(house: House, number: int) -> None:
    """It ended, and the rule keeps it no longer."""
    ended(house, number)
    house.pass_time(timedelta(days=1000))


def released(house: House, number: int) -> None:
    """A passkey held it and was lost, and it ends while a fresh code opens it."""
    confirmed(house, number)
    does(house, number, Hold(), actor=ALONE)
    does(house, number, AskRelease(why="came with the contract", clerk="east/1"))
    does(house, number, SecondRelease(clerk="east/2", first="east/1", akin=False))
    house.pass_time(timedelta(days=30))
    does(house, number, Release(clerk="east/1", code=number + 500_000))
    ended_waiting(house, number)


def nothing(house: House, number: int) -> None:
    """Nothing more happens with it."""


def disowned(house: House, number: int) -> None:
    """The operator says that it is none of its own."""
    does(house, number, Disown(why="unknown here"))


STATES: tuple[Callable[[House, int], None], ...] = (
    nothing,
    confirmed,
    ended,
    ended_waiting,
    disowned,
    lapsed,
    past,
    released,
)


def filed_and_told(house: House) -> tuple[Visitor, int, str]:
    """Somebody who filed and told one thing by choice: their visitor, their record, and the disclosure they kept."""
    visitor, code = house.filed()
    form = visitor.get("/en/mine/tell").text
    data = {name: found[1] for name in ("key", "seed") if (found := re.search(rf'name="{name}" value="([^"]+)"', form))}
    told = kept(visitor.post("/en/mine/tell", data | {"field-phone": "13912345678"}).text)
    return visitor, number_of(code, house.roll.keys.code_key), told.encoded


def state_of(house: House, number: int) -> Record:
    """The record as its holder sees it."""
    found = queries.by_number(house.roll, number)
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_pages_promises_are_true_in_every_state(own: House, state: Callable[[House, int], None], lang: str) -> None:
    """What is offered is taken, what is refused is not offered, and what was told is taken back until the record goes."""
    visitor, number, disclosure = filed_and_told(own)
    state(own, number)
    assert visitor.post("/en/find", {"code": state_of(own, number).code}).status_code == 303
    record = state_of(own, number).state
    mine = visitor.get(f"/{lang}/mine").text.partition("<main")[2]
    assert f'href="/{lang}/mine/take-back"' in mine
    # Tell, move, correct, end: offered exactly where they are taken; the page of one that is not says so, and has no form.
    over = record.ended is not None
    for name, form in WHOLE.items():
        page = visitor.get(f"/{lang}/mine/{name}").text
        assert (f'href="/{lang}/mine/{name}"' in mine) == (not over), name
        assert (f'action="/{lang}/mine/{name}"' in page) == (not over), name
        assert (f">{gettext(lang, 'This record takes no more')}</h1>" in page) == over, name
        if over:
            assert visitor.post(f"/{lang}/mine/{name}", form | {"key": f"{name}-{number}"}).status_code == 422
            assert state_of(own, number).state == record
    promise = gettext(
        lang, "What you told by choice you can take back as long as the record is there, with the text that you kept."
    )
    assert promise in visitor.get(f"/{lang}/mine/erase").text
    _taken_back(own, visitor, lang, number, disclosure)
    _erased_or_said(own, visitor, lang, number)


FIRST_THE_END = (
    "Your operator has not confirmed this filing, so the rule keeps no record of it: report first that the subscription has"
    " ended, then you can erase it at once."
)


def _taken_back(own: House, visitor: Visitor, lang: str, number: int, disclosure: str) -> None:
    """The promise itself, and that nothing else about the record moved."""
    before = state_of(own, number).state
    given = {"key": f"back-{number}", "disclosure": disclosure}
    answer = visitor.post(f"/{lang}/mine/take-back", given)
    assert answer.status_code == 303, answer.text
    after = state_of(own, number)
    assert (before.told, after.state.told) == (before.told, frozenset())
    assert before.told
    assert (after.state.ended, after.state.standing, after.state.digests) == (
        before.ended,
        before.standing,
        before.digests,
    )
    assert after.history[-1].name == "subscription.withdrawn/1"
    assert visitor.post(f"/{lang}/mine/take-back", given | {"key": "again"}).status_code == 422


def _erased_or_said(own: House, visitor: Visitor, lang: str, number: int) -> None:
    """The page Erase has a form that works, or names what it waits for, and sending it all the same fails."""
    page, record = visitor.get(f"/{lang}/mine/erase").text, state_of(own, number).state
    offered = f'action="/{lang}/mine/erase"' in page
    answer = visitor.post(f"/{lang}/mine/erase", {"key": f"erase-{number}", "sure": "yes"})
    assert answer.status_code == (303 if offered else 422)
    assert (visitor.get(f"/{lang}/mine").status_code == 302) == offered
    if offered:
        assert record.ended is not None
        return
    retention = own.roll.rule.retention
    if record.ended is None:
        assert gettext(lang, "The subscription goes on, so its record does too.") in page
        assert f'href="/{lang}/mine/end"' in page  # how it comes to be erased, of one that nobody confirmed at once
        assert (gettext(lang, FIRST_THE_END) in page) == record.waits
    else:
        assert day(lang, kept_until(retention, record.ended)) in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_end_is_looked_at_before_it_is_reported(own: House, lang: str) -> None:
    """The first press reports nothing: the page says until when it is kept, that it is final, and what can still be done."""
    visitor, number, _ = filed_and_told(own)
    today = own.roll.day(own.roll.clock())
    data = {"ended-year": str(today.year), "ended-month": str(today.month), "ended-day": str(today.day)}
    data["key"] = f"end-{number}"
    waiting = visitor.post(f"/{lang}/mine/end", data).text
    assert gettext(lang, "Your operator has not confirmed this filing, and can then confirm it no more.") in waiting
    assert "As nobody confirmed it, the rule keeps no record of it" in waiting or lang != "en"
    assert day(lang, kept_until(own.roll.rule.retention, today)) not in waiting
    assert isinstance(act(own.roll, number, Confirm(), Actor("operator", "east")), Taken)
    look = visitor.post(f"/{lang}/mine/end", data)
    assert look.status_code == 200
    assert state_of(own, number).state.ended is None
    assert day(lang, today) in look.text
    assert day(lang, kept_until(own.roll.rule.retention, today)) in look.text
    assert gettext(lang, "This cannot be undone: a subscription that begins again is filed as a new one.") in look.text
    sent = dict(re.findall(r'<input type="hidden" name="([a-z-]+)" value="([^"]*)"', look.text))
    assert visitor.post(f"/{lang}/mine/end", sent).status_code == 303
    assert state_of(own, number).state.ended == today
    assert visitor.post(f"/{lang}/mine/end", sent).status_code == 303, "sent twice it does its work once"
    tomorrow = {**data, "ended-year": str(today.year + 1), "key": "later"}
    assert visitor.post(f"/{lang}/mine/end", tomorrow).status_code == 422
