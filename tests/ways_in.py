"""The ways by which names and numbers come near a roll otherwise than by a filing: each returns what stays with who brought it.

A request about one record and its disclosures, answered; an address that is asked; a passkey; a port; the text of a rule.
`tests/test_nothing_readable.py` has people come by each of them, and then looks for them.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.register.subscription.filing_code import code_of
from openroll.rules.library import _files
from openroll.service import grants
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, filing_code, people, release
from openroll.service.identity.address_links import Named
from openroll.service.mail import mailboxes
from openroll.service.requests import ask, steps
from tests.handles import handle
from tests.register.asked import COMPLAINT, FIELDS, WORD, notice, sealed
from tests.service.filings import filing
from tests.service.requests.bodies import bodies
from tests.service.test_holding import submit
from tests.service.test_unconfirmed import EAST, file_alone
from tests.web.attacks.authenticator import Authenticator
from tests.web.house import ADDRESS, House


class Person(NamedTuple):
    """Somebody made up: a name and an identity number that occur nowhere else."""

    name: str
    number: str


def by_request(inside: House, asked: Sequence[Person], disclosures: Sequence[str]) -> bytes:
    """An officer asks who they are, a reviewer approves, their operator answers with disclosures and tells them, they complain.

    All of it stands in envelopes and a notice. What is said beside them, with a number or a name in it, is refused.
    """
    made, opened = bodies(inside.roll), []
    for person in asked:
        content = "\n".join((person.name, person.number, *disclosures)).encode()
        to = ("police", "court", "east")
        number = made.file(envelope=sealed.__wrapped__(content, to, "police"))
        named = commands.Approve(request=number, fields=FIELDS, why=f"it is {person.number}")
        assert made.refused(named, "reviewer") == "text-names-somebody"
        made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
        assert made.read(number, "clerk") == [content]
        answer = sealed.__wrapped__(content, ("police",), "east")
        made.does(commands.Answer(request=number, outcome="given", fields=FIELDS, envelope=answer), "clerk")
        assert made.read(number, "officer")[-1] == content
        told = commands.Tell(request=number, notice=notice.__wrapped__(content), bucket=7, complaint=COMPLAINT)
        made.does(told, "clerk")
        letter = sealed.__wrapped__(content, ("court",), "person")
        assert not isinstance(steps.complain(inside.roll, commands.Complain(number, WORD, letter)), Refused)
        for wrong in ({"desired": person.name}, {"urgency": person.number}, {"operator": person.name}):
            asking = made.asking(**wrong)
            assert isinstance(ask.file_request(inside.roll, asking, made.seats["officer"]), Refused)
        opened.append(content)
    return b"\n".join(opened)


def by_address(inside: House, holders: Sequence[Person]) -> bytes:
    """Holders whose address is their number, then their name: asked, confirmed, wanting no more, and taken back."""
    roll = inside.roll
    for nth, person in enumerate(holders):
        number = _held(inside)
        for word in (person.number, person.name):
            assert release.keep_contact(roll, number, "en", f"{word}@example.org", roll.clock()) is True
        named = Named(number, mailboxes.digest_of(roll, f"{person.name}@example.org"))
        (address_links.confirm, address_links.stop, address_links.allow)[nth % 3](roll, named)
        if nth % 2:
            assert release.keep_contact(roll, number, "en", "", roll.clock()) is True
    return b""


def _held(inside: House) -> int:
    """A record of east's that a passkey of its holder's holds."""
    taken = submit(inside.roll, filing(handle=handle(f"held-{inside.roll.random_bytes(4).hex()}")), None, EAST)
    assert isinstance(taken, Taken), taken
    _passkey(inside, taken.number)
    return taken.number


def _passkey(inside: House, number: int) -> None:
    place = inside.client.app.state.place
    begun = filing_code.passkey_for_record(inside.roll, place, number, inside.roll.clock())
    assert not isinstance(begun, Refused)
    authenticator = Authenticator(ADDRESS, place.host)
    answer = authenticator.made({"ceremony": begun.ceremony, "options": begun.options})
    assert isinstance(filing_code.hold_by_passkey(inside.roll, place, number, answer, ""), str)
    filing_code.passkey_for_record(inside.roll, place, number, inside.roll.clock())  # one more is begun, and left


def by_port(inside: House, sought: Sequence[Person]) -> bytes:
    """Clerks who type names and numbers where codes, references and reasons belong; and a subscription that does go over."""
    roll, clerk = inside.roll, inside.sitting("west/clerk")
    for name, number in sought:
        for step in ("offer", "ask", "agree", "withdraw"):
            form = {"step": step, "sought": number, "to": name, "code": name, "own": number, "reference": name}
            answer = clerk.post("/en/operator/porting", form | {"handle": name, "why": number})
            assert answer.status_code >= 400, step
    taken = submit(roll, filing(handle=handle("goes-1")), None, EAST)
    assert isinstance(taken, Taken)
    code = code_of(taken.number, roll.keys.code_key)
    assert isinstance(porting.ask(roll, Party("west"), code, handle("came-1")), Taken)
    assert isinstance(porting.agree(roll, Party("east"), porting.waiting(roll, "east")[0].reference), Taken)
    return b""


def by_rule(inside: House, named: Sequence[Person]) -> bytes:
    """A rule's text whose comments, and one whose faults, are people; proposed, read and checked on the pages."""
    lead = inside.sitting("registrar/registrar-lead")
    names = "\n".join(f"# {name} {number}" for name, number in named)
    good = f"{names}\n{_files()['notification-2006'].read_text('utf-8')}"
    starts = {"starts-year": "2007", "starts-month": "3", "starts-day": "1"}
    assert lead.post("/en/registrar/rules", {"text": good, "act": "propose", **starts}).status_code == 303
    for name, number in named:
        for text in (f"id: {name}\n", f"{name}: {number}\n", f"{good}\nduties: {number}\n"):
            assert lead.post("/en/registrar/rules", {"text": text, "act": "propose", **starts}).status_code == 422
        main = {"main": f"# Made on {name}\nid: {number}\n", "districts": f"code\n{name}\n", "act": "propose"}
        assert lead.post("/en/registrar/jurisdiction", main | starts).status_code >= 400
    page = lead.get("/en/readings").text
    digest = re.search(r"/en/readings/([0-9a-f]{64})", page)
    assert digest, page
    words = re.search(r'name="words" value="([0-9a-f]{64})"', lead.get(f"/en/readings/{digest[1]}").text)
    assert words
    signed = lead.post(f"/en/readings/{digest[1]}", {"sure": "yes", "words": words[1]})
    assert signed.status_code == 303
    return b""


def by_everything_else(inside: House, typed: Sequence[Person]) -> bytes:
    """Names and numbers in whatever other field and address a page or the API has, and a filing made alone that they correct."""
    visitor, roll = inside.visitor(), inside.roll
    bearer = {"authorization": f"Bearer {inside.token()}"}
    for name, number in typed:
        for word in (name, number):
            for path in ("what-if", "rule", "search", "requests", "figures", "log"):
                visitor.ask("GET", f"/en/{path}?q={word}&day={word}&city={word}&before={word}")
            visitor.post("/en/verify", {"receipt": word, "key": word, "entry": word})
            visitor.post(f"/en/mails/{word}", {"act": word})
            visitor.ask("GET", f"/en/mails/{word}")
            visitor.ask("GET", f"/api/v1/requests/{word}?before={word}")
            visitor.ask("GET", f"/api/v1/notices/{word}")
            visitor.ask("GET", f"/api/v1/told/{word}")
            assert isinstance(grants.take_back(roll, word, "192.0.2.1"), Refused)
            visitor.ask("POST", "/api/v1/complaints", json={"request": 1, "word": word, "envelope": word})
            visitor.ask("POST", "/api/v1/requests", json={"use": word, "envelope": word}, headers=bearer)
            visitor.ask("POST", "/api/v1/record", json={"code": word}, headers=bearer)
        said = {"reference": name, "word": "disown", "why": number}
        visitor.ask("POST", "/api/v1/unconfirmed", json=[said], headers=bearer)
        visitor.json("/en/join/passkey", {"invitation": name, "ceremony": number, "credential": {"id": name}})
    assert not isinstance(grants.show(roll, roll.random_bytes(32).hex(), "192.0.2.1"), Refused)
    holder, _ = inside.filed()
    for name, number in typed:
        for page in ("tell", "take-back", "correct", "move", "end", "erase", "contact"):
            holder.post(f"/en/mine/{page}", {"disclosure": name, "district": number, "email": number, "why": name})
    invited = people.invite(roll, "east", "clerk", "somebody")
    assert isinstance(invited, str)
    file_alone(roll)
    return b""
