"""Nothing is silent: whatever use case is killed at whatever statement, each stored effect has its event, each event its effect.

What the tables of a roll hold is compared with what a replay of its events makes of them, in every table that is made from
events (service/filing/replays.py), after each of a random sequence of use cases.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from openroll.register.command import Actor, Command
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.events import PersonInvited
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.roll.commands import DepositEscrow
from openroll.register.site.commands import ChangeSite, CheckSite, EndSite
from openroll.register.subscription.commands import (
    Change,
    Correct,
    End,
    Erase,
    Hold,
    Notify,
    RefuseRelease,
    Rehandle,
    Withdraw,
)
from openroll.register.subscription.filing_code import reference_of
from openroll.rules import digest as rule_digest
from openroll.rules import words_digest
from openroll.service import queries, work
from openroll.service.access import ROUTES
from openroll.service.acts import act, append
from openroll.service.event_rows import event_row
from openroll.service.filing import porting, unconfirmed
from openroll.service.filing.bulk import take_file
from openroll.service.filing.letters import letters_of
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import CommitUnknown, Submission, take
from openroll.service.governance import figures, lives, rule_versions
from openroll.service.governance.open_roll import admit_operator
from openroll.service.governance.rule_readings import sign
from openroll.service.governance.settled_work import settle_work
from openroll.service.identity import people, release
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.seats import record_of
from openroll.service.identity.sessions import hashed
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from openroll.service.sites.filing import Filed, file_sites, step
from openroll.store import events, subscriptions
from openroll.store import people as seats
from openroll.store import roll as rolls
from openroll.store.roll import NewToken
from openroll.store.schema import drop
from tests.conftest import opened
from tests.handles import handle
from tests.seats import in_force, seated
from tests.service.filings import digest, filing, rows_file
from tests.service.killing import Killer, killing
from tests.service.test_governance import another
from tests.sites import covering_sites, private, site

EXAMPLES, STEPS = 5, 12
EAST, WEST = Actor("operator", "east"), Actor("operator", "west")
SUBSCRIBER = Actor("subscriber")


class House:
    """A roll with somebody in every office, and the use cases of its people on whatever is there by now."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.lead = seated(roll, REGISTRAR, "registrar-lead")
        self.second = seated(roll, REGISTRAR, "registrar")
        self.east = seated(roll, "east", "operator-lead")
        self.clerks = [in_force(roll, "east", "clerk", self.east, self.lead) for _ in range(2)]
        self.count = 0
        self.sites: list[int] = []
        unconfirmed.lapse_due(roll)  # from now on filings made alone fall away in their time

    def next(self) -> int:
        """A number that no other use case had."""
        self.count += 1
        return self.count

    def one_of(self, found: list[Any], pick: int) -> Any:
        """One of what is there, if anything is."""
        return found[pick % len(found)] if found else None

    def records(self, operator: str = "") -> list[tuple[int, str]]:
        """The records there are: number and operator."""
        with self.roll.database.own() as connection:
            every = subscriptions.first(connection, 1_000)
        return [(number, of) for number, of, _ in every if operator in ("", of)]

    def submit(self, command: Command, actor: Actor, number: int | None) -> None:
        """A filing, or an act on a record, each under a key of its own."""
        key = self.roll.random_bytes(8).hex()
        named = getattr(command, "handle", "") if actor.role == "operator" and number is None else ""
        one = Submission(command=command, actor=actor, key=key, request=hashed(key), handle=named, number=number)
        with self.roll.database.own() as connection:
            take(connection, [one], self.roll, self.roll.clock())

    # Organisations and their people.

    def admit(self, pick: int) -> None:
        """Admit an operator, an authority or a reviewer."""
        name, title = f"o-{self.next()}", {"zh": "机构", "en": "Body"}
        if pick % 2:
            command = AdmitOrganisation(organisation=name, kind=("authority", "reviewer")[pick % 4 // 2], title=title)
            people.admit_organisation(self.roll, command, self.lead)
        else:
            operator = AdmitOperator(operator=name, kind="access-operator", by=str(self.lead), title=title)
            admit_operator(self.roll, operator)

    def invite(self, pick: int) -> None:
        """Invite somebody, by mail or not."""
        to, role = ((REGISTRAR, "registrar"), ("east", "clerk"), ("west", "operator-lead"))[pick % 3]
        if pick % 2:
            people.invite(self.roll, to, role, f"seat {self.next()}", self.lead)
            return
        params = {"organisation": to, "role": role, "expires": "2007-01-01"}
        mail = people.InvitationMail("en", "who@example.org", params, lambda secret: f"https://roll.example/#{secret}")
        people.invite_by_mail(self.roll, to, role, f"seat {self.next()}", self.lead, mail)

    def uninvite(self, pick: int) -> None:
        """Take back an invitation that waits."""
        with self.roll.database.own() as connection:
            found = seats.invitations(connection, "east", self.roll.clock())
        if (one := self.one_of(found, pick)) is not None:
            people.revoke_invitation(self.roll, "east", one.hash.hex(), self.lead)

    def join(self, pick: int) -> None:
        """Invite somebody who joins: two use cases, each of which may be killed."""
        to, role = ((REGISTRAR, "registrar"), ("east", "clerk"))[pick % 2]
        secret = people.invite(self.roll, to, role, "new", self.lead)
        if isinstance(secret, str):
            people.join_with_subject(self.roll, secret, "https://id.example", f"subject {self.next()}")

    def confirm(self, pick: int) -> None:
        """Give one's word for a seat that waits, or take it away."""
        with self.roll.database.own() as connection:
            waiting = seats.waiting(connection, "")
        if (one := self.one_of(waiting, pick)) is not None:
            if pick % 3:
                people.confirm_seat(self.roll, one.organisation, one.seat, self.east)
            else:
                people.end_seat(self.roll, one.organisation, one.seat, self.lead)

    def take_seat(self, _: int) -> None:
        """The development door."""
        people.sign_in_without_a_way(self.roll, "west", "clerk", "")

    def provider(self, pick: int) -> None:
        """Set a provider, also of an organisation that is not there."""
        name = ("east", "west", "nobody")[pick % 3]
        secret = Provider(organisation=name, issuer=f"https://{self.next()}.example", client_id="us", client_secret="s")
        use_provider(self.roll, secret)

    # Tokens.

    def issue(self, pick: int) -> None:
        """Issue a token, with a last day or without."""
        issue_token(self.roll, "east", f"program {self.next()}", self.east, days=(None, 30)[pick % 2])

    def letters(self, _: int) -> None:
        """Print letters with filing codes."""
        letters_of(self.roll, self.east, 0)

    def replace(self, pick: int) -> None:
        """Give a token a successor."""
        if (one := self.one_of(live_tokens(self.roll, "east"), pick)) is not None:
            replace_token(self.roll, "east", one.number, self.east, overlap=pick % 10)

    def end(self, pick: int) -> None:
        """End a token."""
        if (one := self.one_of(live_tokens(self.roll, "east"), pick)) is not None:
            end_token(self.roll, "east", one.number, self.lead, "It was found on a wall")

    # The roll.

    def propose(self, pick: int) -> None:
        """Propose a rule."""
        starts = self.roll.day(self.roll.clock()) + timedelta(days=2 + pick)
        rule_versions.propose_rule(self.roll, another(self.roll), starts, self.lead)

    def settle(self, pick: int) -> None:
        """Publish a proposal or drop it."""
        if (one := self.one_of(rule_versions.waiting(self.roll), pick)) is not None:
            self.read(pick)
            rule_versions.settle(self.roll, one.id, self.second, drop=bool(pick % 2))

    def read(self, _: int) -> None:
        """Sign that the words of a proposed rule were read, for two organisations."""
        rule = another(self.roll)
        for seat in (self.lead, self.east):
            sign(self.roll, rule_digest(rule), words_digest(rule), seat)

    def end_work(self, pick: int) -> None:
        """Say how a piece of work ended that waits for the registrar's people; also a mail's, which is given up with it."""
        with self.roll.database.own() as connection:
            now = self.roll.clock()
            kind, key = ("log", "it stands still") if pick % 2 else ("mail", str(UUID(int=self.next())))
            work.enqueue(connection, kind, key, REGISTRAR, kind, now, now=now)
        waiting = [
            one.row.id for one in work.queue(self.roll) if one.row.owner == REGISTRAR and one.row.kind != "proposal"
        ]
        if (number := self.one_of(waiting, pick)) is not None:
            settle_work(self.roll, number, "seen to", self.lead)

    def publish(self, _: int) -> None:
        """Publish the figures of a day."""
        figures.publish(self.roll, self.lead)

    def deposit(self, pick: int) -> None:
        """A deposit was handed over."""
        day = self.roll.day(self.roll.clock())
        with self.roll.database.own() as connection:
            act(connection, self.roll, DepositEscrow(on=day, holder="next", digest=f"{self.next():064x}", size=pick))

    def look(self, pick: int) -> None:
        """The registrar looks a record up."""
        found = [number for number, of in self.records("east")]
        if (number := self.one_of(found, pick)) is not None:
            with self.roll.database.own() as connection:
                row = subscriptions.get(connection, number)
            if row is not None and row.handle:
                audited_lookup(self.roll, row.handle, "east", self.lead, "192.0.2.1")

    # Subscriptions.

    def file(self, pick: int) -> None:
        """A filing by an operator, or by a subscriber alone."""
        number = self.next()
        if pick % 2:
            self.submit(filing(handle=f"a-{number}"), EAST, None)
        else:
            self.submit(filing(handle="", told=(digest(f"told {number}"),)), SUBSCRIBER, None)

    def send(self, pick: int) -> None:
        """A file of an operator."""
        take_file(self.roll, "west", rows_file(1 + pick % 3, f"file-{self.next()}-"))

    def change(self, pick: int) -> None:
        """An act on a record by its subscriber, or by its operator."""
        found = self.one_of(self.records(), pick)
        if found is None:
            return
        number, of = found
        day = self.roll.day(self.roll.clock())
        command: Command = (
            Change(on=day, access=("lan", "cable")[self.next() % 2]),
            Notify(added=(digest(f"more {self.next()}"),)),
            Withdraw(dropped=(digest(f"more {self.count - 1}"),)),
            Correct(connected=date(2006, 10, 1 + self.next() % 28)),
            Rehandle(handle=handle(f"again-{self.next()}")),
            Hold(),
            RefuseRelease(passkey="first"),
            End(on=day),
            Erase(),
        )[pick % 9]
        self.submit(command, Actor("operator", of) if isinstance(command, Rehandle) else SUBSCRIBER, number)

    def word(self, pick: int) -> None:
        """An operator's word on what was filed alone."""
        waiting = unconfirmed.waiting(self.roll, "east")
        if isinstance(waiting, list) and (one := self.one_of(waiting, pick)) is not None:
            word = unconfirmed.Word(one.reference, ("take", "disown")[pick % 2], why="it is none of ours")
            made = unconfirmed.submission_of(self.roll, "east", word)
            if isinstance(made, Submission):
                with self.roll.database.own() as connection:
                    take(connection, [made], self.roll, self.roll.clock())

    def lapse(self, _: int) -> None:
        """The clock lets fall away what nobody confirmed in time."""
        unconfirmed.lapse_due(self.roll)

    def host(self, pick: int) -> None:
        """File sites, or say what becomes of one."""
        if pick % 4 == 0 or not self.sites:
            name = f"site-{self.next()}"
            with covering_sites(self.roll):
                filed = file_sites(self.roll, [site(name), private(name)], self.clerks[0])
            self.sites += [one.number for one in filed if isinstance(one, Filed)] if isinstance(filed, list) else []
            return
        number, day = self.one_of(self.sites, pick), self.roll.day(self.roll.clock())
        by_pick = (
            EndSite(site=number, on=day),
            CheckSite(site=number, state=("silent", "live")[pick % 2]),
            ChangeSite(site=number, on=day, services=f"service {self.next()}"),
        )
        step(self.roll, by_pick[pick % 3], self.clerks[0])

    def port(self, pick: int) -> None:
        """A step by which a subscription goes to another operator."""
        found = self.one_of(self.records(), pick)
        if found is None:
            return
        number, of = found
        losing, gaining = Party(of), Party("west" if of == "east" else "east")
        called, reference = handle(f"ported-{self.next()}"), reference_of(number, self.roll.keys.code_key)
        if pick % 4 == 3:
            porting.withdraw(self.roll, losing, reference)
        elif pick % 4 == 2:
            record = queries.by_number(self.roll, number)
            if isinstance(record, queries.Record):
                porting.ask(self.roll, gaining, record.code, called)
            porting.agree(self.roll, losing, reference)
        else:
            porting.offer(self.roll, losing, number, gaining.operator)
            if pick % 4:
                porting.agree(self.roll, gaining, reference, called)

    def life(self, pick: int) -> None:
        """An operator that has something to lose is admitted, and is succeeded or leaves."""
        name, title = f"o-{self.next()}", {"zh": "运营者", "en": "Operator"}
        admit_operator(self.roll, AdmitOperator(operator=name, kind="access-operator", by=str(self.lead), title=title))
        issue_token(self.roll, name, "program")
        people.invite(self.roll, name, "operator-lead", "new", self.lead)
        if pick % 2:
            lives.leave_roll(self.roll, name, "it is gone", self.lead)
        else:
            self.submit(filing(name, f"of-{name}"), Actor("operator", name), None)
            lives.offer_succession(self.roll, name, "west", self.lead)
        announced = [one for one in lives.lives(self.roll) if one.to]
        if (one := self.one_of(announced, pick)) is not None:
            if pick % 3:
                lives.succeed(self.roll, one.name, by=self.second)
            else:
                lives.withdraw_succession(self.roll, one.name, by=self.lead)

    def let_go(self, pick: int) -> None:
        """One of the steps by which a record is released from a lost passkey."""
        every = [number for number, _ in self.records("east")]
        with self.roll.database.own() as connection:
            held = [number for number in every if (row := subscriptions.get(connection, number)) and row.held]
        number = self.one_of(held or every, pick // 4)
        if number is None:
            return
        if not held:
            self.submit(Hold(), SUBSCRIBER, number)
        key, (first, second) = self.roll.random_bytes(8).hex(), self.clerks
        steps: tuple[Callable[[], object], ...] = (
            lambda: release.ask(self.roll, first, number, "came to the counter", key),
            lambda: release.second(self.roll, second, number, key),
            lambda: release.give_up(self.roll, first, number, key),
            lambda: release.release(self.roll, first, number, key),
        )
        steps[pick % 4]()


CASES = (
    "admit", "invite", "uninvite", "join", "confirm", "take_seat", "provider", "issue", "replace", "end", "propose",
    "read", "settle", "end_work", "publish", "deposit", "look", "file", "send", "change", "word", "lapse", "let_go",
    "port", "life", "letters", "host",
)  # fmt: skip

COVERED = {
    "POST /{lang}/file": "file",
    "POST /{lang}/mine/{act}": "change",
    "POST /{lang}/sign-in/null": "take_seat",
    "POST /{lang}/passkey/join": "join",
    "POST /{lang}/passkey/hold": "change",
    "POST /{lang}/people/confirm": "confirm",
    "POST /{lang}/people/invite": "invite",
    "POST /{lang}/people/uninvite": "uninvite",
    "POST /{lang}/people/{number}/end": "confirm",
    "POST /{lang}/operator/files": "send",
    "POST /{lang}/operator/files/{number}/mend": "send",
    "POST /{lang}/operator/records/release": "let_go",
    "POST /{lang}/operator/unconfirmed": "word",
    "POST /{lang}/operator/letters/{first}": "letters",
    "POST /{lang}/operator/porting": "port",
    "POST /{lang}/operator/sites/new": "host",
    "POST /{lang}/operator/sites/list": "host",
    "POST /{lang}/operator/sites/{site}": "host",
    "POST /{lang}/operator/succession": "life",
    "POST /{lang}/registrar/succession": "life",
    "POST /{lang}/operator/tokens": "issue",
    "POST /{lang}/operator/tokens/{number}/replace": "replace",
    "POST /{lang}/operator/tokens/{number}/end": "end",
    "POST /{lang}/desk/tokens": "issue",
    "POST /{lang}/desk/tokens/{number}/end": "end",
    "POST /{lang}/registrar/rules": "propose",
    "POST /{lang}/registrar/jurisdiction": "propose",
    "POST /{lang}/registrar/rules/{number}/publish": "settle",
    "POST /{lang}/registrar/rules/{number}/drop": "settle",
    "POST /{lang}/readings/{digest}": "read",
    "POST /{lang}/registrar/figures": "publish",
    "POST /{lang}/registrar/organisations": "admit",
    "POST /{lang}/registrar/organisations/{name}/invite": "invite",
    "POST /{lang}/registrar/organisations/{name}/tokens/{number}/end": "end",
    "POST /{lang}/registrar/records": "look",
    "POST /{lang}/registrar/records/receipts": "look",
    "POST /{lang}/registrar/work/{number}/done": "end_work",
    "POST /api/v1/filings": "file",
    "POST /api/v1/files": "send",
    "POST /api/v1/unconfirmed": "word",
    "POST /api/v1/porting": "port",
    "POST /api/v1/sites": "host",
    "POST /api/v1/sites/{site}/steps": "host",
}
"""Which use case of the house a route that writes events comes to."""

NO_EVENT = {
    "POST /{lang}/find": "opens a record for who holds its code",
    "POST /{lang}/join": "shows an invitation",
    "POST /{lang}/disclosures": "gives a text back",
    "POST /{lang}/mails/{word}": "whether an address wants mails: its reader's word, who is nobody's record to the roll",
    "POST /{lang}/passkey/sign-in/options": "begins a ceremony",
    "POST /{lang}/passkey/sign-in": "begins a session",
    "POST /{lang}/passkey/join/options": "begins a ceremony",
    "POST /{lang}/passkey/hold/options": "begins a ceremony",
    "POST /{lang}/passkey/add/options": "begins a ceremony",
    "POST /{lang}/passkey/add": "a way in of one's own, of which events say nothing",
    "POST /{lang}/people/passkeys/end": "a way in of one's own, of which events say nothing",
    "POST /{lang}/people/sessions/end": "ends sessions",
    "POST /{lang}/sign-out": "ends a session",
    "POST /{lang}/operator/records": "shows an operator its own record",
    "POST /{lang}/operator/records/receipts": "gives an operator a receipt of its own record",
    "POST /{lang}/registrar/work/{number}/take": "who means to do it: nothing follows from it, and ending it says who did",
    "POST /api/v1/record": "shows a record to who holds its code",
    "POST /api/v1/receipt": "gives a receipt",
    "POST /api/v1/grants/taken-back": "what a person gave: an entry would date a giving for ever",
    "POST /api/v1/grants/{grant}/shown": "likewise, where it was good once",
}
"""Routes that are sent something and write no event, and why."""
REQUESTS = {
    "POST /api/v1/complaints",
    "POST /api/v1/requests",
    "POST /api/v1/requests/{number}/envelopes",
    "POST /api/v1/requests/{number}/steps",
    "POST /api/v1/envelope-keys",
    "POST /api/v1/envelope-keys/{key}/end",
    "POST /api/v1/uses",
    "POST /api/v1/uses/{number}/end",
    "POST /{lang}/desk/ask",
    "POST /{lang}/desk/keys",
    "POST /{lang}/desk/uses",
    "POST /{lang}/desk/{number}",
    "POST /{lang}/desk/{number}/envelopes",
}
"""Routes whose use cases are tried in a house of their own, with all the bodies of a request: `requests/test_kills.py`."""


def test_every_route_that_is_sent_something_is_known_here() -> None:
    """A route of service/access.py by which something may change is tried below, or says why it writes no event."""
    sent = {route for route in ROUTES if route.split()[0] not in ("GET", "HEAD")}
    assert sent == {*COVERED, *NO_EVENT, *REQUESTS}
    assert set(COVERED.values()) <= set(CASES)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """Kills connections at chosen steps."""
    with killing() as one:
        yield one


@contextmanager
def a_house(database_url: str, home: Path) -> Iterator[House]:
    """A house of its own, gone afterwards."""
    name = "silent"
    house = House(opened(database_url, home / name, name))
    try:
        yield house
    finally:
        drop(database_url, name)


def untold(roll: Roll) -> list[str]:
    """What tables hold and events do not say, and the other way round."""
    return [str(one) for one in rebuild(roll, replace=False).differences]


def test_no_act_is_silent(database_url: str, tmp_path: Path, killer: Killer) -> None:
    """Use cases in any order, each killed at any statement or commit, or not at all: table and event are never apart."""
    with a_house(database_url, tmp_path) as house:

        class Acts(RuleBasedStateMachine):
            """One house for all examples: what is true of it must be true whatever came before."""

            @initialize()
            def begin(self) -> None:
                """Nothing is apart before the first step."""

            @rule(
                case=st.sampled_from(CASES),
                pick=st.integers(0, 30),
                step=st.one_of(st.none(), st.integers(0, 40)),
                days=st.sampled_from((0, 0, 0, 1, 9, 40)),
            )
            def act(self, case: str, pick: int, step: int | None, days: int) -> None:
                """One use case, some days later, killed at a step or not."""
                house.roll.clock.now += timedelta(days=days)  # type: ignore[attr-defined] # the tests' own clock
                with killer.at(step), suppress(psycopg.Error, CommitUnknown):
                    getattr(house, case)(pick)
                assert untold(house.roll) == []

        calm = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Acts, settings=calm)


def test_each_use_case_that_nobody_kills_is_told(house: House) -> None:
    """Each use case of the house does something that is told: without this the property above could be true of nothing."""
    before = rebuild(house.roll, replace=False).events
    for case in (*(one for one in CASES if one not in ("look", "lapse")), "file", "lapse", "look"):
        if case == "lapse":
            house.roll.clock.now += timedelta(days=400)  # type: ignore[attr-defined] # the tests' own clock
        for pick in range(9 if case == "change" else 4):
            getattr(house, case)(pick)
        after = rebuild(house.roll, replace=False)
        assert after.differences == (), case
        assert after.events > before, case
        before = after.events


def test_a_silent_act_would_be_seen(house: House) -> None:
    """A token without its event and an event without its invitation are differences that the property above would find."""
    roll = house.roll
    with roll.database.own() as connection:
        rolls.put_token(connection, 9_999, NewToken(hashed("silent"), "east", "silent", roll.clock()))
    assert any("token" in one for one in untold(roll))
    with roll.database.own() as connection:
        told = {"organisation": "east", "role": "officer", "by": "registrar/1", "rule": roll.rule_name}
        fact = PersonInvited(withdrawn=False, **told)
        number = record_of(connection, "east") or 0
        of = {"stream": number, "version": events.version_of(connection, number) + 1}
        append(connection, roll, [event_row(roll, roll.clock(), fact, **of, actor=EAST, owner="east")])
    assert any("invitation" in one for one in untold(roll))


@pytest.fixture(scope="module")
def house(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which something of everything is there already."""
    name = "told"
    made = House(opened(database_url, tmp_path_factory.mktemp(name) / name, name))
    yield made
    drop(database_url, name)
