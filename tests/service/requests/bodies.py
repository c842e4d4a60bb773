"""The bodies of a request, for tests: an authority with officers, a reviewer, operators, their keys, and a registered use."""

from dataclasses import dataclass, field
from datetime import datetime

from openroll.disclosure.envelope import open_envelope, public_line
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.identity.people import admit_organisation, organisations
from openroll.service.requests import ask, rights, shown, steps
from openroll.service.roll import Roll
from tests.register.asked import CONTEXT, FIELDS, OFFICE, held, sealed, whole
from tests.seats import seated

LEADS = {"police": "officer-lead", "court": "reviewer-lead", "east": "operator-lead", "west": "operator-lead"}


@dataclass
class Bodies:
    """A roll with everybody whom a request needs. `use` is the registered use's number."""

    roll: Roll
    use: int = 0
    seats: dict[str, Seat] = field(default_factory=dict)

    def asking(self, **given: object) -> commands.FileRequest:
        """A request that is whole, but for what is `given`."""
        envelope = sealed.__wrapped__(b"who is a-1?", ("police", "court", "east"))  # no two are sealed alike
        return whole(**({"use": self.use, "envelope": envelope} | given))

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
        return [open_envelope(one.data, key.private, signers, CONTEXT) for one in taken.parts]

    def filed_at(self, number: int) -> datetime:
        """When a request was filed."""
        return shown.public(self.roll, number=number)[0].request.filed

    def step_of(self, number: int) -> str:
        """The step that a request is in."""
        return shown.public(self.roll, number=number)[0].request.standing.step


def bodies(roll: Roll) -> Bodies:
    """Seat everybody, publish keys, and register a use."""
    made = Bodies(roll)
    known = {one.name for one in organisations(roll)}
    for name, kind in (("police", "authority"), ("court", "reviewer")):
        if name in known:
            continue
        admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机构", "en": name.title()})
        assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    for name, role in LEADS.items():
        made.seats[f"{name} lead"] = seated(roll, name, role)
        public = public_line(held(name).published)
        if held(name).id not in {
            one.key for one in rights.published_keys(roll, name)
        }:  # a roll that several tests share
            said = rights.publish_key(roll, public, made.seats[f"{name} lead"])
            assert isinstance(said, Acted), said
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
        office=OFFICE,
    )
    registered = rights.register_use(roll, use, made.seats["police lead"])
    assert isinstance(registered, Acted), registered
    made.use = registered.fresh
    return made
