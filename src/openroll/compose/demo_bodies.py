"""The bodies of a demonstration: an authority, a reviewer and operators that are none, with seats and keys of their own.

What they do is done in earnest: sealed to published keys, opened, answered from the operator's disclosures file with the receipts
of its filing, and checked as an officer checks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from openroll.disclosure.envelope import SEED_BYTES, HeldKey, key_line, open_envelope, public_line, seal, sign_text
from openroll.disclosure.notice import bucket_of, notice_secret, seal_notice, word_of
from openroll.durable import PRIVATE, write_durably
from openroll.places import Demonstration
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.request import commands
from openroll.register.request.checked import Expected, checked
from openroll.register.request.content import (
    SALT_BYTES,
    Answer,
    AnswerBack,
    Ask,
    Content,
    Draft,
    Question,
    ask_of,
    complaint_digest,
    context_of,
    notice_context,
    read_ask,
    read_content,
)
from openroll.register.request.record import Given
from openroll.register.request.telling import AskedUnder, notice_of
from openroll.register.request.words import ANSWER, NOTICE, TEXT
from openroll.register.subscription.terms import personal_fields
from openroll.service.acts import Acted
from openroll.service.identity.people import admit_organisation, create_seat, overview
from openroll.service.log.receipts import receipt
from openroll.service.requests import ask, rights, shown, steps
from openroll.service.requests.shown import Shown
from openroll.service.roll import Roll
from openroll.sheet.disclosed import kept_lines, openings_of, take
from openroll.sheet.pack import Kept
from openroll.store import subscriptions


class Operator(NamedTuple):
    """An operator's own side: its name, its handle key, and the records in its file that have a name and an address."""

    name: str
    key: bytes
    told: tuple[Kept, ...]


@dataclass
class Matter:
    """A request as those know it who have its envelopes. `word` is the right to complain, once the person was told."""

    number: int
    ask: Ask
    operator: Operator
    record: Kept
    bound: dict[str, object]
    word: str = ""


@dataclass
class Bodies:
    """Everybody whom requests need, in a roll that was just opened."""

    roll: Roll
    shown: Demonstration
    operators: Sequence[Operator]
    folder: Path
    use: int = 0
    keys: dict[str, HeldKey] = field(default_factory=dict)
    _seats: dict[tuple[str, str], Seat] = field(default_factory=dict)

    @property
    def authority(self) -> str:
        """The name of the body that asks."""
        return self.shown.requests.authority.organisation

    @property
    def reviewer(self) -> str:
        """The name of the body that decides."""
        return self.shown.requests.reviewer.organisation

    def begin(self) -> None:
        """Admit the bodies, seat their people, publish their keys, and register what is asked under."""
        said = self.shown.requests
        for body, kind in ((said.authority, "authority"), (said.reviewer, "reviewer")):
            admit = AdmitOrganisation(organisation=body.organisation, kind=kind, title=body.title)
            taken(admit_organisation(self.roll, admit, KEEPER))
        leads = {self.authority: "officer-lead", self.reviewer: "reviewer-lead"}
        leads |= {one.name: "operator-lead" for one in self.operators}
        for name, role in leads.items():
            key = self.keys[name] = HeldKey(self.roll.random_bytes(SEED_BYTES))
            write_durably(self.folder / f"{name}.key", key_line(key).encode(), PRIVATE)
            taken(rights.publish_key(self.roll, public_line(key.published), self.seat(name, role)))
        use = commands.RegisterUse(
            purpose=0,
            basis=said.basis,
            fields=personal_fields(self.roll.rule),
            supervisor=said.supervisor,
            supervised_at=said.supervised_at,
            office=said.office,
        )
        self.use = taken(rights.register_use(self.roll, use, self.seat(self.authority, "officer-lead"))).fresh

    def seat(self, organisation: str, role: str, another: str = "") -> Seat:
        """Who sits there in this role: the same person each time, or with `another` word another."""
        key = (organisation, role + another)
        if key not in self._seats:
            taken(create_seat(self.roll, organisation, role, f"demonstration, {role}"))
            number = max(one.seat for one in overview(self.roll, organisation, 0)[0])
            self._seats[key] = Seat(organisation, number)
        return self._seats[key]

    @property
    def officer(self) -> Seat:
        """Who asks."""
        return self.seat(self.authority, "officer")

    @property
    def judge(self) -> Seat:
        """Who decides."""
        return self.seat(self.reviewer, "reviewer")

    def clerk(self, matter: Matter) -> Seat:
        """Who answers at the operator that is asked."""
        return self.seat(matter.operator.name, "clerk")

    def file(self, matter: Matter, fields: tuple[str, ...], urgency: str, desired: str, earlier: int | None) -> None:
        """Ask, under the registered use; the number of the request stands in the matter then."""
        matter.bound = {
            "use": self.use,
            "authority": self.authority,
            "operator": matter.operator.name,
            "reviewer": self.reviewer,
            "fields": fields,
            "case_digest": matter.ask.case_digest,
        }
        sealed = self.sealed(
            matter, matter.ask, "ask", self.authority, (self.authority, self.reviewer, matter.operator.name)
        )
        command = commands.FileRequest(
            use=self.use,
            operator=matter.operator.name,
            reviewer=self.reviewer,
            fields=fields,
            urgency=urgency,
            desired=desired,
            envelope=sealed,
            case_digest=matter.ask.case_digest,
            earlier=earlier,
        )
        matter.number = taken(ask.file_request(self.roll, command, self.officer)).fresh

    def drafted(self, record: Kept) -> Ask:
        """What an officer writes about one subscription."""
        said = self.shown.requests
        draft = Draft(Given("subscription", record.account), said.grounds, said.order, said.case, said.officer)
        found = ask_of(draft, self.roll.random_bytes(SALT_BYTES), self.roll.clock())
        if not isinstance(found, Ask):
            raise RuntimeError(f"a request of the demonstration is not complete: {found}")
        return found

    def sealed(self, matter: Matter, content: Content, part: str, by: str, to: Sequence[str]) -> bytes:
        """A part of a request, from one body to others."""
        keys = [self.keys[name].published.sealing for name in to]
        context = context_of(self.roll.origin, matter.bound, part)
        size = ANSWER if part == "answer" else TEXT
        return seal(content.encoded(), keys, self.keys[by].signing, context, pad_to=size)

    def opened(self, matter: Matter, seat: Seat) -> dict[str, bytes]:
        """What a body reads in the envelopes that it takes, by part."""
        found = shown.envelopes(self.roll, matter.number, seat)
        if isinstance(found, Refused):
            raise RuntimeError(f"the demonstration may not open request {matter.number}: {found.refusal}")
        key, signers = self.keys[seat.organisation], [one.published.verifying for one in self.keys.values()]
        return {
            one.part: open_envelope(
                one.data, key.private, signers, context_of(self.roll.origin, matter.bound, one.part)
            )
            for one in found.parts
        }

    def read(self, matter: Matter, seat: Seat) -> None:
        """Take the envelopes and read what is asked: one record, with everything there."""
        parts = self.opened(matter, seat)
        read_ask(parts.get("complete", parts["ask"]), self.roll.clock())

    def does(self, command: commands.Step, by: Seat) -> None:
        """A step that is taken; its body signs what may be given by it. Raises RuntimeError for a refusal."""
        taken(steps.step(self.roll, command, by))
        if isinstance(command, commands.Approve | commands.ConfirmEmergency):
            self._sign(command.request, by)

    def _sign(self, number: int, by: Seat) -> None:
        """Sign the newest decision of a request, as its body's program does once it has read it back."""
        (_, text), key = shown.public(self.roll, number=number)[0].request.decisions[-1], self.keys[by.organisation]
        signature = sign_text(text, key.signing)
        signed = {"decision": text, "key": key.published.verifying.id, "signature": signature}
        taken(steps.step(self.roll, commands.SignDecision(request=number, **signed), by))

    def now(self, matter: Matter) -> Shown:
        """A request as it stands."""
        return shown.public(self.roll, number=matter.number)[0]

    def between(self, matter: Matter, *, back: bool) -> None:
        """A question of the reviewer's, or what answers it."""
        said, both = self.shown.requests, (self.authority, self.reviewer)
        if back:
            sealed = self.sealed(matter, AnswerBack(text=said.reply), "answer-back", self.authority, both)
            self.does(commands.AnswerBack(request=matter.number, envelope=sealed), self.officer)
        else:
            sealed = self.sealed(matter, Question(text=said.question), "ask-back", self.reviewer, both)
            self.does(commands.AskBack(request=matter.number, envelope=sealed), self.judge)

    def answer(self, matter: Matter) -> None:
        """Give what was approved and is there, with the receipts of the record; checked as the officer will check it."""
        approved = self.now(matter).request.approved or ()
        found = take(matter.record, approved)
        outcome = "partly" if found.absent else "given"
        content = Answer(
            outcome=outcome,
            disclosures=found.disclosures,
            receipts=(self._receipt(matter).decode(),),
            withheld=dict.fromkeys(found.absent, "not-held"),
            number=matter.record.account,
            openings=openings_of(matter.record, found.disclosures, matter.record.account),
        )
        self._check(
            content, Expected(matter.operator.name, approved, outcome, found.fields, number=matter.record.account)
        )
        sealed = self.sealed(matter, content, "answer", matter.operator.name, (self.authority,))
        given = commands.Answer(request=matter.number, outcome=outcome, fields=found.fields, envelope=sealed)
        self.does(given, self.clerk(matter))

    def receive(self, matter: Matter) -> None:
        """Take the answer, as the officer: unaltered since the filing, and no field but those that were approved."""
        request = self.now(matter).request
        content = read_content(self.opened(matter, self.officer)["answer"], Answer)
        held_against = Expected(request.operator, request.approved or (), request.outcome, request.given)
        self._check(content, held_against._replace(number=matter.record.account))

    def _check(self, content: Answer, expected: Expected) -> None:
        found = checked(content, expected, self.roll.keys.succession)
        if not found.proved:
            raise RuntimeError(f"an answer of the demonstration does not hold: {found.faults}, {found.unopened}")

    def _receipt(self, matter: Matter) -> bytes:
        """The receipt of the record's filing, as the operator kept it."""
        with self.roll.database.own() as connection:
            handle = matter.record.handle
            number = subscriptions.numbers_of(connection, matter.operator.name, [handle])[handle]
        found = receipt(self.roll, number, 1)
        if isinstance(found, Refused):
            raise RuntimeError(f"a filing of the demonstration has no receipt: {found.refusal}")
        return found

    def tell(self, matter: Matter) -> None:
        """Tell the person, in a notice that stands in the heap of their code."""
        request, said = self.now(matter), self.shown.requests
        secret = notice_secret(matter.operator.key, matter.record.handle)
        context = notice_context(self.roll.origin, matter.number)
        matter.word = word_of(secret, context)
        use = AskedUnder(
            said.authority.title, self.roll.rule.purposes[0], said.basis, said.supervisor, said.supervised_at
        )
        content = notice_of(request.request, (fact for fact, _ in request.history), use, matter.word)
        sealed = seal_notice(content.encoded(), secret, self.keys[matter.operator.name].signing, context, pad_to=NOTICE)
        heap, digest = bucket_of(secret, matter.number), complaint_digest(matter.word)
        told = commands.Tell(request=matter.number, notice=sealed, bucket=heap, complaint=digest, by_word=True)
        self.does(told, self.clerk(matter))

    def complain(self, matter: Matter) -> None:
        """Complain, as the person who was told."""
        taken(steps.complain(self.roll, commands.Complain(request=matter.number, word=matter.word)))


def operator_of(name: str, key: bytes, disclosures: Path) -> Operator:
    """An operator as its own files make it: the records that have what is asked for."""
    records = tuple(one for one in kept_lines([disclosures]) if {"name", "address"} <= set(_fields(one)))
    return Operator(name, key, records)


def has(record: Kept, name: str) -> bool:
    """Whether an operator's file has a field of a record."""
    return name in _fields(record)


def _fields(record: Kept) -> tuple[str, ...]:
    return take(record, ("name", "contact", "address", "phone")).fields


def taken(outcome: object) -> Acted:
    """What was taken. Raises RuntimeError for a refusal."""
    if isinstance(outcome, Refused):
        raise RuntimeError(f"an act of the demonstration was refused: {outcome.refusal}")
    return outcome  # type: ignore[return-value] # or something else that was not refused, whose value nobody takes
