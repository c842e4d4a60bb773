"""Whose act each fact is: what is said in a body's name counts where a seat of that body says it, and nobody else's does.

That is all that one receipt shows: that something stands in the log, and not that whoever wrote it there may. Whether that body
was ever admitted, whether somebody sits in that seat, whether another filing or succession stands before this one, the log's
other entries show: whoever reads all of them asks `watch.requests.believed`, which judges as `openroll audit` does.
"""

from collections.abc import Collection, Iterable

from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.organisation.roles import REGISTRAR, seat_of
from openroll.register.request import events
from openroll.register.request.state import Request, party_of


def is_seat_of(name: str, organisation: str) -> bool:
    """Whether a text names a person's seat of an organisation. Number 0 is a machine's or a program's, and nobody's."""
    seat = seat_of(name)
    return seat is not None and seat.number > 0 and seat.organisation == organisation


def is_its_own_key(fact: events.KeyPublished | events.KeyEnded) -> bool:
    """Whether an organisation published a key itself, or ended it: what is sealed to it at others' word is read by others."""
    return is_seat_of(fact.by, fact.organisation)


def is_its_own_use(fact: events.UseRegistered) -> bool:
    """Whether an authority registered a use itself: by it a person is told on what basis it asked, and who supervises it."""
    return is_seat_of(fact.by, fact.organisation)


def is_of_the_two(fact: OperatorSucceeded) -> bool:
    """Whether a succession is the word of the two operators, or two of the registrar, which announced and carried it out."""
    words = (fact.offered_by, fact.by)
    by_them = all(is_seat_of(word, fact.operator) or is_seat_of(word, fact.heir) for word in words)
    return by_them or (len(set(words)) == len(words) and all(map(_is_the_registrars, words)))


def _is_the_registrars(word: str) -> bool:
    """Whether a word is the registrar's: of a person there, or of the keeper of its machine (number 0), who counts as another."""
    seat = seat_of(word)
    return seat is not None and seat.organisation == REGISTRAR


def operators_of(asked: str, heirs: Iterable[tuple[str, str]]) -> list[str]:
    """The operator that was asked, and whoever succeeded it."""
    successions, found = tuple(heirs), [asked]
    for operator in found:
        found += [heir for of, heir in successions if of == operator and heir not in found]
    return found


def is_of_its_party(
    fact: events.RequestEvent, request: Request | events.RequestFiled, operators: Collection[str]
) -> bool:
    """Whether a fact of a request is the act of the body whose it is. `operators` are the one that was asked, and its heirs.

    That time passed is nobody's word, and whoever acted next wrote it down; a complaint is the person's, who has no seat.
    """
    if isinstance(fact, events.TimePassed):
        return True
    if isinstance(fact, events.RequestComplained):
        return not fact.by
    parties = {
        "authority": (request.authority,),
        "reviewer": (request.reviewer,),
        "objector": (request.objector,) if request.objector else (),
        "operator": tuple(operators),
    }
    if isinstance(fact, events.RequestSigned):
        del parties["operator"]  # whose act is never one that an answer of its own rests on
    party = party_of(fact, request)
    bodies = parties[party] if party else tuple(one for each in parties.values() for one in each)
    if isinstance(fact, events.RequestOpened | events.RequestCalledBack | events.RequestSigned):
        bodies = tuple(one for one in bodies if one == fact.organisation)
    return any(is_seat_of(fact.by, one) for one in bodies)
