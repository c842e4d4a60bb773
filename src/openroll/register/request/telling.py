"""What a person is told of a request: its facts, in the words of the registered use that it was asked under."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from openroll.register.request.content import Notice
from openroll.register.request.events import RequestEvent, TellingPostponed
from openroll.register.request.state import Request

BETWEEN = " / "
"""What stands between a text's languages."""


class AskedUnder(NamedTuple):
    """What stands of the registered use: the titles of its authority, and its purpose, by language; basis and supervisor."""

    titles: Mapping[str, str]
    purpose: Mapping[str, str]
    basis: str
    supervisor: str
    supervised_at: str


def notice_of(request: Request, facts: Iterable[RequestEvent], use: AskedUnder, word: str) -> Notice:
    """The notice of a request. `word` is the right to complain: its digest stands in the fact that the person was told."""
    why = [fact.why for fact in facts if isinstance(fact, TellingPostponed)]
    return Notice(
        request=request.number,
        authority=request.authority,
        authority_title=in_all(use.titles),
        reviewer=request.reviewer,
        operator=request.operator,
        filed=request.filed,
        purpose=in_all(use.purpose),
        basis=use.basis,
        asked=request.fields,
        approved=request.approved or (),
        given=request.given,
        outcome=request.outcome,
        urgency=request.urgency,
        supervisor=use.supervisor,
        supervised_at=use.supervised_at,
        word=word,
        postponed=request.postponed,
        postponed_why=why[-1] if why else "",
        annulled=request.annulled,
    )


def in_all(text: Mapping[str, str]) -> str:
    """A text in all its languages: nobody who writes a notice knows which the person reads."""
    return BETWEEN.join(dict.fromkeys(text.values()))
