"""Every page in every state: one list that the tests of barriers and `script/screens` both walk.

The states are made once, through the service and by a visitor without a browser; then a walk only opens pages. A page that
answers a form is reached by sending that form from whatever page is open, with the token of the browser's own cookie.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import httpx
from playwright.sync_api import Page

from openroll.disk_room import Room
from openroll.register.command import Actor, Command
from openroll.register.decision import Accepted, Refused
from openroll.register.file_refusals import UploadGivenUp
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.request.commands import Answer, Approve, Tell
from openroll.register.site.number import number_text
from openroll.register.subscription.commands import AskRelease, Confirm, End, Hold
from openroll.register.subscription.filing_code import number_of, reference_of
from openroll.rules import digest, load
from openroll.service import queries, work
from openroll.service.filing import porting, submit, upload_files, uploads
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.porting import Party
from openroll.service.filing.submit import Taken
from openroll.service.governance import rule_versions
from openroll.service.governance.lives import offer_succession
from openroll.service.governance.open_roll import admit_operator
from openroll.service.governance.open_roll import rule_versions as versions_now
from openroll.service.identity import address_links, api_tokens, people, sessions
from openroll.service.identity.oidc import code_flow
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.release import keep_contact
from openroll.service.roll import Roll
from openroll.store import people as kept_people
from openroll.store import subscriptions
from openroll.store import uploads as kept_uploads
from openroll.store import work as kept_work
from openroll.web.auth import SESSION
from tests.conftest import Ticking
from tests.handles import handle
from tests.register.asked import COMPLAINT, FIELDS, notice, sealed
from tests.seats import words_read
from tests.service.filings import digests, filing, submission_of
from tests.service.requests.bodies import bodies
from tests.sites import covering_sites, numbers, site
from tests.web.visitor import Visitor

HANDLE = handle("Nanan-Nanping-Jiefangbei-2006")
LABEL = "Schaltervormittagsvertretungsbevollmaechtigtenstellvertretung"[:60]
"""A label as long as they may be, without a place to break it."""
TITLE_EN = "Chongqing Municipal Telecommunications Interconnection and Neighbourhood Broadband Company Limited"[:100]
TITLE_ZH = "重庆市南岸区电信互联与社区宽带网络服务有限责任公司南坪解放碑江北观音桥沙坪坝联合营业部"
WHY = "Came to the counter on Monday with the contract, the last three bills and the modem; 两次核对合同与账单后确认。"
STALE = "0" * 128

COLUMNS = "handle,kind,access,district,connected,digests"
SUBSCRIPTION = {
    "operator": "east",
    "kind": "organisation",
    "access": "adsl",
    "district": "500103",
    "connected-year": "2006",
    "connected-month": "11",
    "connected-day": "27",
}
TOLD = {
    "field-name": "渝中区某某电子商务有限公司 Some Works Ltd",
    "field-contact": "陈某",
    "field-address": "解放碑 1 号",
}

_WRONG_SITE = {"sponsor": "", "domains": "http://x.example co.uk", "services": "", "began-month": "13"}


class State(NamedTuple):
    """One page in one state.

    `path` stands after the language; `who` is one of the walk's sessions, or nobody's; `sent` is the form that leads there;
    `status` is what the server answers; `before` brings the roll into the state first.
    """

    name: str
    path: str
    who: str = ""
    sent: Mapping[str, str] | None = None
    status: int = 200
    before: Callable[[Roll], None] | None = None


class Walk:
    """The states of one served roll, made ready."""

    def __init__(self, address: str, roll: Roll, http: httpx.Client | None = None) -> None:
        """The states at an address; `http` for a roll that is served in this process."""
        self.address, self.roll, self.http = address, roll, http
        if isinstance(roll.clock, Ticking):  # a page looks at the clock some twenty times; sessions last half an hour
            roll.clock.step = timedelta(milliseconds=100)
        self.sessions: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        _admit(roll)
        files = _files(roll)
        self._seats()
        self._subscribers()
        self._rules()
        request, asks, answers = _asked(roll)
        self.invitation = _invitation(roll, "east", "clerk")
        self.their_own = _invitation(roll, "police", "officer")
        self.states: tuple[State, ...] = (
            *_public(),
            State("request", f"requests/{request}"),
            State("site", f"sites/{(hosted := _site(roll))}"),
            State("operator-site", f"operator/sites/{hosted}", "east/clerk"),
            *_desk(request, asks, answers),
            *_filing(),
            *self._ways_in(),
            *self._mine(),
            *self._mails(),
            *_operator(files),
            *self._records(),
            *_organisation(),
            *_registrar(),
            *_problems(),
        )

    def _visitor(self) -> Visitor:
        return Visitor(self.address, self.http)

    def read(self, state: State, lang: str) -> httpx.Response:
        """Open a state in a language without a browser. Raises AssertionError as `go` does."""
        if state.before:
            state.before(self.roll)
        visitor, path = self._visitor(), f"/{lang}/{state.path}"
        assert visitor.token
        if state.who:
            visitor.jar[SESSION] = self.sessions[state.who]
        answer = visitor.get(path) if state.sent is None else visitor.post(path, state.sent)
        assert answer.status_code == state.status, (state.name, lang, answer.text[:600])
        return answer

    def go(self, page: Page, state: State, lang: str) -> None:
        """Open a state in a language. Raises AssertionError when the server answers otherwise than the state says."""
        if state.before:
            state.before(self.roll)
        if page.url == "about:blank":
            page.goto(f"{self.address}/{lang}/help")  # for the token that forms carry
        page.context.clear_cookies(name=SESSION)
        if state.who:
            # Chromium trusts http://localhost with secure cookies; Playwright wants to hear https.
            https = self.address.replace("http:", "https:")
            cookie = {
                "name": SESSION,
                "value": self.sessions[state.who],
                "url": https,
                "secure": True,
                "httpOnly": True,
            }
            page.context.add_cookies([cookie])  # type: ignore[list-item] # a dict with the names of SetCookieParam
        address = f"{self.address}/{lang}/{state.path}"
        status = self._send(page, address, state.sent) if state.sent is not None else _status(page, address)
        for _ in range(120):
            if status != 429 or state.status == 429 or state.sent is not None:
                break
            page.wait_for_timeout(
                500
            )  # the process of the city model is waited for, with the question of the state before
            status = _status(page, address)
        assert status == state.status, (state.name, lang, status, page.locator("main").inner_text()[:600])

    def _send(self, page: Page, address: str, fields: Mapping[str, str]) -> int:
        cookies = page.context.cookies(self.address.replace("http:", "https:"))
        token = next(one["value"] for one in cookies if one.get("name") == "__Host-csrf")
        with page.expect_navigation() as arrived:
            page.evaluate(_SEND, [address, {"_csrf_token": token, **fields}])
        return arrived.value.status if arrived.value else 0

    def _seats(self) -> None:
        """One session for each role that has pages of its own; the lead of east has a long label."""
        with self.roll.database.own() as connection:
            sitting = {one.role for one in kept_people.people(connection, "east")}
        if "operator-lead" not in sitting:
            assert not isinstance(people.create_seat(self.roll, "east", "operator-lead", LABEL), Refused)
        for name in (
            "east/operator-lead",
            "east/clerk",
            "west/operator-lead",
            "registrar/registrar-lead",
            "registrar/registrar",
            "police/officer-lead",
            "court/reviewer",
        ):
            self.sessions[name] = self._visitor().take_seat(name).jar[SESSION]
        # A new seat that nobody has confirmed, to which a lead of its own invited.
        with self.roll.database.own() as connection:
            lead = next(one for one in kept_people.people(connection, "east") if one.role == "operator-lead")
        secret = people.invite(self.roll, "east", "clerk", LABEL, Seat("east", lead.seat))
        assert isinstance(secret, str)
        waiting = people.join_with_subject(self.roll, secret, "https://id.example", "somebody")
        assert isinstance(waiting, str)
        self.sessions["east/waiting"] = waiting

    def _subscribers(self) -> None:
        """Subscribers with filings that are new, full of history, ended, past their keeping, and held by a passkey."""
        for name, more in {
            "new": {},
            "full": {"kind": "organisation", **TOLD},
            "ended": {},
            "past": {"connected-year": "2003"},
            "held": {},
            "asked": {},
        }.items():
            visitor = self._visitor()
            self.codes[name] = visitor.file_alone(**more)
            self.sessions[name] = visitor.jar[SESSION]
            if name == "full":
                _live(visitor)
        for name in ("ended", "past"):
            self._act(name, Confirm(), Actor("operator", "east"))
        self._act("ended", End(on=date(2006, 12, 10)))
        self._act("past", End(on=date(2004, 2, 1)))
        for name in ("held", "asked"):
            self._act(name, Hold())
            self._come_in_by_passkey(name)
        self._act("asked", AskRelease(why="came to the counter", clerk="east/99"), Actor("operator", "east"))
        self._placed()

    def _come_in_by_passkey(self, name: str) -> None:
        """A session of a record that a passkey holds: its code opens it no more."""
        number = number_of(self.codes[name], self.roll.keys.code_key)
        with self.roll.database.own() as connection:
            session = sessions.begin_by_passkey(connection, self.roll, number)
        assert isinstance(session, str)
        self.sessions[name] = session

    def _act(self, name: str, command: Command, actor: Actor = Actor("subscriber")) -> None:  # noqa: B008 - a frozen value
        record = queries.by_code(self.roll, self.codes[name])
        assert isinstance(record, queries.Record)
        number = record.number
        one = submission_of(command, actor)
        fresh = submit.Submission(
            command=command, key=f"walk-{number}-{one.key}", request=one.request, actor=one.actor, number=number
        )
        with self.roll.database.own() as connection:
            outcome = submit.take(connection, [fresh], self.roll, self.roll.clock())[0]
        assert isinstance(outcome, submit.Taken), outcome

    def _mails(self) -> Iterator[State]:
        """The page behind a mail's link: asked, confirmed, stopped, of another record, and of no mail at all."""
        numbers = {name: number_of(self.codes[name], self.roll.keys.code_key) for name in ("held", "asked", "new")}
        for name in ("held", "asked"):
            assert keep_contact(self.roll, numbers[name], "en", f"{name}@example.org", self.roll.clock()) is True
        words = {}
        for name, number in numbers.items():
            link = address_links.link_for(self.roll, number, f"{name}@example.org", "en", "")
            words[name] = link.rpartition("/")[2]
        asked = address_links.named_by(self.roll, words["asked"])
        assert asked is not None
        address_links.confirm(self.roll, asked)
        yield State("mails-waits", f"mails/{words['held']}")
        yield State("mails-confirmed", f"mails/{words['asked']}")
        yield State("mails-gone", f"mails/{words['new']}")
        yield State("mails-stopped", f"mails/{words['new']}", before=lambda roll: _stop(roll, words["new"]))
        yield State("mails-unknown", "mails/nothing", status=404)

    def _placed(self) -> None:
        """Wait until the log holds the newest filing, so that its receipt is there."""
        visitor = self._visitor()
        visitor.jar[SESSION] = self.sessions["new"]
        for _ in range(600):
            if visitor.get("/en/mine/receipts/1/proof").status_code == 200:
                return
        raise AssertionError("the receipt never came")

    def _rules(self) -> None:
        """A rule that was published, one that waits, and figures that were published; all by two people of the registrar."""
        lead, other = self._visitor(), self._visitor()
        lead.jar[SESSION], other.jar[SESSION] = (
            self.sessions["registrar/registrar-lead"],
            self.sessions["registrar/registrar"],
        )
        starts = {"starts-year": "2007", "starts-month": "2", "starts-day": "1"}
        proposed = other.post("/en/registrar/rules", {"act": "propose", "reference": "notification-2006", **starts})
        assert proposed.status_code == 303, proposed.text
        (row,) = rule_versions.waiting(self.roll)
        words_read(self.roll, load("notification-2006"))
        assert lead.post(f"/en/registrar/rules/{row.id}/publish").status_code == 303
        later = {**starts, "starts-month": "5", "reference": "cn-cq-2006-regulation+with-safeguards"}
        later["back"] = versions_now(self.roll.database)[-1].name  # it takes back what was published, and is meant to
        assert other.post("/en/registrar/rules", {"act": "propose", **later}).status_code == 303
        assert lead.post("/en/registrar/figures").status_code == 303

    def _ways_in(self) -> Iterator[State]:
        yield State("find", "find")
        yield State("find-code-wrong", "find", sent={"code": "1234 5678 1234 5678"}, status=422)
        yield State("find-held", "find", sent={"code": self.codes["held"]}, status=403)
        yield State("sign-in", "sign-in")
        yield State("sign-in-failed", "sign-in/with/nobody", status=404)
        yield State("join", "join")
        yield State("join-unknown", "join?invitation=no-such-invitation", status=404)
        yield State("join-invited", f"join?invitation={self.invitation}")
        yield State("join-invited-provider", f"join?invitation={self.their_own}")

    def _mine(self) -> Iterator[State]:
        yield State("mine", "mine", "new")
        yield State("mine-full-done", "mine?done=move", "full")
        yield State("mine-ended", "mine", "ended")
        yield State("mine-held", "mine?done=passkey", "held")
        yield State("mine-asked", "mine", "asked")
        for act in ("tell", "give", "take-back", "move", "correct", "end", "erase", "passkey"):
            yield State(f"mine-{act}", f"mine/{act}", "new")
        yield State("mine-passkey-held", "mine/passkey", "held")
        yield State("mine-tell-nothing", "mine/tell", "new", {"key": "walk-1"}, 422)
        yield State("told", "mine/tell", "full", {"key": "walk-2", "field-address": "南坪 2 号", "to": "police"})
        yield State("mine-take-back-wrong", "mine/take-back", "new", {"key": "walk-3", "disclosure": "what?"}, 422)
        wrong_day = {"changed-year": "2006", "changed-month": "13", "changed-day": "x"}
        yield State("mine-move-wrong", "mine/move", "new", {"key": "walk-4", **wrong_day}, 422)
        yield State("mine-correct-nothing", "mine/correct", "new", {"key": "walk-5"}, 422)
        yield State("mine-end-wrong", "mine/end", "new", {"key": "walk-6", "ended-year": "1066"}, 422)
        last_day = {"ended-year": "2006", "ended-month": "12", "ended-day": "10"}
        yield State("mine-end-check", "mine/end", "new", {"key": "walk-10", **last_day})
        yield State("mine-tell-ended", "mine/tell", "ended")
        yield State("mine-take-back-ended", "mine/take-back", "ended")
        yield State("mine-erase-kept", "mine/erase", "ended")
        yield State("mine-erase-may", "mine/erase", "past")
        yield State("mine-erase-unsure", "mine/erase", "past", {"key": "walk-7"}, 422)
        yield State("receipt", "mine/receipts/1", "new")
        yield State("receipt-unknown", "mine/receipts/99", "new", status=404)

    def _records(self) -> Iterator[State]:
        path = "operator/records"
        yield State("records", path, "east/clerk")
        yield State("records-none", path, "east/clerk", {"sought": HANDLE[::-1]}, 404)
        yield State("records-found", path, "east/clerk", {"sought": HANDLE})
        yield State("records-held", path, "east/clerk", {"sought": self.codes["held"]})
        yield State("records-asked", path, "east/clerk", {"sought": self.codes["asked"]})
        release = {"sought": self.codes["held"], "why": "", "key": "walk-8"}
        yield State("records-release-why", f"{path}/release", "east/clerk", release, 422)
        path = "registrar/records"
        yield State("search", path, "registrar/registrar")
        yield State("search-none", path, "registrar/registrar", {"sought": "no-such", "operator": "east"}, 404)
        yield State("search-found", path, "registrar/registrar", {"sought": self.codes["full"], "operator": ""})
        yield State("search-long", path, "registrar/registrar", {"sought": HANDLE, "operator": "east"})


_SEND = """([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    return answer.status if answer else 0


def _asked(roll: Roll) -> tuple[int, int, int]:
    """A request that was narrowed, answered and told; one that is reviewed; one that is with its operator. Their numbers."""
    made = bodies(roll)
    number = made.file(urgency="ordinary")
    made.does(Approve(request=number, fields=FIELDS[:1], why="enough for the case"), "reviewer")
    envelope = sealed(b"it is Li", ("police",), "east")
    made.does(Answer(request=number, outcome="given", fields=FIELDS[:1], envelope=envelope), "clerk")
    made.does(Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    reviewed, answered = (made.file(urgency="ordinary") for _ in range(2))
    made.does(Approve(request=answered, fields=FIELDS), "reviewer")
    return number, reviewed, answered


def _site(roll: Roll) -> str:
    """The number of an organisation's site, with a domain in Chinese and one as long as they come."""
    with roll.database.own() as connection:
        lead = next(one for one in kept_people.people(connection, "east") if one.role == "operator-lead")
    long = ".".join(("verbindungsleitungsabschlussgeraeteverwaltung",) * 3)
    with covering_sites(roll):
        (number,) = numbers(
            roll, Seat("east", lead.seat), site(domains=("xn--1jqq80b.example.org", f"{long}.example.org"))
        )
    return number_text(number)


def _stop(roll: Roll, word: str) -> None:
    named = address_links.named_by(roll, word)
    assert named is not None
    address_links.stop(roll, named)


def _public() -> Iterator[State]:
    for name, path in {
        "home": "",
        "home-done": "?done=signed-out",
        "rule": "rule",
        "rule-history": "rule/history",
        "figures": "figures",
        "requests": "requests",
        "sites": "sites",
        "sites-decay": "sites/decay",
        "notices": "notices",
        "log": "log",
        "verify": "verify",
        "help": "help",
    }.items():
        yield State(name, path)
    held = "city=village&rule=cn-cq-2006-notice&rule=notification-2006&liability=asymmetric&filing.heed=0.9&wait=1"
    yield State("what-if", "what-if?wait=1")
    yield State("what-if-held", f"what-if?{held}")
    yield State("what-if-wrong", "what-if?city=atlantis&liability=none&filing.heed=lots", status=422)


def _filing() -> Iterator[State]:
    key = {"key": "walk-filing"}
    first = {**key, **SUBSCRIPTION, "step": "subscription"}
    yield State("file-1", "file")
    yield State("file-1-wrong", "file", sent={**key, "step": "subscription", "connected-month": "13"}, status=422)
    yield State("file-2", "file", sent=first)
    yield State("file-2-household", "file", sent={**first, "kind": "household"})
    yield State("file-2-wrong", "file", sent={**first, "step": "about"}, status=422)
    yield State("file-3", "file", sent={**first, **TOLD, "step": "about"})
    yield State("filed", "file", sent={**first, **TOLD, "step": "check", "key": "walk-filed-1"})
    household = {**first, "kind": "household", "step": "check", "key": "walk-filed-2"}
    yield State("filed-nothing-told", "file", sent=household)


def _operator(files: Mapping[str, int]) -> Iterator[State]:
    yield State("operator-empty", "operator", "west/operator-lead")
    yield State("operator", "operator", "east/operator-lead")
    yield State("operator-duties-empty", "operator/duties", "west/operator-lead")
    yield State("operator-duties", "operator/duties", "east/clerk")
    yield State("files-empty", "operator/files", "west/operator-lead")
    yield State("files", "operator/files", "east/clerk")
    yield State("files-in-a-form-without-files", "operator/files", "east/clerk", {"purpose": "file"}, 415)
    yield State("files-unknown", "operator/files/999999", "east/clerk", status=404)
    for name, number in files.items():
        yield State(f"upload-{name}", f"operator/files/{number}", "east/clerk")
    yield State("unconfirmed-empty", "operator/unconfirmed", "west/operator-lead")
    yield State("unconfirmed", "operator/unconfirmed", "east/clerk")
    yield State("unconfirmed-unknown", "operator/unconfirmed", "east/clerk", {"reference": "1", "word": "take"}, 404)
    yield State("succession-own", "operator/succession", "west/operator-lead")
    yield State(
        "succession-own-wrong", "operator/succession", "west/operator-lead", {"step": "offer", "heir": "x"}, 404
    )
    yield State("porting", "operator/porting", "east/clerk")
    yield State("porting-of-the-other", "operator/porting", "west/operator-lead")
    yield State("porting-unknown", "operator/porting", "east/clerk", {"step": "agree", "reference": "1"}, 404)
    yield State("operator-sites", "operator/sites", "east/clerk")
    yield State("operator-sites-unknown", "operator/sites?site=nothing", "east/clerk", status=404)
    yield State("operator-site-new", "operator/sites/new", "east/clerk")
    yield State("operator-site-new-wrong", "operator/sites/new", "east/clerk", _WRONG_SITE, 422)
    yield State("operator-site-list", "operator/sites/list", "east/clerk")
    yield State("letters-empty", "operator/letters", "west/operator-lead")
    yield State("letters", "operator/letters", "east/clerk")
    yield State("letters-batch", "operator/letters/0", "east/clerk")
    yield State("tokens-empty", "operator/tokens", "west/operator-lead")
    yield State("tokens", "operator/tokens", "east/operator-lead")
    yield State("tokens-issued", "operator/tokens", "east/operator-lead", {"label": LABEL[:56]})
    yield State("tokens-days-wrong", "operator/tokens", "east/operator-lead", {"label": "x", "days": "soon"}, 422)
    again = "operator/tokens/1/replace"
    yield State("tokens-replaced-already", again, "east/operator-lead", {}, 409, before=_first_token_is_replaced)
    yield State("tokens-label-missing", "operator/tokens", "east/operator-lead", {"label": ""}, 422)


def _desk(told: int, asks: int, answers: int) -> Iterator[State]:
    """Requests in the eyes of their bodies."""
    officer, reviewer, clerk = "police/officer-lead", "court/reviewer", "east/clerk"
    yield State("desk", "desk?ended=1", reviewer)
    yield State("desk-empty", "desk", "west/operator-lead")
    yield State("desk-of-officer", f"desk/{told}?done=request", officer)
    yield State("desk-of-reviewer", f"desk/{asks}", reviewer)
    wrong = {"act": "postpone", "postpone-until": "soon", "postpone-why": WHY}
    yield State("desk-of-reviewer-wrong", f"desk/{asks}", reviewer, wrong, 422)
    yield State("desk-of-operator", f"desk/{answers}", clerk)
    yield State("desk-not-ours", f"desk/{asks}", "west/operator-lead", status=404)
    yield State("desk-keys", "desk/keys", "court/reviewer")
    yield State("desk-tokens", "desk/tokens", "court/reviewer")
    yield State("desk-tokens-no-passkey", "desk/tokens", "court/reviewer", {"label": "office"}, 403)
    yield State("desk-keys-wrong", "desk/keys", "east/operator-lead", {"public": "no key"}, 422)
    yield State("desk-uses-wrong", "desk/uses", officer, {"basis": "Act 100"}, 422)
    yield State("desk-ask", "desk/ask", officer)


def _organisation() -> Iterator[State]:
    yield State("people-clerk", "people", "east/clerk")
    yield State("people-lead", "people", "east/operator-lead")
    yield State("people-waiting", "people", "east/waiting")
    yield State("people-waiting-no-files", "operator/files", "east/waiting", {"purpose": "file"}, 415)
    yield State(
        "people-invited", "people/invite", "east/operator-lead", {"label": "Counter, mornings", "role": "clerk"}
    )
    yield State("people-invite-wrong", "people/invite", "east/operator-lead", {"label": "", "role": ""}, 422)
    yield State("office-authority", "office", "police/officer-lead")
    yield State("office-reviewer", "office", "court/reviewer")


PROPOSED = 9_001
"""The number of the piece of work that a proposed rule is."""


def _registrar() -> Iterator[State]:
    lead, other = "registrar/registrar-lead", "registrar/registrar"
    yield State("operators-tokens", "registrar/organisations/east/tokens", lead)
    yield State("operators-tokens-empty", "registrar/organisations/west/tokens", lead)
    yield State("operators-tokens-no-reason", "registrar/organisations/east/tokens/1/end", lead, {"why-1": ""}, 422)
    yield State("registrar", "registrar", lead)
    yield State("work", "registrar/work", lead, before=_work_waits)
    settled = f"registrar/work/{PROPOSED}/done"
    yield State("work-outcome-missing", settled, lead, {f"outcome-{PROPOSED}": ""}, 422, before=_work_waits)
    yield State("work-empty", "registrar/work", other, before=_work_is_done)
    yield State("rules", "registrar/rules", lead)
    yield State("readings", "readings", lead)
    words = f"readings/{digest(load('cn-cq-2006-regulation+with-safeguards'))}"
    yield State("reading", words, "court/reviewer")
    yield State("reading-unsure", words, "east/operator-lead", {"words": ""}, 422)
    yield State("rules-own-proposal", "registrar/rules", other)
    yield State("rules-checked", "registrar/rules", lead, {"act": "check", "reference": "cn-cq-2006-notice"})
    yield State("rules-faulty", "registrar/rules", lead, {"act": "check", "text": "id: x\nversion: one\n"}, 422)
    yield State("rules-day-wrong", "registrar/rules", lead, {"act": "propose", "reference": "notification-2006"}, 422)
    yield State("jurisdiction", "registrar/jurisdiction", lead)
    yield State("jurisdiction-faulty", "registrar/jurisdiction", lead, {"act": "check", "main": "id: x\n"}, 422)
    yield State("figures-publish", "registrar/figures", lead)
    yield State("figures-published-today", "registrar/figures", lead, {}, 409)
    yield State("succession", "registrar/succession", lead)
    yield State("succession-clerk", "registrar/succession", other)
    yield State("succession-wrong", "registrar/succession", lead, {"step": "leave", "gone": "east"}, 422)
    yield State("organisations", "registrar/organisations", lead)
    yield State("organisations-clerk", "registrar/organisations", other)
    yield State("organisations-invited", "registrar/organisations/court/invite", lead, {})
    yield State("organisations-wrong", "registrar/organisations", lead, {"name": "A B"}, 422)


def _problems() -> Iterator[State]:
    yield State("again", "mine/tell", sent={"key": "walk-9", "field-name": "kept"}, status=401)
    yield State("again-organisation", "operator/tokens", sent={"label": "kept"}, status=401)
    yield State("not-found", "nothing-here", status=404)
    yield State("not-yours", "registrar", "east/clerk", status=403)
    yield State("form-stale", "find", sent={"_csrf_token": STALE, "code": ""}, status=403)


def _admit(roll: Roll) -> None:
    """An operator with long names and a filing, an authority with a provider of its own, a reviewer."""
    long = AdmitOperator(
        operator="united-neighbourhood-broadband-1", title={"zh": TITLE_ZH, "en": TITLE_EN}, kind="access-operator"
    )
    assert isinstance(admit_operator(roll, long), Accepted)
    for name, kind, zh, en in (
        (
            "police",
            "authority",
            "重庆市公安局公共信息网络安全监察总队",
            "Chongqing Public Security Bureau, Network Corps",
        ),
        ("court", "reviewer", "重庆市第一中级人民法院", "Chongqing First Intermediate People's Court"),
    ):
        command = AdmitOrganisation(organisation=name, kind=kind, title={"zh": zh, "en": en})
        assert isinstance(people.admit_organisation(roll, command, Seat("registrar", 0)), Accepted)
    theirs = Provider(organisation="police", issuer="http://localhost:9", client_id="roll", client_secret="not one")
    code_flow.use_provider(roll, theirs)
    with roll.database.own() as connection:
        every = [
            submission_of(filing(), Actor("operator", "east")),
            submission_of(filing(long.operator, HANDLE), Actor("operator", long.operator)),
            submission_of(filing("east", HANDLE, kind="organisation", district="500105"), Actor("operator", "east")),
        ]
        for outcome in submit.take(connection, every, roll, roll.clock()):
            assert isinstance(outcome, submit.Taken), outcome
    assert isinstance(api_tokens.issue_token(roll, "east", LABEL, KEEPER), str)
    assert isinstance(take_file(roll, "east", io.BytesIO(_rows(60))), FileTaken)
    _on_their_way(roll)


def _on_their_way(roll: Roll) -> None:
    """Subscriptions of east that are offered, asked for and gone to west; an operator that is announced to be succeeded."""
    east, west = Party("east"), Party("west")
    with roll.database.own() as connection:
        numbers = [number for number, *_ in subscriptions.first(connection, 6)][3:]
    asked = queries.by_number(roll, numbers[2])
    assert isinstance(asked, queries.Record)
    for number in numbers[:2]:
        assert isinstance(porting.offer(roll, east, number, "west"), Taken)
    assert isinstance(porting.ask(roll, west, asked.code, handle("asked")), Taken)
    gone = reference_of(numbers[0], roll.keys.code_key)
    assert isinstance(porting.agree(roll, west, gone, handle("ported")), Taken)
    assert isinstance(offer_succession(roll, "united-neighbourhood-broadband-1", "west"), Accepted)


def _rows(count: int, *more: str) -> bytes:
    """An operator's file over several districts, kinds and months, with rows of one's own at its end."""
    lines = [COLUMNS]
    for n in range(count):
        connected = date(2006, 10, 2) + timedelta(days=n)
        kind = ("household", "person", "organisation")[n % 3]
        told = " ".join(digests(f"walk-{n}"))
        lines.append(f"{handle(f'walk-{n}')},{kind},adsl,{('500103', '500105', '500106')[n % 3]},{connected},{told}")
    return "\n".join([*lines, *more, ""]).encode()


def _files(roll: Roll) -> dict[str, int]:
    """East's uploads by how they stand; their pages are told by number."""
    wrong = [f"{HANDLE},houshold,adls,999999,2006-13-40,short", ",,,,,"]
    return {
        "done": _upload(roll, "file", _rows(70)),
        "refused": _upload(roll, "file", _rows(2, *wrong, *wrong)),
        "compared": _upload(
            roll,
            "compare",
            _rows(30, f"{handle('only-mine')},household,adsl,500103,2006-10-02,{' '.join(digests('x'))}"),
        ),
        "compare-refused": _upload(roll, "compare", b"what is this\n"),
        "failed": _upload(roll, "file", b"", state="failed"),
        "running": _upload(roll, "file", b"", state="working"),
    }


def _upload(roll: Roll, purpose: str, data: bytes, state: str = "") -> int:
    """An upload as it stands once the server took it, or in a given state. One transaction: the server never sees it wait."""
    with roll.database.own() as connection:
        number = roll.numbers.take("upload", 1).start
        row = kept_uploads.begin(connection, number, "east", 1, purpose, len(data), roll.clock())
        if state == "working":
            connection.execute("update upload set state = 'working' where id = %s", (row.id,))
            kept_uploads.moved(connection, row.id, "checking", 43, 100)
        elif state:
            kept_uploads.ended(connection, uploads.failed(row, UploadGivenUp(tries=2), roll.clock()))
        else:
            path = upload_files.file_of(roll, row.id)
            with upload_files.write(path, io.BytesIO(data), len(data), Room(roll.home)):
                ended = uploads.WORKS[purpose](roll, row, path, lambda *_: None)
            kept_uploads.ended(connection, ended)
            if ended.gone is not None:
                upload_files.remove(roll, ended)
    return row.id


def _live(visitor: Visitor) -> None:
    """A filing with a history: told, moved, corrected."""
    assert visitor.post("/en/mine/tell", {"key": "walk-live-1", "field-address": "x"}).status_code == 200
    day = {"changed-year": "2006", "changed-month": "12", "changed-day": "1"}
    moved = visitor.post("/en/mine/move", {"key": "walk-live-2", "district": "500105", **day})
    assert moved.status_code == 303, moved.text
    assert visitor.post("/en/mine/correct", {"key": "walk-live-3", "right-access": "lan"}).status_code == 303


def _invitation(roll: Roll, organisation: str, role: str) -> str:
    secret = people.invite(roll, organisation, role, LABEL)
    assert isinstance(secret, str)
    return secret


def _first_token_is_replaced(roll: Roll) -> None:
    api_tokens.replace_token(roll, "east", 1, KEEPER)


def _work_waits(roll: Roll) -> None:
    """A proposal that somebody took, and a message that could not be delivered, late."""
    now = roll.clock()
    with roll.database.own() as connection:
        connection.execute("delete from work where owner = 'registrar'")
        connection.execute(
            "insert into work (id, kind, key, made, due, owner, reason) overriding system value"
            " values (%s, 'proposal', '2', %s, %s, 'registrar', 'proposal')",
            (PROPOSED, now, now + timedelta(days=40)),
        )
        late = work.end_of(roll, roll.day(now) - timedelta(days=3))
        work.enqueue(connection, "mail", "court/reviewer", "registrar", "mail", late, now=now)
        lead = next(one for one in kept_people.people(connection, "registrar") if one.role == "registrar")
        kept_work.take_over(connection, PROPOSED, lead.id)


def _work_is_done(roll: Roll) -> None:
    with roll.database.own() as connection:
        connection.execute(
            "update work set ended = %s, outcome = 'settled' where ended is null and owner = 'registrar'",
            (roll.clock(),),
        )
