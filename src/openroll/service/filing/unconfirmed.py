"""Filings that people made alone: they wait, counted apart, until their operator takes or disowns them, and fall away in time.

Anyone may file under any operator's name without its doing anything. So what nobody confirmed is in no count of the operator's
and makes it no duty. The operator sees each by a reference that opens nothing, and says of each by page, command or API what it
is. What it says nothing of falls away after the rule's time, or the roll's own where the rule says none.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import msgspec
from psycopg.errors import LockNotAvailable, UniqueViolation

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.refusals import RequestShape, TooManyReferences
from openroll.register.subscription.commands import Confirm, Disown, Lapse
from openroll.register.subscription.decide import decide, evolve
from openroll.register.subscription.filing_code import NotACode, number_of_reference, reference_of
from openroll.register.subscription.refusals import SubscriptionUnknown
from openroll.service.acts import append
from openroll.service.event_rows import event_row
from openroll.service.filing.projections import show, states_of
from openroll.service.filing.submit import Outcome, Submission
from openroll.service.identity import throttle
from openroll.service.roll import Roll
from openroll.store import events, subscriptions
from openroll.store.regular_work import LAPSE, begun
from openroll.store.waiting import wait_little

CLOCK = Actor("registrar", "registrar")
"""Who lets filings fall away: the roll's own clock, for the registrar."""
MOST = 1_000
"""Filings shown, and words taken, at once."""


class Waiting(msgspec.Struct, frozen=True):
    """A filing that waits: what its subscriber filed, and the last day on which the operator may take it."""

    reference: str
    kind: str
    access: str
    district: str
    connected: date
    filed: date
    until: date


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator's word on one filing: `take` it, under a `handle` or none, or `disown` it for a reason (`why`)."""

    reference: str
    word: str
    handle: str = ""
    why: str = ""


def waiting(roll: Roll, operator: str, after: str = "") -> list[Waiting] | Refused:
    """The filings that wait for an operator's word, at most a thousand, from the one after the reference `after` on."""
    key = roll.keys.code_key
    try:
        number = number_of_reference(after, key) if after else 0
    except NotACode:
        return Refused(SubscriptionUnknown(sought=after))
    with roll.database.transaction("operator", organisation=operator) as connection:
        rows = subscriptions.unconfirmed(connection, operator, number, MOST)
        since = begun(connection, LAPSE)
    return [
        Waiting(
            reference_of(row.number, key),
            row.kind,
            row.access,
            row.district,
            row.connected,
            row.filed,
            roll.waits_until(row.filed, since),
        )
        for row in rows
    ]


def submission_of(roll: Roll, operator: str, word: Word, token: bytes = b"") -> Submission | Refused:
    """An operator's word as a submission: given twice, it does its work once.

    One that a program gives stands for its `token` (its hash), which is looked up with it: an ended one says nothing more.
    """
    try:
        number = number_of_reference(word.reference, roll.keys.code_key)
    except NotACode:
        return Refused(SubscriptionUnknown(sought=word.reference))
    if word.word not in ("take", "disown"):
        return Refused(RequestShape(detail="`word` is take or disown"))
    command = Confirm(handle=word.handle) if word.word == "take" else Disown(why=word.why)
    request = hashlib.sha256(f"{number} ".encode() + msgspec.json.encode(word)).digest()
    actor = None if token else Actor("operator", operator)
    key = f"word-{request.hex()[:40]}"
    return Submission(command=command, key=key, request=request, actor=actor, token=token, number=number)


def place_for_a_word(roll: Roll, operator: str, source: str) -> throttle.Goes | Refused:
    """Take a place for one word: a reference that is no filing of the operator's spends it, else it is given back."""
    goes = throttle.take(roll, throttle.REFERRING, source=source, target=operator)
    return Refused(TooManyReferences(wait=goes.minutes)) if isinstance(goes, throttle.Wait) else goes


def missed(outcome: Outcome) -> bool:
    """Whether a word's reference was no filing of the operator's."""
    return isinstance(outcome, Refused) and isinstance(outcome.refusal, SubscriptionUnknown)


def say_all(roll: Roll, operator: str, words: Iterable[Word], submit: Callable[[Submission], Outcome]) -> list[Outcome]:
    """Take an operator's words one by one; an outcome each, in their order. For who keeps the roll: no reference counts."""
    outcomes: list[Outcome] = []
    for word in words:
        made = submission_of(roll, operator, word)
        outcomes.append(made if isinstance(made, Refused) else submit(made))
    return outcomes


def words_of(text: str) -> list[Word]:
    """An operator's words from a file: CSV with the columns reference, word, handle and why. Raises ValueError with the line."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = set(rows.fieldnames or ())
    if not {"reference", "word"} <= names or names - {"reference", "word", "handle", "why"}:
        raise ValueError("the first line names the columns: reference,word,handle,why")
    found = []
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(f"line {rows.line_num} has not as many cells as the first line")
        found.append(Word(**{name: cell.strip() for name, cell in row.items()}))
    return found


def lapse_due(roll: Roll, most: int = MOST) -> int:
    """Let fall away what nobody confirmed in time, at most so many; how many did. Done by the clock, again and again.

    What somebody holds just now is left for the next time, and with it what else waits for the same operator: the rest goes on.
    """
    now = roll.clock()
    today = roll.day(now)
    with roll.database.own() as connection:
        since = begun(connection, LAPSE, today)
    with roll.database.transaction("registrar") as connection:
        late = subscriptions.unconfirmed_filed_by(connection, today - timedelta(days=1), most)
    done, held = 0, set[str]()
    for number, operator in late:
        try:
            done += operator not in held and _lapse(roll, number, since or today)
        except LockNotAvailable:
            held.add(operator)
        except UniqueViolation:
            continue  # its operator said its word meanwhile: the next time it is decided by that
    return done


def _lapse(roll: Roll, number: int, since: date) -> bool:
    """One filing, in a transaction of its own: decided by its facts, whatever was said of it meanwhile."""
    now = roll.clock()
    today = roll.day(now)
    with roll.database.own() as connection:
        wait_little(connection)
        version = events.version_of(connection, number) + 1
        state = states_of(connection, [number]).get(number)
        if state is None or today <= roll.waits_until(state.filed, since):
            return False
        decision = decide(Lapse(), state, CLOCK, roll.setting(today))
        if isinstance(decision, Refused):
            return False
        of = {"stream": number, "version": version}
        fact = decision.events[0]
        append(connection, roll, [event_row(roll, now, fact, **of, actor=CLOCK, owner=state.operator)])
        show(connection, {number: evolve(state, fact, today)})
    return True
