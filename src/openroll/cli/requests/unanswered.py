"""After something was sent, and refused or not answered: what the log has of it.

A refusal is the roll's word too: whoever keeps it can do an act and say that it did not. So each is looked for once, at once, and
what was not answered for ten seconds: a roll that did it lists it in the moment in which it is done, and a server that lost its
client has some seconds of it left. Nobody waits who mistyped a field.
"""

from collections.abc import Callable, Sequence

import msgspec

from openroll.cli.output import err, fail
from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import Log, json_at, size_of
from openroll.register.request import commands
from openroll.register.request.events import RequestFiled
from openroll.tlog import TlogError
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.requests.read_back import Before, ReadBack, fresh, in_request, is_placed
from openroll.watch.roll_api import OURS, Declined, NotSent, RollApi
from openroll.watch.source import Unreachable

LOOKED = 10
"""Seconds in which what was not answered is looked for."""
LOOKS = int(LOOKED / at_roll.LOOKS_APART)
NEWEST = 3
"""Requests of one's own authority, the newest, among which one is looked for whose filing was not answered."""
Failed = Declined | Unreachable


class _Served(msgspec.Struct):
    facts: list[Fact]


class _Listed(msgspec.Struct):
    number: int
    authority: str


def facts_at(api: RollApi, number: int) -> list[Fact]:
    """The facts of a request as they are served, not proved yet; none where there is no such request."""
    try:
        return json_at(api, f"requests/{number}", _Served).facts
    except Declined as error:
        if error.status != at_roll.NOT_THERE:
            raise
        return []


def was_refused(error: Failed) -> bool:
    """Whether the roll says that it did nothing: then it is looked for once."""
    return isinstance(error, Declined) and error.status < OURS


def found_after(error: Failed, api: RollApi, made: commands.Step, before: Before, log: Log) -> ReadBack:
    """What the log has of an act in a request that was refused, or not answered; `act` is None where it is not the one that was
    sent. Where the log has nothing since, the error with that. Raises Declined, Unreachable, Unproved, TlogError."""
    if isinstance(error, NotSent):
        raise error
    try:
        served = _served_after(error, api, made.request, before)
        if served is None:
            entries = f"{size_of(api, log):,} entries"
            raise with_more(error, f"Looked for {_how_long(error)}: nothing of it is in the log, of {entries}")
    except (Declined, Unreachable, TlogError) as blind:
        if blind is error:
            raise
        raise with_more(error, f"It could not be looked for in the log: {str(blind).rstrip('.')}") from blind
    if not is_placed(served):
        raise with_more(
            error, "Something was done in the request since, which is not in the log yet: look again in a minute"
        )
    found = in_request(made, served, before, log.keys, log.policy)
    # Whose taking one is only its seat tells, which no answer said.
    return found._replace(act=None) if isinstance(made, commands.OpenRequest) else found


def _served_after(error: Failed, api: RollApi, number: int, before: Before) -> list[Fact] | None:
    """The facts of a request once any came since, each in its place as far as that is so in time; None where none came."""
    looks = 1 if was_refused(error) else LOOKS
    for at in range(looks):
        served = facts_at(api, number)
        if fresh(served, before):
            break
        if at + 1 < looks:
            at_roll.pause(at_roll.LOOKS_APART)
    else:
        return None
    for _ in range(at_roll.LOOKS):
        if is_placed(served):
            break
        at_roll.pause(at_roll.LOOKS_APART)
        served = facts_at(api, number)
    return served


def filed_after(error: Failed, api: RollApi, authority: str, envelope: str) -> tuple[int, str]:
    """The number of a request whose filing was not answered, and from which seat it is listed, by its envelope; the error where
    none is found. Raises Declined, Unreachable."""
    if isinstance(error, NotSent):
        raise error
    looks = 1 if was_refused(error) else LOOKS
    try:
        for at in range(looks):
            listed = [one.number for one in json_at(api, "requests", list[_Listed]) if one.authority == authority]
            for number in listed[:NEWEST]:
                filed = _filed_in(facts_at(api, number))
                if filed is not None and filed.envelope == envelope:
                    return number, filed.by
            if at + 1 < looks:
                at_roll.pause(at_roll.LOOKS_APART)
    except (Declined, Unreachable) as blind:
        raise with_more(error, f"It could not be looked for: {str(blind).rstrip('.')}") from blind
    raise with_more(error, f"Looked for {_how_long(error)}: no request of {authority} is listed with its envelope")


class _Seat(msgspec.Struct):
    seat: str


def right_after(error: Failed, api: RollApi, look: Callable[[str], int | None]) -> tuple[int, str]:
    """The number of what was registered or ended and not answered, and from which seat: `look` finds it among what an
    organisation has, or None. The error where it finds none. Raises Declined, Unreachable."""
    if isinstance(error, NotSent):
        raise error
    looks = 1 if was_refused(error) else LOOKS
    try:
        seat = json_at(api, "seat", _Seat).seat
        for at in range(looks):
            if (number := look(seat.rpartition("/")[0])) is not None:
                return number, seat
            if at + 1 < looks:
                at_roll.pause(at_roll.LOOKS_APART)
    except (Declined, Unreachable, TlogError) as blind:
        raise with_more(error, f"It could not be looked for: {str(blind).rstrip('.')}") from blind
    raise with_more(error, f"Looked for {_how_long(error)}: nothing of it is listed")


class _Filed(msgspec.Struct):
    envelope: str = ""
    by: str = ""


def _filed_in(facts: Sequence[Fact]) -> _Filed | None:
    if not facts or facts[0].name != RequestFiled.name:
        return None
    try:
        return msgspec.json.decode(facts[0].body, type=_Filed)
    except msgspec.DecodeError as error:
        raise Unproved(f"its facts cannot be read: {error}") from error


def _how_long(error: Failed) -> str:
    return "once, at once" if was_refused(error) else f"{LOOKED} seconds"


def with_more(error: Failed, more: str) -> Failed:
    """An error with what was found, a sentence without its stop."""
    if isinstance(error, Declined):
        return Declined(error.code, f"{error.sentence.rstrip('.')}. {more}.", error.status, error.params)
    error.args = (f"{error}. {more}",)
    return error


def say_done(error: Failed, named: str, where: str) -> None:
    """Say that something is done all the same; the end, with status 1, where the roll said that it did nothing."""
    if was_refused(error):
        fail(
            f"{named}: the roll refused it ({error}), AND THE LOG HAS IT as it was sent{where}. It is done, whatever the roll"
            " says: tell the supervisor and whoever watches the log.",
            1,
        )
    err.print(f"{named}: the roll gave no good answer ({error}). The log has it as it was sent.", soft_wrap=True)


def since_said(said: str, saved: str) -> str:
    """What the log has since something was sent, as a sentence without its stop."""
    return (
        f"Since it was sent the log has: {said}. What of it is of your seat was done in your name, and is not what you sent: tell"
        f" the supervisor then{saved.rstrip('.')}"
    )
