"""Keys for envelopes as a log's entries leave them: each that is published or ended is decided on again.

How many a body may have in force, or publish within a month, is left out: earlier versions knew no bound.
"""

import msgspec

from openroll.register.decision import Accepted
from openroll.register.event import Event
from openroll.register.request.commands import EndKey, PublishKey
from openroll.register.request.events import KeyEnded, KeyPublished
from openroll.register.request.rights import end_key, publish_key
from openroll.register.request.state import Keys
from openroll.watch.audit.seatings import refused, under
from openroll.watch.audit.successions import Successions


class BodyKeys(Successions):
    """Every key that an organisation ever published, and those that ended.

    `keys` says whose each is, by id; None where not every entry before was read, and then it is not known which there are.
    `lost_keys` are those that the database may have forgotten: they may be published, or ended, again.
    """

    keys: dict[str, str] | None = None
    ended_keys: set[str] = msgspec.field(default_factory=set)
    lost_keys: set[str] = msgspec.field(default_factory=set)

    def forget_keys(self) -> None:
        """The database went back behind the log: what it forgot is done again."""
        self.lost_keys = set(self.keys or ())

    def take_key(self, fact: Event) -> str:
        """Keep what an entry says of a key; why no decider makes it, as a sentence's end, and then it changes nothing."""
        match fact:
            case KeyPublished():
                return self._published(fact)
            case KeyEnded():
                return self._key_ended(fact)
        return ""

    def _published(self, fact: KeyPublished) -> str:
        by, keys = self.alone(fact.by), self.keys or {}
        if by is None:
            return f"{fact.by!r} is no seat"
        known = frozenset(one for one, of in keys.items() if one not in self.lost_keys or of != fact.organisation)
        state = Keys(self.kind(fact.organisation), known)
        decision = publish_key(PublishKey(public=fact.public), state, by, under(fact.rule))
        if not isinstance(decision, Accepted):
            return refused(decision)
        if decision.events != (fact,):
            return "its decider says something else of whose it is, or of its id"
        if self.keys is not None:
            self.keys[fact.key] = fact.organisation
            self.ended_keys.discard(fact.key)
            self.lost_keys.discard(fact.key)
        return ""

    def _key_ended(self, fact: KeyEnded) -> str:
        by, keys = self.alone(fact.by), {fact.key: fact.organisation} if self.keys is None else self.keys
        if by is None:
            return f"{fact.by!r} is no seat"
        ended = self.ended_keys - self.lost_keys
        own = frozenset(one for one, of in keys.items() if of == fact.organisation and one not in ended)
        decision = end_key(
            EndKey(key=fact.key, why=fact.why), Keys(self.kind(fact.organisation), own), by, under(fact.rule)
        )
        if not (said := refused(decision)):
            self.ended_keys.add(fact.key)
            self.lost_keys.discard(fact.key)
        return said
