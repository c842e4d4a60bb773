"""What a rule reaches: the days it holds, who is a person in it, and what each of its measures takes from whom.

A protection counts only if it holds on every day on which the rule is in force; a burden counts if it holds on any of them. A
rule without a first or last day is in force for ever on that side, so that there a protection with a `since` (or `until`) does
not count.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property

import msgspec

from openroll.rules.calendar import most_days, moved_by
from openroll.rules.closed import period
from openroll.rules.doings import is_for_staff, is_staff_paper, logs, names_staff, watches
from openroll.rules.duty import Duty
from openroll.rules.language import Text
from openroll.rules.measures import CUTTING, ENDING, GENTLE, Measure
from openroll.rules.model import ACTIVITY, SENSITIVE, Field, Rule, Statement, subject_kinds
from openroll.rules.readable import names_people
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.telltales import Group, illegible, tells, unread
from openroll.rules.values import Clause, given

_NAMING = frozenset({"identity", "identity-number", "document", "birth", "gender", "nationality", "photograph"})
_STAFF = frozenset({"identity-number", "document", "birth", "gender", "nationality", "photograph"})
"""What organisations have none of: it is a person's."""
_CLEAR = frozenset({"contact", "address", "line", "device", "payment"})
"""The closed list of what may stand readable of an organisation, an operator or a site."""
_TIED = frozenset({*_NAMING, "contact", "address", "line", "device", "payment"})


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Reach:
    """A rule as the checks look at it."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.measures = tuple(one for one in rule.measures if self.ever(one))
        self.duties = tuple(one for one in rule.duties if self.ever(one))
        self.fields = tuple(one for one in rule.fields if self.ever(one))
        self.by_id = {one.id: one for one in self.measures}
        self.of_kind = rule.natures
        self.known_kinds = tuple(self.of_kind)

    # Days

    def always(self, clause: Clause) -> bool:
        """Whether a clause holds on every day on which the rule is in force."""
        first, last = self.rule.in_force, self.rule.ended
        late = clause.since is not None and (first is None or clause.since > first)
        until = given(clause.until, None)
        return not late and (until is None or (last is not None and until >= last))

    def ever(self, clause: Clause) -> bool:
        """Whether a clause holds on any day on which the rule is in force."""
        first, last = self.rule.in_force, self.rule.ended
        late = clause.since is not None and last is not None and clause.since > last
        return not late and not (first is not None and given(clause.until, first) < first)

    def gap(self, clause: Clause) -> date | None:
        """A day on which a safeguard does not hold; None if there is none.

        A roll may open before its rule's first day and keeps its records after the last: a safeguard holds on every day there
        is, so that any `since` or `until` leaves one without it.
        """
        first = self.rule.in_force
        if clause.since is not None:
            return first if first is not None and first < clause.since else moved_by(clause.since, -1)
        if not isinstance(clause.until, msgspec.UnsetType):
            return max(moved_by(clause.until, 1), first or date.min)
        return None

    def lapse(self, clause: Clause) -> Sentence | None:
        """Why a clause does not hold throughout, in words."""
        if self.gap(clause) is None:
            return None
        if clause.since is not None:
            return sentence(_("it holds only from {day} on"), day=clause.since)
        return sentence(_("it holds no longer than to {day}"), day=clause.until)

    def hollow(self, said: Statement) -> Sentence | None:
        """Why what a rule says of a safeguard is taken back by its own note; a note that nothing here can read may do so."""
        if not said.note:
            return None
        if (why := _unreadable("hollow", said.note)) is not None:
            return why
        return Sentence(_("its own note takes it back")) if tells("hollow", (), (said.note,)) else None

    def statement(self, name: str) -> Statement | None:
        """What the rule says of a safeguard, if it says anything."""
        return self.rule.safeguards.get(name)

    # People

    @cached_property
    def natural(self) -> frozenset[str]:
        """Kinds that are people at home: by nature, or because the rule names them so whatever nature it gives them."""
        named = (one.id for one in given(self.rule.kinds, ()) if names_people(one.nature, one.id, one.title))
        return self.rule.natural | frozenset(named)

    def people(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Those of some kinds that are people at home, in the order of the rule's kinds."""
        mine = set(kinds) & self.natural
        return tuple(kind for kind in self.known_kinds if kind in mine)

    def records(self, duty: Duty) -> frozenset[str]:
        """The kinds of record a duty stands on."""
        if duty.natures:
            return subject_kinds(duty, self.rule)
        return frozenset(given(duty.about, duty.bearers)) - frozenset(given(duty.exempt, ()))

    def bears(self, duty: Duty) -> tuple[str, ...]:
        """The people at home who bear a duty themselves."""
        return self.people(duty.bearers if duty.of_others else self.records(duty))

    # Measures

    @cached_property
    def operators(self) -> frozenset[str]:
        """The kinds of operator of this rule."""
        return frozenset(kind for kind, nature in self.of_kind.items() if nature == "operator")

    @cached_property
    def sites(self) -> frozenset[str]:
        """The kinds of site of this rule: kept by an organisation, or by somebody at home."""
        return frozenset(kind for kind, nature in self.of_kind.items() if nature == "site")

    def cuts(self, measure: Measure) -> bool:
        """Whether a measure takes service, by its kind or by what its title says; `other` may be anything."""
        if measure.kind in CUTTING or measure.kind == "other":
            return True
        return measure.kind in GENTLE and tells("cutting", (measure.id,), (measure.title,))

    def ends_business(self, measure: Measure) -> bool:
        """Whether a measure takes more than money or a name: against an operator, it ends its service to everyone it serves."""
        return measure.kind in ENDING or self.cuts(measure)

    def is_gentle(self, measure: Measure) -> bool:
        """Whether a measure takes nothing from anyone: an order or a warning that neither lasts nor costs nor cuts."""
        return measure.kind in GENTLE and not self.sham_of_gentle(measure)

    def sham_of_gentle(self, measure: Measure) -> Sentence | None:
        """What a measure that calls itself an order or a warning takes all the same."""
        if measure.kind not in GENTLE:
            return None
        if measure.fine_from or measure.fine_to or measure.fine:
            return Sentence(_("it costs money"))
        if lasting := given(measure.at_least, "") or measure.cap:
            return sentence(_("it lasts {time}"), time=period(lasting) or lasting)
        if (why := _unreadable("cutting", measure.title)) is not None:
            return why
        return Sentence(_("its own title says that service is taken")) if self.cuts(measure) else None

    def housing(self, measure: Measure) -> tuple[str, ...]:
        """The kinds that a measure falls on where people live or lie, who go offline with them."""
        if not self.ends_business(measure):
            return ()
        titles = {one.id: one.title for one in given(self.rule.kinds, ())}
        return tuple(kind for kind in measure.against if kind in titles and tells("housing", (kind,), (titles[kind],)))

    def hits(self, measure: Measure) -> tuple[tuple[str, ...], bool]:
        """The people at home whom a measure reaches, and whether it does so only through the closure of their operator."""
        people = self.people(measure.against)
        if people or not (self.operators & set(measure.against) and self.ends_business(measure)):
            return people, False
        return self.served, True

    @cached_property
    def served(self) -> tuple[str, ...]:
        """The people at home whom the operators of this rule serve: those it covers, or a household where it names none."""
        return self.people(self.rule.covers) or ("household",)

    @cached_property
    def heavy(self) -> tuple[Measure, ...]:
        """Measures heavier than an order or a warning."""
        return tuple(one for one in self.measures if not self.is_gentle(one))

    @cached_property
    def cutting(self) -> tuple[Measure, ...]:
        """Measures that take service, a business, things, a name or liberty: all but orders, warnings and fines."""
        return tuple(one for one in self.measures if self.ends_business(one) or one.kind == "publication")

    # Fields

    def is_activity(self, field: Field) -> bool:
        """Whether a field is about what someone does, by its flag, class, name, title or aim."""
        by_class = not ACTIVITY.isdisjoint(given(field.classes, ()))
        by_words = tells("activity", (field.name,), (field.title, *field.aims)) or logs(field.name, field.title)
        return field.activity or by_class or by_words or any(map(watches, field.aims))

    def is_sensitive(self, field: Field) -> bool:
        """Whether a field is what data protection law sets apart, by its class, name or title."""
        by_class = not SENSITIVE.isdisjoint(given(field.classes, ()))
        return by_class or tells("sensitive", (field.name,), (field.title,))

    def is_personal(self, field: Field) -> bool:
        """Whether a field is about a person, whatever its `personal` says."""
        return field.personal or self.in_clear(field) or self.is_sensitive(field) or self.is_activity(field)

    def in_clear(self, field: Field) -> bool:
        """Whether a field names a person and would stand in the roll readable: it says that it is not personal."""
        if field.personal:
            return False
        classes = frozenset(given(field.classes, ()))
        people = self.is_offered_to_people(field)
        named = tells("identity", (field.name,), (field.title,))
        return named or self.is_sensitive(field) or not (_TIED if people else _NAMING).isdisjoint(classes)

    def stands_readable(self, field: Field) -> bool:
        """Whether a field would stand in the roll readable that may not: of nobody's but what is no person's, and classed so.

        Who answers for an organisation is a person, and so are their telephone, their address and their device.
        """
        if field.personal:
            return False
        if names_staff(field.name, field.title) or any(map(is_for_staff, field.aims)):
            return True
        classes = frozenset(given(field.classes, ()))
        return self.is_offered_to_people(field) or not classes or not classes <= _CLEAR or self.in_clear(field)

    def is_offered_to_people(self, field: Field) -> bool:
        """Whether people at home are asked for a field, or are offered it: whoever has it in their form may fill it in."""
        return bool(self.people(given(field.of, self.rule.covers)) or self.people(field.required_of))

    def names_somebody(self, field: Field) -> bool:
        """Whether a field, by its class, name or title, says who somebody is."""
        named = not _NAMING.isdisjoint(given(field.classes, ())) or tells("identity", (field.name,), (field.title,))
        return named or self.is_sensitive(field)

    def is_of_staff(self, field: Field) -> bool:
        """Whether a field that organisations must tell is a paper or the birth of somebody who works there."""
        if not field.required_of or self.asked_of_people(field):
            return False
        own = not _STAFF.isdisjoint(given(field.classes, ()))
        return own or tells("papers", (field.name,), (field.title,)) or is_staff_paper(field.name, field.title)

    def asked_of_people(self, field: Field) -> tuple[str, ...]:
        """The people at home who must tell a field."""
        return self.people(field.required_of)


def _unreadable(group: Group, text: Text) -> Sentence | None:
    """Why a text cannot be searched for the words of a group; None if it can."""
    if unread(group, text):
        return sentence(
            _("it is said only in languages whose words are not known here: {languages}"), languages=tuple(text)
        )
    if strange := illegible(group, text):
        return sentence(_("it is said in letters that no list of words has in these: {languages}"), languages=strange)
    return None


def longer_than(text: str, days: int) -> bool:
    """Whether a period can last longer than a number of days."""
    return most_days(text) > days
