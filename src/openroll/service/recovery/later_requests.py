"""Requests, uses and keys of envelopes beyond what a copy knows: each step stands whole in its entry, so each is a fact again.

A request that was forgotten would be told to nobody, and one that was narrowed would be approved anew in all its fields. What
is gone is what was sealed beside the facts: the register had it and no entry does. It is named as lost, and a person whose
notice was lost is told once more, however long ago they were told.
"""

from typing import Any

from psycopg import Connection

from openroll.register.request import events
from openroll.register.request.state import evolve, fold
from openroll.service.recovery.replayed import Replayed
from openroll.service.requests.projections import put_row
from openroll.service.requests.states import facts_of
from openroll.service.roll import Roll
from openroll.service.way import Done
from openroll.store import requests


def _follows(connection: Connection, fact: events.RequestEvent) -> bool:
    """Whether a request is where the fact leads on: it was filed, or is in a step that takes it."""
    found = requests.stream_of(connection, fact.request)
    if found is None or isinstance(fact, events.RequestFiled):
        return found is None and isinstance(fact, events.RequestFiled) and _begins(fact)
    try:
        return evolve(fold(facts_of(connection, found[0])), fact) is not None
    except (ValueError, LookupError):  # no step that takes it; a procedure that this version does not have
        return False


def _begins(fact: events.RequestFiled) -> bool:
    try:
        return evolve(None, fact) is not None
    except LookupError:
        return False


def _row(connection: Connection, _: Roll, done: Done, __: Any) -> None:
    put_row(connection, done.number, done.version)


def _no_such_key(connection: Connection, fact: events.KeyPublished) -> bool:
    return fact.key not in requests.known_keys(connection)


def _has_key(connection: Connection, fact: events.KeyEnded) -> bool:
    return any(row.key == fact.key for row, _ in requests.keys_ever(connection, fact.organisation))


def _no_such_use(connection: Connection, fact: events.UseRegistered) -> bool:
    return requests.use(connection, fact.use) is None


def _has_use(connection: Connection, fact: events.UseEnded) -> bool:
    return requests.use(connection, fact.use) is not None


_NOT_THERE = "its organisation is not there: have its lead do this again"
_ELSEWHERE = "a request came back in a step that does not take this: have its bodies look at it, and read the log"
_ASK_GONE = (
    "what was sealed in it is gone where nobody took it before: the reviewer returns the request and it is completed, or the"
    " authority withdraws it and asks anew"
)
_WORDS_GONE = "what was sealed in it is gone where nobody took it before: it is asked once more"
_ANSWER_GONE = "an answer that the authority had not taken is gone: it asks anew"
_NOTICE_GONE = (
    "the notice is gone, and its person finds nothing: have the operator tell them again (`openroll request tell`)"
)
_LETTER_GONE = "a letter with it is gone, where there was one"

_THEN = {
    events.RequestFiled: _ASK_GONE,
    events.RequestCompleted: _ASK_GONE,
    events.RequestAskedBack: _WORDS_GONE,
    events.RequestAnsweredBack: _WORDS_GONE,
    events.RequestAnswered: _ANSWER_GONE,
    events.PersonTold: _NOTICE_GONE,
    events.PersonToldByWord: _NOTICE_GONE,
    events.RequestComplained: _LETTER_GONE,
}
STEPS: tuple[type[events.RequestEvent], ...] = (*events.RequestEvent.__subclasses__(), events.PersonToldByWord)
"""Everything that happens to a request."""

REQUESTS: dict[str, Replayed] = {
    events.KeyPublished.name: Replayed(_no_such_key, lost=_NOT_THERE),
    events.KeyEnded.name: Replayed(_has_key),
    events.UseRegistered.name: Replayed(_no_such_use, lost=_NOT_THERE),
    events.UseEnded.name: Replayed(_has_use),
    **{one.name: Replayed(_follows, follow=_row, then=_THEN.get(one, ""), lost=_ELSEWHERE) for one in STEPS},
}
"""How each act on requests, uses and keys is a fact again."""
