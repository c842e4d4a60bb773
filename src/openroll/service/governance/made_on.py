"""What a proposal was made on, what is in force on its first day, and what comes after that: whether one undoes the other.

A proposal holds a rule and a jurisdiction whole, also the one of the two that it does not change, and what is published holds
until the next version starts. So what was published after it was made, or starts after it, is looked at value by value.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from openroll.places import Bundle, bundle_of, full_name
from openroll.register.roll.rule_versions import Overtaking
from openroll.rules import Rule, digest, plain
from openroll.rules.diff import Difference, kept_in
from openroll.rules.diff import taken_back as differences_back
from openroll.service.governance.rule_standing import rule_from
from openroll.service.roll import Roll, RuleVersion
from openroll.store.rule_versions import ProposalRow


class ProposalOn(msgspec.Struct, frozen=True):
    """A proposal among the versions of the roll: what it was `made_on`, what is in force on its first day (`then`), and `after`.

    `changes` says which parts it changes (`rule`, `jurisdiction`). While something is `overtaking` it, it is not published:
    another version is in force on its first day than it was made on, or one that starts later has not what it changes.
    """

    rule: Rule
    place: Bundle
    made_on: RuleVersion
    then: RuleVersion
    after: tuple[RuleVersion, ...]
    changes: tuple[str, ...]
    overtaking: Overtaking | None


def proposal_on(roll: Roll, row: ProposalRow) -> ProposalOn:
    """A proposal as it stands with the versions that the roll has now."""
    made_on, then, rule = made_on_of(roll, row), roll.rule_on(row.starts), rule_from(row.rule)
    # One made before bundles were kept is read with what the roll had on its first day.
    place = bundle_of(row.bundle) if row.bundle else made_on.place
    after = _after(roll, row.starts)
    changes = _changes(made_on, rule, place)
    lost_in = _lost_in(after, made_on, rule, place)
    named = (row.on_rule, row.on_jurisdiction) if row.on_rule else (digest(made_on.rule), full_name(made_on.place))
    if named != (digest(then.rule), full_name(then.place)):
        overtaking = Overtaking(row.starts, then.name, full_name(then.place))
    elif lost_in is not None:
        overtaking = Overtaking(lost_in.starts, lost_in.name, full_name(lost_in.place))
    else:
        overtaking = None
    return ProposalOn(rule, place, made_on, then, after, changes, overtaking)


def place_lost_in(roll: Roll, place: Bundle, starts: date) -> RuleVersion | None:
    """The first version after a day that has not what this jurisdiction would change on that day; None where all have it."""
    then = roll.rule_on(starts)
    return _lost_in(_after(roll, starts), then, then.rule, place)


class TakenBack(msgspec.Struct, frozen=True):
    """What a rule and a jurisdiction change back to what was in force before: values by their paths, as the roll has them now."""

    rule: tuple[Difference, ...] = ()
    place: tuple[Difference, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The values by their paths, as files have them."""
        return tuple("/".join(one.path) for one in (*self.rule, *self.place))


def taken_back(roll: Roll, starts: date, rule: Rule, place: Bundle) -> TakenBack:
    """What a proposal for a day takes back of what was changed before, as one does whose text is older than that change."""
    then = roll.rule_on(starts)
    earlier = roll.versions[: roll.versions.index(then)]
    back = TakenBack()
    if digest(rule) != digest(then.rule):
        before = (plain(one.rule) for one in earlier)
        back = TakenBack(rule=tuple(differences_back(before, plain(then.rule), plain(rule))))
    if full_name(place) != full_name(then.place):
        places = (_plain(one.place) for one in earlier)
        of_place = tuple(differences_back(places, _plain(then.place), _plain(place), Bundle))
        back = msgspec.structs.replace(back, place=of_place)
    return back


def _after(roll: Roll, starts: date) -> tuple[RuleVersion, ...]:
    """What comes after a day. Of two with the same day the later published counts; the other is never in force."""
    return tuple({one.starts: one for one in roll.versions if one.starts > starts}.values())


def _lost_in(after: Sequence[RuleVersion], made_on: RuleVersion, rule: Rule, place: Bundle) -> RuleVersion | None:
    changes = _changes(made_on, rule, place)
    return next((one for one in after if not _stands_in(one, made_on, rule, place, changes)), None)


def made_on_of(roll: Roll, row: ProposalRow) -> RuleVersion:
    """The version that a proposal was made on: as it names it, else the one of its first day among those published before it."""
    if row.on_rule:
        named = (row.on_rule, row.on_jurisdiction)
        found = [one for one in roll.versions if (digest(one.rule), full_name(one.place)) == named]
    else:
        found = [one for one in roll.versions if one.since <= row.proposed and one.starts <= row.starts]
    return found[-1] if found else roll.versions[0]


def _changes(version: RuleVersion, rule: Rule, place: Bundle) -> tuple[str, ...]:
    others = (
        ("rule", digest(version.rule) != digest(rule)),
        ("jurisdiction", full_name(version.place) != full_name(place)),
    )
    return tuple(part for part, other in others if other)


def _stands_in(later: RuleVersion, made_on: RuleVersion, rule: Rule, place: Bundle, changes: tuple[str, ...]) -> bool:
    """Whether each value that a proposal changes is in a later version as the proposal has it."""
    if "rule" in changes and not kept_in(plain(made_on.rule), plain(rule), plain(later.rule)):
        return False
    return "jurisdiction" not in changes or kept_in(_plain(made_on.place), _plain(place), _plain(later.place), Bundle)


def _plain(place: Bundle) -> Mapping[str, Any]:
    """A jurisdiction as plain values."""
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(place))
    return values
