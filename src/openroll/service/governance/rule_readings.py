"""Readings: people of the organisations sign that they read the words of a rule, which no check can judge."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.organisation.seats import Member, may_act
from openroll.register.roll.commands import ReadRule
from openroll.register.roll.rule_readings import NEEDED, counted
from openroll.rules import Rule, digest, words_digest
from openroll.service.acts import act
from openroll.service.governance.made_on import proposal_on
from openroll.service.governance.rule_standing import rule_name
from openroll.service.identity.seats import member, new_readers
from openroll.service.roll import Roll
from openroll.store import people
from openroll.store import rule_versions as rows
from openroll.store.rule_versions import ReadingRow


class Reading(msgspec.Struct, frozen=True):
    """That somebody of an organisation read the words of a rule: for whom, in which role, by which seat, on which day.

    `counts` says whether it is one of those that count together now; `sits` whether its seat is still in force.
    """

    organisation: str
    title: Mapping[str, str]
    role: str
    seat: str
    on: date
    counts: bool
    sits: bool


class WordsOfRule(msgspec.Struct, frozen=True):
    """A rule whose words are to be read: one that waits to be published (`waits`), or that the roll is, was or will be under.

    `digest` is its SHA-256, `words` that of its words-only parts, empty where it has none; `missing` is how many more must read
    it.
    """

    rule: Rule
    name: str
    digest: str
    words: str
    waits: bool
    readings: tuple[Reading, ...]
    missing: int

    def read_by(self, seat: Seat) -> bool:
        """Whether this seat signed for these words."""
        return any(one.seat == str(seat) for one in self.readings)


def rules_to_read(roll: Roll) -> list[WordsOfRule]:
    """Every rule that waits, then those that the roll is, was and will be under, the newest first; each once."""
    with roll.database.own() as connection:
        on = [(proposal_on(roll, row), row.starts) for row in rows.proposals(connection)]
        proposals = [(one.rule, starts) for one, starts in on if one.overtaking is None]
        waiting = [rule for rule, starts in proposals if new_readers(connection, roll, rule, starts) is not None]
        known = {digest(one): one for one in (*waiting, *(one.rule for one in reversed(roll.versions)))}
        return _read(connection, roll, [(one, key, one in waiting) for key, one in known.items()])


def words_of(roll: Roll, rules: Iterable[Rule]) -> list[WordsOfRule]:
    """How these rules of the roll were read, one by one."""
    with roll.database.own() as connection:
        return _read(connection, roll, [(one, digest(one), False) for one in rules])


def words_of_today(roll: Roll) -> WordsOfRule:
    """How today's rule was read."""
    return words_of(roll, [roll.rule])[0]


def sign(roll: Roll, rule: str, words: str, by: Seat) -> Refused | None:
    """Sign that a seat read the words of the rule of this SHA-256 (an official act): `words` is the digest of what was shown."""
    with roll.database.own() as connection:
        acted = act(connection, roll, ReadRule(digest=rule, words=words), by)
    return acted if isinstance(acted, Refused) else None


class _Rule:
    """A rule by its digest, which names it as a whole: a rule itself is no key."""

    def __init__(self, rule: Rule, key: str) -> None:
        self.rule, self._key = rule, key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rule) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=64)
def _words(one: _Rule) -> str:
    """The digest of a rule's words, which is made of every clause of it: each page that shows the rule asks for it."""
    return words_digest(one.rule)


def _read(connection: Connection, roll: Roll, rules: Sequence[tuple[Rule, str, bool]]) -> list[WordsOfRule]:
    titles: dict[str, Mapping[str, str]] = {}
    found = []
    for rule, key, waits in rules:
        words = _words(_Rule(rule, key))
        signed = rows.readings_of(connection, key, words)
        if signed and not titles:
            titles = {one.name: one.title for one in people.organisations(connection, ended=True)}
            titles |= {REGISTRAR: roll.opened.registrar}
        members = tuple(member(connection, Seat(row.organisation, row.seat)) for row in signed)
        count = counted(members)
        readings = tuple(
            _reading(roll, row, one, titles, counts=one in count) for row, one in zip(signed, members, strict=True)
        )
        missing = NEEDED - len(count) if words else 0
        found.append(WordsOfRule(rule, rule_name(rule), key, words, waits, readings, missing))
    return found


def _reading(
    roll: Roll, row: ReadingRow, one: Member, titles: Mapping[str, Mapping[str, str]], *, counts: bool
) -> Reading:
    title = titles.get(row.organisation, {})
    on, sits = roll.day(row.at), may_act(one) is None
    return Reading(row.organisation, title, row.role, str(one.seat), on, counts, sits)
