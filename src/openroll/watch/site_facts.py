"""What an operator filed and told of its sites as the log has it, held field by field against what was sent.

Whoever keeps the database can write another filing than the one that was sent, under the same seat, before the log takes it: then
every receipt proves the other one, and nobody but the operator knows that it is none of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from openroll.register.organisation.roles import Seat
from openroll.register.site import commands, events, made
from openroll.register.site.record import Site, evolve
from openroll.tlog import KeyHistory, Policy, QuorumMissing, TlogError, parse_proof, verify_under
from openroll.watch.facts import UNRECKONED, NoFact, fact_of
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.requests.read_back import Logged, ReadBack

Filing = commands.FileSite | commands.FilePrivateSite


class Sent(NamedTuple):
    """What was sent of the site of a number, from which seat the roll said that it took it, and how many entries the log had
    before. `stood`: the roll's word that the very same stood there before."""

    number: int
    command: Filing | commands.CheckSite
    seat: Seat
    size: int
    stood: bool = False


class _Proved(NamedTuple):
    logged: Logged
    fact: events.SiteEvent
    day: date


def read_site(sent: Sent, served: Sequence[Fact], keys: KeyHistory, policy: Policy | None = None) -> ReadBack:
    """What the log has of what was sent, by the facts of its site as the roll gives them, each proved.

    What stood before is held by what all facts leave the site as: who it says it is, and control no less shown. Raises Unproved.
    """
    every = [_proved(one, keys, policy) for one in served]
    if not every or any(one.fact.site != sent.number for one in every):
        raise Unproved("what it gives are not the facts of that site, from its filing on")
    states = list(_states(every))
    later = tuple(one.logged for one in every if one.logged.position >= sent.size)
    if sent.stood:
        told = every[-1].logged if _stands(sent, states[-1]) else None
        return ReadBack(told, later if told else (every[-1].logged,), None, sent.size)
    meant = None
    for at, one in enumerate(every):
        if one.logged.position < sent.size:
            continue
        fact = _meant(sent, one.fact, states[at - 1] if at else None)
        if fact == one.fact:
            return ReadBack(one.logged, later, fact, sent.size)
        meant = meant or fact
    return ReadBack(None, later, meant, sent.size)


def _meant(sent: Sent, taken: events.SiteEvent, before: Site | None) -> events.SiteEvent | None:
    """The fact that was to be made, where this one was; None where that could not be."""
    if isinstance(sent.command, commands.CheckSite):
        return None if before is None else made.checked(sent.command, before, sent.seat, taken.rule)
    return made.filed(sent.command, sent.number, sent.seat, taken.rule)


def _states(every: Sequence[_Proved]) -> Iterator[Site]:
    """The site after each of its facts. Raises Unproved."""
    site: Site | None = None
    for one in every:
        try:
            site = evolve(site, one.fact, one.day)
        except UNRECKONED as error:
            raise Unproved(f"its facts do not follow from each other: {error}") from error
        assert site is not None  # noqa: S101 - a fact of a site leaves one
        yield site


_SHOWN = {"": frozenset({"", "word", "record", "file"}), "word": frozenset({"word", "record", "file"})}
"""What control may be that says no less than what was sent."""
_PROVED = frozenset({"record", "file"})


def _stands(sent: Sent, site: Site) -> bool:
    """Whether a site stands as it was sent."""
    command = sent.command
    if isinstance(command, commands.CheckSite):
        return command.state in (None, site.state)
    said = made.filed(command, sent.number, sent.seat, "")
    names = ("handle", "digests") if isinstance(said, events.PrivateSiteFiled) else ("sponsor", "domains", "services")
    same = all(getattr(said, name) == getattr(site, name) for name in ("operator", "kind", "began", *names))
    return same and site.ended is None and site.control in _SHOWN.get(command.control, _PROVED)


def is_placed(sent: Sent, served: Sequence[Fact]) -> bool:
    """Whether each fact has its place in the log, and one behind what the log had, where one has to be. Raises Malformed."""
    if not served or not all(one.receipt for one in served):
        return False
    return sent.stood or parse_proof(served[-1].receipt.encode()).index >= sent.size


def _proved(fact: Fact, keys: KeyHistory, policy: Policy | None) -> _Proved:
    """A fact as its receipt proves it: an organisation's by what the log says, a person's by the text that its commitment holds.

    Raises Unproved.
    """
    official = fact.name in _IN_THE_OPEN
    try:
        proved = verify_under(fact.receipt.encode(), keys, policy, by_act=official)
        event = fact_of(proved.entry.kind, proved.body.decode())
        day = date.fromisoformat(proved.entry.day)
    except QuorumMissing as error:
        raise Unproved(f"a receipt of the roll does not meet the policy: {error}") from error
    except NoFact as error:
        raise Unproved(f"the text of a fact of the roll {error}") from error
    except (TlogError, UnicodeError, ValueError) as error:
        raise Unproved(f"a receipt of the roll does not hold: {error}") from error
    if not isinstance(event, events.SiteEvent) or (proved.entry.act is None) == official:
        raise Unproved(f"what the roll gives as {fact.name} is no fact of a site as a log has them")
    if proved.entry.kind != fact.name or proved.body != fact.body.encode():
        raise Unproved(f"the roll says something else of {fact.name} than its receipt proves")
    return _Proved(Logged(proved.index, fact.receipt, event), event, day)


_IN_THE_OPEN = frozenset(kind.name for kind in events.SiteEvent.__subclasses__() if kind.official)


def command_of(body: dict[str, object]) -> Filing:
    """What a program sends of a site, as the command that it is."""
    if "handle" in body:
        return msgspec.convert(body, commands.FilePrivateSite)
    return msgspec.convert(body, commands.FileSite)
