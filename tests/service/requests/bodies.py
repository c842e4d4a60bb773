"""The bodies of a request, for tests: an authority with officers, a reviewer, operators, their keys, and a registered use."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from openroll.disclosure.envelope import X25519, HeldKey, open_envelope, public_line, seal
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.identity.people import admit_organisation
from openroll.service.requests import ask, rights, shown, steps
from openroll.service.roll import Roll
from tests.seats import seated

FIELDS = ("name", "address")
CASE = hashlib.sha256(b"case 7 with salt").hexdigest()
CONTEXT = "a test"
LEADS = {"police": "officer-lead", "court": "reviewer-lead", "east": "operator-lead", "west": "operator-lead"}


def held(of: str) -> HeldKey:
    """The key of an organisation, always the same."""
    return HeldKey(hashlib.sha256(of.encode()).digest(), X25519)


@dataclass
class Bodies:
    """A roll with everybody whom a request needs. `use` is the registered use's number."""

    roll: Roll
    use: int = 0
    seats: dict[str, Seat] = field(default_factory=dict)

    def sealed(self, content: bytes, to: Sequence[str], by: str = "police") -> bytes:
        """An envelope to these organisations."""
        return seal(content, [held(one).published.sealing for one in to], held(by).signing, CONTEXT)

    def asking(self, **given: object) -> commands.FileRequest:
        """A request that is whole, but for what is `given`."""
        whole: dict[str, object] = {
            "use": self.use,
            "operator": "east",
            "reviewer": "court",
            "fields": FIELDS,
            "urgency": "ordinary",
            "desired": "now",
            "case_digest": CASE,
            "envelope": self.sealed(b"who is a-1?", ("police", "court", "east")),
        }
        return commands.FileRequest(**(whole | given))  # type: ignore[arg-type] # names and values are the caller's

    def file(self, **given: object) -> int:
        """File a request; its number."""
        acted = ask.file_request(self.roll, self.asking(**given), self.seats["officer"])
        assert isinstance(acted, Acted), acted
        return acted.fresh

    def does(self, command: commands.Step, who: str) -> Acted:
        """A step that is taken."""
        acted = steps.step(self.roll, command, self.seats[who])
        assert isinstance(acted, Acted), acted
        return acted

    def refused(self, command: commands.Step, who: str) -> str:
        """The code for which a step is refused."""
        acted = steps.step(self.roll, command, self.seats[who])
        assert isinstance(acted, Refused), acted
        return acted.refusal.code

    def read(self, number: int, who: str) -> list[bytes] | str:
        """What somebody reads in the envelopes of a request, or why they get none."""
        seat = self.seats[who]
        taken = shown.envelopes(self.roll, number, seat)
        if isinstance(taken, Refused):
            return taken.refusal.code
        key = held(seat.organisation)
        signers = [held(one).published.verifying for one in (*LEADS, "person")]
        return [open_envelope(one.data, key.private, signers, CONTEXT) for one in taken]

    def step_of(self, number: int) -> str:
        """The step that a request is in."""
        return shown.public(self.roll, number=number)[0].request.standing.step


def bodies(roll: Roll) -> Bodies:
    """Seat everybody, publish keys, and register a use."""
    made = Bodies(roll)
    for name, kind in (("police", "authority"), ("court", "reviewer")):
        admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机构", "en": name.title()})
        assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    for name, role in LEADS.items():
        made.seats[f"{name} lead"] = seated(roll, name, role)
        public = public_line(held(name).published)
        assert isinstance(rights.publish_key(roll, public, made.seats[f"{name} lead"]), Acted)
    people = {"officer": "police", "second officer": "police", "reviewer": "court", "second reviewer": "court"}
    for who, name in people.items():
        made.seats[who] = seated(roll, name, "officer" if name == "police" else "reviewer")
    made.seats["clerk"] = seated(roll, "east", "clerk")
    made.seats["west clerk"] = seated(roll, "west", "clerk")
    use = commands.RegisterUse(
        purpose=0,
        basis="Criminal Procedure Act, article 100",
        fields=FIELDS,
        supervisor="Data Protection Commissioner",
        supervised_at="complaints@supervisor.example",
        office="+86 23 1234 5678",
    )
    registered = rights.register_use(roll, use, made.seats["police lead"])
    assert isinstance(registered, Acted), registered
    made.use = registered.fresh
    return made
