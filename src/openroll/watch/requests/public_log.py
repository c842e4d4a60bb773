"""What a roll lists of requests and uses for everybody, held against every entry of its log: so a person need not take its word.

The whole log is read, so that nobody learns from what is fetched whose notice it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC
from typing import Any, NamedTuple

import msgspec

from openroll.disclosure.envelope import KeyUnfit, VerifyingKey, published_of
from openroll.register.event import Event
from openroll.register.organisation.events import OrganisationAdmitted
from openroll.register.request.compared import PublicRequest, PublicUse, told_of
from openroll.register.request.content import notice_context
from openroll.register.request.events import KeyPublished, PersonTold, RequestEvent, RequestFiled, UseRegistered
from openroll.register.request.state import ProcedureGone, Request, fold, procedure_of, unfollowed
from openroll.tlog import Entry
from openroll.watch.facts import UNRECKONED
from openroll.watch.requests.believed import BelievedLog

_AS_FILED = ("number", "authority", "operator", "reviewer", "use", "fields", "urgency", "filed", "filed_to", "told")
"""What the log says of a request whatever procedure it goes by."""


class Otherwise(NamedTuple):
    """What a roll lists otherwise than its log says: of what, what it `listed` of it (None: nothing), and how, in words."""

    of: str
    listed: PublicRequest | PublicUse | None
    how: tuple[str, ...]

    def __str__(self) -> str:
        """What it is of, with how."""
        return ", ".join(f"{self.of} ({how})" for how in self.how)


class PublicLog(BelievedLog):
    """What the entries of a log say in public of requests, and of the uses that they are asked under."""

    def __init__(self) -> None:
        super().__init__()
        self._uses: dict[int, UseRegistered] = {}
        self._titles: dict[str, list[Mapping[str, str]]] = {}
        self._keys: dict[str, list[VerifyingKey]] = {}

    def take(self, position: int, entry: Entry) -> Event | None:
        """Keep the next entry, where it says something of these. What does not read is none, nor what others say than may."""
        known = super().take(position, entry)
        match known:
            case UseRegistered():
                self._uses.setdefault(known.use, known)
            case KeyPublished():
                with suppress(KeyUnfit):  # what is no key signs nothing
                    self._keys.setdefault(known.organisation, []).append(published_of(known.public).verifying)
            case OrganisationAdmitted():
                self._titles.setdefault(known.organisation, []).append(known.title)
        return known

    @property
    def told(self) -> int:
        """How many requests there are of which somebody was told: numbers that no request has count for none."""
        return sum(any(isinstance(one, PersonTold) for one in acts) for _, acts in self.every_act())

    def signers(self, *origins: str) -> dict[str, tuple[VerifyingKey, ...]]:
        """The keys that a notice of each request may be signed with, by its context in the log of each of these names: those that
        the operator that was asked published, or whoever succeeded it; ended ones too."""
        found: dict[str, tuple[VerifyingKey, ...]] = {}
        for number, _ in self.every_act():
            bodies = sorted({one for filed in self.filings(number) for one in self.answering(filed.operator)})
            keys = tuple(key for name in bodies for key in self._keys.get(name, ()))
            found |= {notice_context(origin, number): keys for origin in origins}
        return found

    def told_since(self, month: str) -> frozenset[int]:
        """The requests whose person was last told since the beginning of a month (UTC, as `2026-11`)."""
        found = set()
        for number, acts in self.every_act():
            last = next((one for one in reversed(acts) if isinstance(one, PersonTold)), None)
            if last is not None and f"{last.at.astimezone(UTC):%Y-%m}" >= month:
                found.add(number)
        return frozenset(found)

    def filed_since(self, number: int) -> frozenset[int]:
        """The requests from a number on."""
        return frozenset(one for one, _ in self.every_act() if one >= number)

    def contradicted(
        self, requests: Iterable[PublicRequest], uses: Iterable[PublicUse], owed: Iterable[int]
    ) -> list[Otherwise]:
        """What a roll lists otherwise than its log says; nothing where all of it stands there.

        `owed` are the requests that must be listed. Of a use's purpose the log has the place in a rule's list, so its words are
        not held against anything.
        """
        listed = {one.number: one for one in requests}
        found = [
            Otherwise(f"request {number}", None, ("not listed",)) for number in sorted(owed) if number not in listed
        ]
        found += [Otherwise(f"request {one.number}", one, tuple(self._otherwise(one))) for one in listed.values()]
        found += [Otherwise(f"use {one.number}", one, tuple(self._use_otherwise(one))) for one in uses]
        return [one for one in found if one.how]

    def has_been(self, listed: PublicRequest | PublicUse) -> bool:
        """Whether what a roll listed once is what its log says, or said of it at any of its entries."""
        if isinstance(listed, PublicUse):
            return not any(self._use_otherwise(listed))
        facts = self.acts(listed.number)
        return any(not any(self._differs(listed, facts[:size])) for size in range(len(facts), 0, -1))

    def _otherwise(self, listed: PublicRequest) -> Iterator[str]:
        return self._differs(listed, self.acts(listed.number))

    def _differs(self, listed: PublicRequest, facts: list[RequestEvent]) -> Iterator[str]:
        if len(self.filings(listed.number)) > 1:
            yield "filed more than once in the log, and nobody can tell which it is"
            return
        request = _request(facts)
        if request is None:
            yield "not in the log, or not to be followed"
            return
        told: dict[str, Any] = told_of(facts)
        for name in _AS_FILED if self._is_unfollowed(listed.number) else PublicRequest.__struct_fields__:
            value = getattr(listed, name)
            if name == "operator" and value in self.answering(request.operator):
                continue
            if isinstance(value, msgspec.UnsetType):
                continue  # a roll of before does not say it, and then nothing is said of it
            if value != (told[name] if name in told else getattr(request, name)):
                yield name

    @property
    def unfollowed(self) -> frozenset[int]:
        """The requests that go by a procedure that is not here: what came of them is held against nothing."""
        return frozenset(number for number, _ in self.every_act() if self._is_unfollowed(number))

    def _is_unfollowed(self, number: int) -> bool:
        return any(map(_procedure_gone, self.filings(number)))

    def _use_otherwise(self, listed: PublicUse) -> Iterator[str]:
        use = self._uses.get(listed.number)
        if use is None:
            yield "not in the log"
            return
        for name in ("basis", "supervisor", "supervised_at"):
            if getattr(listed, name) != getattr(use, name):
                yield name
        if listed.titles not in map(
            dict, self._titles.get(use.organisation, [{}])
        ):  # admitted anew, it may be called anew
            yield "titles"


def _procedure_gone(filed: RequestFiled) -> bool:
    try:
        procedure_of(filed.procedure)
    except ProcedureGone:
        return True
    return False


def _request(facts: list[RequestEvent]) -> Request | None:
    """The request that facts lead to; as it was filed, where its procedure is not here; None of what was never filed, or does not
    go together."""
    try:
        return fold(facts)
    except ProcedureGone:
        return unfollowed(facts[0]) if isinstance(facts[0], RequestFiled) else None
    except UNRECKONED:
        return None
