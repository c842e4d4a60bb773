"""What a roll's log says of its rules: which entry put which in force from which day, and the texts that it names.

The log names a rule by its reference and the first 16 hexadecimal digits of its SHA-256, a jurisdiction by all 64.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from openroll.places import Bundle, bundle_of, load, shipped, speaking
from openroll.register.roll.events import RollOpened, RollOpened1, RollOpened2, RulePublished, RulePublished1
from openroll.rules import Rule
from openroll.tlog import Checkpoint, Entry, KeyHistory, Malformed, Policy, verify_under
from openroll.watch.facts import NoFact, fact_of

NAMES = frozenset(kind.name for kind in (RollOpened, RollOpened2, RollOpened1, RulePublished, RulePublished1))
"""The kinds of entries that put a rule in force."""
_WEST = timedelta(hours=12)
"""How far behind UTC the last zone is in which a day has not begun yet."""


class RulesRefused(Exception):
    """What the roll showed is not what its log says, or cannot be. Nothing of it was kept; the sentence says why."""


class Version(msgspec.Struct, frozen=True):
    """A rule in force from the day `starts`, with its jurisdiction, as entry `index` of the log names them."""

    index: int
    starts: date
    rule: str
    jurisdiction: str
    languages: tuple[str, ...]
    """Those of the roll's opening: what a jurisdiction of before it had a digest was read in."""


class Basis(NamedTuple):
    """What one packs under: the entry of the log, the rule and the jurisdiction."""

    version: Version
    rule: Rule
    place: Bundle


def versions_in(
    receipts: Sequence[str], keys: KeyHistory, policy: Policy | None = None
) -> tuple[tuple[Version, ...], Checkpoint]:
    """The versions that these receipts prove, in the order of the log, and the one head they stand under.

    Raises RulesRefused, or the TlogError of the receipt that proves nothing, or whose head does not meet a policy.
    """
    found: list[Version] = []
    head: Checkpoint | None = None
    for receipt in receipts:
        proved = verify_under(receipt.encode(), keys, policy)
        if head not in (None, proved.checkpoint):
            raise RulesRefused("its proofs are under several heads")
        head = proved.checkpoint
        if found and proved.index <= found[-1].index:
            raise RulesRefused("its rules are not in the order of the log")
        found.append(_version(proved.entry, proved.index, found))
    if head is None:
        raise RulesRefused("it shows no rule: is it open, and has its log begun?")
    return tuple(found), head


def _version(entry: Entry, index: int, before: Sequence[Version]) -> Version:
    if entry.kind not in NAMES:
        raise RulesRefused(f"entry {index:,} of its log publishes no rule: it is a {entry.kind}")
    try:
        fact = fact_of(entry.kind, entry.act or "").as_now()
    except NoFact as error:
        raise RulesRefused(f"entry {index:,} of its log cannot be read: its text {error}") from error
    if isinstance(fact, RollOpened) and not before:
        return Version(index, date.min, fact.rule, fact.jurisdiction, fact.languages)
    if isinstance(fact, RulePublished) and before:
        where = fact.jurisdiction or before[0].jurisdiction
        return Version(index, fact.starts, fact.published, where, before[0].languages)
    raise RulesRefused("its rules do not begin with the one it was opened under, or it was opened twice")


def still_needed(versions: Sequence[Version], now: datetime) -> tuple[Version, ...]:
    """The version in force at an instant, wherever its days are counted, and all that are to come."""
    begun = [one for one in _by_day(versions) if one.starts <= (now - _WEST).date()]
    return tuple(one for one in _by_day(versions) if one.starts > (now - _WEST).date() or one is begun[-1])


class Coming(NamedTuple):
    """A version that is to come, and what it changes of the one before it: `rule`, `jurisdiction` or both."""

    version: Version
    changes: tuple[str, ...]


def coming(versions: Sequence[Version], day: date) -> tuple[Coming, ...]:
    """What comes after a day, by first day; of two with the same day the one that counts, and none that changes nothing."""
    counted = list({one.starts: one for one in _by_day(versions)}.values())
    found = []
    for before, one in pairwise(counted):
        parts = (("rule", one.rule != before.rule), ("jurisdiction", one.jurisdiction != before.jurisdiction))
        changes = tuple(part for part, other in parts if other)
        if one.starts > day and changes:
            found.append(Coming(one, changes))
    return tuple(found)


def _by_day(versions: Sequence[Version]) -> list[Version]:
    """By first day; of two with the same day the later published counts."""
    return sorted(versions, key=lambda one: (one.starts, one.index))


def basis_on(versions: Sequence[Version], texts: Mapping[str, str], now: datetime, day: date | None = None) -> Basis:
    """What is in force at an instant, or on a day to come. Raises RulesRefused where its texts are missing, or others."""
    needed = [(one, _rule_of(one, texts)) for one in still_needed(versions, now)]
    version, rule = needed[0]
    for later, other in needed[1:]:
        if later.starts <= (day or now.astimezone(ZoneInfo(other.zone)).date()):
            version, rule = later, other
    return Basis(version, rule, _place_of(version, texts))


def _rule_of(version: Version, texts: Mapping[str, str]) -> Rule:
    named = version.rule.rpartition("@")[2]
    text = next((text for digest, text in texts.items() if len(named) == 16 and digest.startswith(named)), None)
    if text is None:
        raise RulesRefused(f"the rule {version.rule}, which entry {version.index:,} of its log names, is missing")
    return _decoded(text, version.rule, Rule)


def _place_of(version: Version, texts: Mapping[str, str]) -> Bundle:
    name, pinned, named = version.jurisdiction.partition("@")
    if not pinned and name in shipped():
        return speaking(load(name), version.languages)
    if named not in texts:
        raise RulesRefused(f"the jurisdiction {version.jurisdiction}, which its log names, is missing")
    try:
        return bundle_of(texts[named])
    except msgspec.MsgspecError as error:
        raise _unreadable(version.jurisdiction, error) from error


def _decoded(text: str, name: str, kind: type[Rule]) -> Rule:
    try:
        rule = msgspec.json.decode(text, type=kind)
        ZoneInfo(rule.zone)
    except (msgspec.MsgspecError, LookupError, ValueError, OSError) as error:
        raise _unreadable(name, error) from error
    return rule


def _unreadable(name: str, error: Exception) -> RulesRefused:
    return RulesRefused(f"{name} cannot be read here ({error}): the roll may be run by a newer Openroll. Upgrade yours")


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def named_by(version: Version) -> tuple[str, ...]:
    """How the texts begin that a version needs: of its rule, and of its jurisdiction where the log names that by digest."""
    digests = (version.rule.rpartition("@")[2], version.jurisdiction.partition("@")[2])
    if any(len(one) not in (0, 16, 64) for one in digests) or len(digests[0]) != 16:
        raise Malformed(f"entry {version.index:,} names a rule or a jurisdiction without its digest")
    return tuple(one for one in digests if one)
