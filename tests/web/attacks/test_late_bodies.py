"""Who was let in before a slow body does nothing by it once the session, the seat or the token has ended."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from openroll.register.command import Actor
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.subscription.commands import End
from openroll.service.access import ROUTES
from openroll.service.filing import intake, uploads
from openroll.service.filing.submit import Submission
from openroll.service.identity import api_tokens, people, sessions
from openroll.service.identity.sessions import SessionOver, hashed
from openroll.store import sessions as kept_sessions
from openroll.store.uploads import UploadRow
from tests.seats import seated
from tests.service.filings import rows_file
from tests.web.attacks.test_others_things import FAULTY
from tests.web.attacks.test_passkeys import P, first, held, joined, passkey
from tests.web.attacks.test_uploads import FORM, _form, _part
from tests.web.house import House
from tests.web.late import Late, late
from tests.web.test_access import FILLED, _as
from tests.web.visitor import Visitor

SESSION = "__Host-session"
JSON = {"content-type": "application/json"}


def said(visitor: Visitor, answer: Any) -> tuple[bytes, dict[str, str]]:
    """JSON as the pages' scripts send it: body and headers."""
    return json.dumps(answer).encode(), JSON | {"x-csrftoken": visitor.token}


def end_session(house: House, visitor: Visitor) -> None:
    """End the session of a visitor, from elsewhere."""
    with house.roll.database.own() as connection:
        kept_sessions.end_session(connection, hashed(visitor.jar[SESSION]))


def test_a_release_is_not_undone_by_a_body_that_comes_after_it(inside: House) -> None:
    """The old holder's second step comes after the record was let go: no passkey holds it again, and the ceremony is gone."""
    holder, _, _ = held(inside)
    made = passkey().made(first(holder, "hold"))
    number = _newest(inside)

    def released() -> None:
        with inside.roll.database.own() as connection:
            connection.execute("update subscription set held = false where number = %s", (number,))
            kept_sessions.end_ceremonies(connection, sessions.for_record(number))
            kept_sessions.end_sessions(connection, record=number)

    before = _passkeys(inside)
    answer = late(inside, holder, f"{P}/hold", *said(holder, made), released)
    assert answer.status == 401
    assert b"sign-in-needed" in answer.body
    assert _passkeys(inside) == before


def _newest(house: House) -> int:
    with house.roll.database.own() as connection:
        row = connection.execute("select max(number) from subscription").fetchone()
    assert row
    return int(row[0])


def _passkeys(house: House) -> int:
    with house.roll.database.own() as connection:
        row = connection.execute("select count(*) from passkey where ended is null").fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("how", ["others out", "everywhere", "seat ended"])
def test_a_stolen_session_makes_no_passkey_after_its_person_ended_it(inside: House, how: str) -> None:
    """Signing out elsewhere ends what is being made there too: neither the old session nor a new one finishes it."""
    owner, key = joined(inside)
    thief = inside.visitor()
    thief.jar = dict(owner.jar)
    thiefs = passkey()
    made = thiefs.made(first(thief, "add"))
    owner.json(f"{P}/sign-in", key.used(first(owner, "sign-in")))  # another session of the same person
    thief.jar[SESSION], owner.jar[SESSION] = owner.jar[SESSION], owner.jar[SESSION]
    stolen = inside.visitor()
    stolen.json(f"{P}/sign-in", key.used(first(stolen, "sign-in")))
    made = thiefs.made(first(stolen, "add"))
    seat = _seat_of(inside, owner)

    def meanwhile() -> None:
        if how == "others out":
            assert owner.post("/en/people/sessions/end").status_code == 303
        elif how == "everywhere":
            owner.post("/en/sign-out", {"everywhere": "1"})
        else:
            people.end_seat(inside.roll, seat.organisation, seat.number, seat)

    before = _passkeys(inside)
    answer = late(inside, stolen, f"{P}/add", *said(stolen, made), meanwhile)
    assert answer.status == 401
    with inside.roll.database.own() as connection:
        person = connection.execute(
            "select id from person where organisation = %s and seat = %s", (seat.organisation, seat.number)
        ).fetchone()
        assert person
        for_whom = f"person {person[0]}"
        left = connection.execute("select count(*) from ceremony where kept::jsonb ->> 'for_whom' = %s", (for_whom,))
        assert left.fetchone() == (0,)
    assert _passkeys(inside) <= before


def _seat_of(house: House, visitor: Visitor) -> Seat:
    seat = sessions.someone(house.roll, visitor.jar[SESSION]).seat
    assert seat is not None
    return seat


ACTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "a token": ("east/operator-lead", "/en/operator/tokens", {"label": "late"}),
    "an invitation": ("east/operator-lead", "/en/people/invite", {"role": "clerk", "label": "late"}),
    "an organisation": (
        "registrar/registrar-lead", "/en/registrar/organisations",
        {"kind": "authority", "name": "late", "title-zh": "迟", "title-en": "Late"},
    ),
    "a rule": (
        "registrar/registrar", "/en/registrar/rules",
        {"reference": "notification-2006", "act": "propose", "starts-year": "2007", "starts-month": "9",
         "starts-day": "1"},
    ),
    "figures": ("registrar/registrar", "/en/registrar/figures", {}),
    "a move": ("subscriber", "/en/mine/move", {"changed-year": "2006", "changed-month": "12", "changed-day": "1",
                                               "district": "500105"}),
    "an end": ("subscriber", "/en/mine/end", {"ended-year": "2006", "ended-month": "12", "ended-day": "1",
                                             "sure": "yes"}),
}  # fmt: skip


@pytest.fixture
def ends_once_let_in(inside: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Have every session end right after its holder was let in, however often that is asked; said with False: not."""
    real, known, on = sessions.someone, dict[str, sessions.Principal](), [False]

    def someone(roll: Any, cookie: str) -> sessions.Principal:
        who = known.get(cookie) or real(roll, cookie)
        if on[0]:
            known[cookie] = who
            with roll.database.own() as connection:
                kept_sessions.end_session(connection, hashed(cookie))
        return who

    monkeypatch.setattr(sessions, "someone", someone)

    def switch(whether: bool) -> None:
        on[0] = whether

    return switch


@pytest.mark.parametrize("act", ACTS)
def test_no_act_is_done_by_a_session_that_ended_after_it_was_let_in(
    inside: House, ends_once_let_in: Callable[[bool], None], act: str
) -> None:
    """The transaction that would write finds the session gone, and writes nothing; with the session it is done."""
    who, path, fields = ACTS[act]
    inside.pass_time(timedelta(days=1))  # another test may have published today's figures
    inside.sweep_ahead()
    visitor = _as(inside, who)[0]
    visitor.get("/en/find")
    before = inside.acts()
    ends_once_let_in(True)
    answer = visitor.post(path, fields)
    ends_once_let_in(False)
    assert answer.status_code == 401, answer.text
    assert "Sign in first" in answer.text or "again" in answer.text
    assert inside.acts() == before
    done = _as(inside, who)[0].post(path, fields)
    assert done.status_code in (200, 303), done.text
    assert inside.acts() != before


def test_every_route_of_a_session_acts_for_it(inside: House, ends_once_let_in: Callable[[bool], None]) -> None:
    """Whatever a POST that is not for anyone asks of the service, it asks for its session: none goes by another way."""
    seen: dict[str, bytes] = {}
    real = sessions.act_for

    def act_for(cookie: str, *, reads: bool = False) -> None:
        real(cookie, reads=reads)
        if cookie:
            seen[current[0]] = hashed(cookie)

    current = [""]
    lines = [one for one, roles in ROUTES.items() if one.startswith("POST") and not roles & {"anyone", "token"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "act_for", act_for)
        for line in lines:
            current[0] = line
            visitor = _as(inside, _who_may(line))[0]
            path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], line.partition(" ")[2])
            if "/passkey/" in path:
                visitor.json(path, {})
            elif path.endswith("/operator/files"):
                body = _form(_part("_csrf_token", visitor.token.encode()))
                visitor.ask("POST", path, content=body, headers=FORM)
            else:
                visitor.post(path)
    assert [line for line in lines if line not in seen] == []


def _who_may(line: str) -> str:
    roles = ROUTES[line]
    for who, role in (
        ("subscriber", "subscriber"),
        ("registrar/registrar-lead", "registrar-lead"),
        ("registrar/registrar", "registrar"),
        ("east/operator-lead", "operator-lead"),
        ("east/clerk", "clerk"),
        ("bureau/officer-lead", "officer-lead"),
        ("bureau/officer", "officer"),
    ):
        if role in roles:
            return who
    raise AssertionError(line)


def test_a_use_case_asked_by_an_ended_session_does_nothing(inside: House) -> None:
    """Whatever it is, and also a filing in the queue of filings: SessionOver, and no transaction."""
    visitor = inside.sitting("east/clerk")
    application = inside.client.app.state.application
    cookie, ran = visitor.jar[SESSION], list[str]()
    end_session(inside, visitor)

    async def asked() -> list[type[BaseException]]:
        sessions.act_for(cookie)
        raised = list[type[BaseException]]()
        works: tuple[Callable[[], Any], ...] = (
            lambda: application.ask(lambda roll: _in_transaction(roll, ran)),
            lambda: application.submit(
                Submission(
                    command=End(on=date(2006, 12, 1)),
                    key="k",
                    request=b"r" * 32,
                    actor=Actor("operator", "east"),
                    handle="h",
                )
            ),
        )
        for work in works:
            try:
                await work()
            except SessionOver as error:
                raised.append(type(error))
        return raised

    assert inside.client.blocking_portal.call(asked) == [SessionOver, SessionOver]
    assert ran == []


def _in_transaction(roll: Any, ran: list[str]) -> None:
    with roll.database.transaction("operator", organisation="east"):
        ran.append("ran")


# Tokens and files.


def _program(house: House, operator: str = "east") -> tuple[dict[str, str], int]:
    token = house.token(operator)
    number = max(one.number for one in api_tokens.live_tokens(house.roll, operator))
    return {"authorization": f"Bearer {token}"}, number


def _csv() -> bytes:
    return rows_file(2).getvalue()


def test_ending_a_token_ends_its_file_and_frees_the_operator_s_place(
    inside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file under a token that is ended is given up within seconds, unasked; another of the operator's is taken at once."""
    monkeypatch.setattr(intake, "RECHECK", 0.05)
    monkeypatch.setattr(inside.client.app.state.application._good_tokens, "_fresh", 0.0)
    monkeypatch.setattr(inside.client.app.state.application._good_tokens, "_stale", 0.0)
    headers, number = _program(inside)
    drips = Late(inside, None, "/api/v1/files", headers).when_asked().send(b"handle", more=True)
    good, _ = _program(inside)
    busy = inside.visitor().ask("POST", "/api/v1/files?dry_run=true", content=_csv(), headers=good)
    assert busy.status_code == 429
    assert api_tokens.end_token(inside.roll, "east", number, KEEPER, "misused") is None
    drips.ended(10)
    assert (drips.status, json.loads(drips.body)["code"]) == (401, "token-unknown")
    again = inside.visitor().ask("POST", "/api/v1/files?dry_run=true", content=_csv(), headers=good)
    assert again.status_code == 200, again.text


def test_a_token_that_was_ended_files_nothing(inside: House) -> None:
    """The rest of a body that comes after its token's end: refused in the transaction that would write, and nothing is stored."""
    headers, number = _program(inside)
    before = inside.acts()

    def ended() -> None:
        assert api_tokens.end_token(inside.roll, "east", number, KEEPER, "misused") is None

    answer = late(inside, inside.visitor(), "/api/v1/files", _csv(), headers, ended)
    assert (answer.status, json.loads(answer.body)["code"]) == (401, "token-unknown")
    assert inside.acts()["subscription"] == before["subscription"]


@pytest.mark.parametrize("work", [uploads.take, uploads.compare])
def test_a_file_whose_seat_was_ended_while_it_waited_is_not_taken(inside: House, work: uploads.Work) -> None:
    """What waits in the queue of uploads asks for its seat in the transaction that writes, or before it reads."""
    lead = seated(inside.roll, "east", "operator-lead")
    row = UploadRow(
        1, "east", lead.number, "file", 1, inside.roll.clock(), None, "working", "", 0, 0, 0, 0, 0, "", "", None, 1, None,
        None, "",
    )  # fmt: skip
    path = inside.roll.home / "waits.csv"
    path.write_bytes(_csv())
    _leave(inside, lead)
    before = inside.acts()["subscription"]
    ended = work(inside.roll, row, path, lambda *_: None)
    assert ended.state == "refused"
    assert uploads.verdicts(ended).code == "seat-gone"
    assert inside.acts()["subscription"] == before


def _leave(house: House, seat: Seat) -> None:
    with house.roll.database.own() as connection:
        connection.execute(
            "update person set left_at = now() where organisation = %s and seat = %s", (seat.organisation, seat.number)
        )


def test_a_page_s_file_whose_session_ended_is_not_kept(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it comes in it is given up unasked, and what comes after that is not entered."""
    monkeypatch.setattr(intake, "RECHECK", 0.05)
    clerk = inside.sitting("east/clerk")
    token = clerk.token
    before = inside.acts()["upload"]
    one = Late(inside, clerk, "/en/operator/files", FORM).when_asked()
    one.send(_part("_csrf_token", token.encode()), more=True)
    end_session(inside, clerk)
    assert one.ended(10).status == 401
    late_one = inside.sitting("east/clerk")
    body = _form(_part("_csrf_token", late_one.token.encode()), _part("file", FAULTY, "a.csv"))
    monkeypatch.setattr(intake, "RECHECK", 60.0)
    answer = late(inside, late_one, "/en/operator/files", body, FORM, lambda: end_session(inside, late_one))
    assert answer.status == 401
    assert inside.acts()["upload"] == before


@pytest.mark.parametrize("who", ["nobody", "subscriber", "registrar/registrar"])
def test_nothing_of_a_file_is_asked_for_from_who_may_send_none(inside: House, who: str) -> None:
    """A form that can hold a file, or a program's file: who is not let in is answered before a byte was asked for."""
    visitor = _as(inside, who)[0]
    for path, headers in (
        ("/en/operator/files", FORM),
        ("/en/operator/files", {"content-type": "application/x-www-form-urlencoded"}),
        ("/api/v1/files", {"authorization": "Bearer wrong"}),
        ("/api/v1/files", {}),
    ):
        one = Late(inside, visitor, path, headers).ended()
        assert one.status in (401, 403, 415), (path, headers)
        assert not one.was_asked


def test_wrong_tokens_at_one_moment_find_thirty_places(inside: House) -> None:
    """The place is taken before the token is looked up: of many at once as many are tried as the bucket holds."""
    application = inside.client.app.state.application
    names, waits = ("192.0.2.77",), list[int]()

    async def tried() -> None:
        for _ in range(60):
            waits.append((await application.try_token(b"w" * 32, names)).wait)

    inside.client.blocking_portal.call(tried)
    assert (waits.count(0), sum(wait > 0 for wait in waits)) == (30, 30)


@pytest.mark.parametrize("path", ["/api/v1/filings", "/api/v1/unconfirmed"])
def test_a_wrong_token_is_refused_without_waiting_for_a_body(inside: House, path: str) -> None:
    """The head says enough: nothing of a body larger than a filing's is asked for, as for a file."""
    headers = {"authorization": "Bearer none", "content-type": "application/json", "content-length": "200000"}
    request = Late(inside, inside.visitor(), path, headers).ended(20)
    assert request.status == 401
    assert not request.was_asked
