"""What a rule stands on: the days that bind it, the kinds it speaks of, the reasons it gives. Parts of the check `legality`."""

from collections.abc import Iterator
from datetime import date

from openroll.rules.checks.breach import SUBSCRIBER, Breach, someone, story
from openroll.rules.checks.reach import Reach
from openroll.rules.kinds import NATURAL
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.strays import because
from openroll.rules.telltales import only
from openroll.rules.values import given

_OVER = frozenset({"struck-down", "never-in-force", "repealed"})
"""States after which a rule is no more: who wants it again makes another."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def revived(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """A rule put back in force after it was no more, or from a day before anyone decided so."""
    gone = False
    for one in sorted(given(reach.rule.standing, ()), key=lambda one: one.since or date.min):
        decided = given(one.decided, None)
        if one.state in _OVER:
            gone = True
        elif one.state == "in-force" and gone:
            what = Sentence(_("is bound again by what was struck down, repealed or never in force"))
            yield "standing", Breach(story(SUBSCRIBER, one.since, what), one.article, grave=True)
        elif one.state == "in-force" and (decided is None or one.since is None or decided > one.since):
            what = sentence(
                _("is bound from a day that was past when this was decided: {day}"), day=decided or Sentence(_("none"))
            )
            yield "standing", Breach(story(SUBSCRIBER, one.since, what), one.article, grave=True)


def unlisted(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Kinds of organisation, operator or site whose words stand in no list: they may be anybody."""
    for kind in given(reach.rule.kinds, ()):
        if kind.nature not in NATURAL and kind.nature != "machine" and not only("body", kind.id, kind.title):
            what = Sentence(_("may be anybody: its words are in no list for organisations, operators and sites"))
            told = because(what, "body", kind.id, kind.title)
            yield kind.id, Breach(story(someone(kind.id), None, told), "", grave=True)


def unsupported(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Reasons that nobody gives but who wrote the rule."""
    ours = {source.id for source in reach.rule.sources if source.standing == "ours"}
    for one in given(reach.rule.evidence, ()):
        if not one.source or one.source in ours:
            what = sentence(
                _("is given a reason that only its own writer vouches for: {source}"), source=one.source or "-"
            )
            yield "evidence", Breach(story(SUBSCRIBER, one.since, what), one.article, grave=True)
