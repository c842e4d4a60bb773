"""Passkeys: answers that are replayed, bent, meant for something else, or nothing at all."""

import copy
import json
import random
import re
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.identity import address_links, people
from openroll.service.identity.passkeys import IN_TIME, MOST_BEGUN
from openroll.service.identity.sessions import FRESH
from openroll.service.mail import mailboxes
from openroll.store import people as kept_people
from tests.seats import another_day
from tests.web.attacks.authenticator import PRESENT, VERIFIED, Authenticator, b64, unb64
from tests.web.house import ADDRESS, House
from tests.web.visitor import Visitor

HOST = "roll.example"
P = "/en/passkey"


def passkey() -> Authenticator:
    """A new one, for this roll."""
    return Authenticator(ADDRESS, HOST)


def first(visitor: Visitor, what: str, **said: str) -> dict[str, Any]:
    """The first step of a ceremony."""
    answer = visitor.json(f"{P}/{what}/options", said)
    assert answer.status_code == 200, answer.text
    given: dict[str, Any] = answer.json()
    return given


def invited(inside: House, organisation: str = "east", role: str = "clerk", by: Seat = KEEPER) -> str:
    """A new invitation."""
    another_day(inside.roll)
    secret = people.invite(inside.roll, organisation, role, "Invited", by)
    assert isinstance(secret, str)
    return secret


def lead_of_east(inside: House) -> Seat:
    """A lead of east: whom nobody of east invited reads nothing there while they wait."""
    inside.sitting("east/operator-lead")
    with inside.roll.database.own() as connection:
        return next(
            Seat("east", one.seat) for one in kept_people.people(connection, "east") if one.role == "operator-lead"
        )


def joined(inside: House, organisation: str = "east", role: str = "clerk") -> tuple[Visitor, Authenticator]:
    """Somebody who joined with a passkey, and the passkey."""
    by = lead_of_east(inside) if organisation == "east" else KEEPER
    visitor, key, secret = inside.visitor(), passkey(), invited(inside, organisation, role, by)
    answer = visitor.json(f"{P}/join", key.made(first(visitor, "join", invitation=secret)) | {"invitation": secret})
    assert answer.status_code == 200, answer.text
    return visitor, key


def held(inside: House) -> tuple[Visitor, Authenticator, str]:
    """A subscriber whose filing a passkey holds, the passkey, and the filing code."""
    visitor, code = inside.filed()
    key = passkey()
    answer = visitor.json(f"{P}/hold", key.made(first(visitor, "hold")))
    assert answer.status_code == 200, answer.text
    return visitor, key, code


def refused(answer: httpx.Response) -> None:
    """The one refusal for whatever was wrong, without a session."""
    assert answer.status_code == 403, (answer.status_code, answer.text)
    assert answer.json()["code"] == "sign-in-failed"
    assert "__Host-session" not in answer.headers.get("set-cookie", "")


def test_a_passkey_signs_in(inside: House) -> None:
    """A right answer opens the right door, so the refusals below have something to lose."""
    _, key = joined(inside)
    visitor = inside.visitor()
    answer = visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in")))
    assert answer.json() == {"next": "/en/operator"}
    assert visitor.get("/en/operator").status_code == 200
    _, own, _ = held(inside)
    subscriber = inside.visitor()
    assert subscriber.json(f"{P}/sign-in", own.used(first(subscriber, "sign-in"))).json() == {"next": "/en/mine"}
    assert subscriber.get("/en/mine").status_code == 200
    assert subscriber.get("/en/operator").status_code in (302, 403)


def test_an_answer_is_good_once(inside: House) -> None:
    """The same answer again is refused, from the same browser and another."""
    _, key = joined(inside)
    visitor = inside.visitor()
    answer = key.used(first(visitor, "sign-in"))
    assert visitor.json(f"{P}/sign-in", answer).status_code == 200
    refused(visitor.json(f"{P}/sign-in", answer))
    refused(inside.visitor().json(f"{P}/sign-in", answer))


def test_an_answer_that_failed_is_spent(inside: House) -> None:
    """A wrong answer uses its ceremony up: there are no two tries at one challenge."""
    _, key = joined(inside)
    visitor = inside.visitor()
    given = first(visitor, "sign-in")
    refused(visitor.json(f"{P}/sign-in", key.used(given, origin="https://evil.example")))
    refused(visitor.json(f"{P}/sign-in", key.used(given)))


BENT: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "a plain origin": {"origin": "http://roll.example"},
    "an origin that begins alike": {"origin": "https://roll.example.evil.example"},
    "another port": {"origin": "https://roll.example:8443"},
    "another relying party": {"host": "evil.example"},
    "a relying party above": {"host": "example"},
    "no user verification": {"flags": PRESENT},
    "no user presence": {"flags": VERIFIED},
    "no flag": {"flags": 0},
    "another challenge": {"challenge": b64(bytes(32))},
    "an empty challenge": {"challenge": ""},
    "the other kind of ceremony": {"type": "webauthn.create"},
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
    "another credential": {"id": bytes(32)},
    "a ceremony that never was": {"ceremony": "A" * 43},
    "no ceremony": {"ceremony": ""},
}


@pytest.mark.parametrize("sentence", BENT)
def test_a_bent_answer_signs_nobody_in(inside: House, sentence: str) -> None:
    """Each thing a signature is over is looked at."""
    _, key = joined(inside)
    visitor = inside.visitor()
    refused(visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"), **BENT[sentence])))


@pytest.mark.parametrize("sentence", [one for one in BENT if one not in ("another key", "another credential")])
def test_a_bent_answer_makes_no_passkey(inside: House, sentence: str) -> None:
    """The same for making one: no seat comes of it, and the invitation stays good."""
    visitor, key, secret = inside.visitor(), passkey(), invited(inside, by=lead_of_east(inside))
    bent = dict(BENT[sentence])
    if "flags" in bent:
        bent["flags"] |= 0x40
    if "type" in bent:
        bent["type"] = "webauthn.get"
    answer = key.made(first(visitor, "join", invitation=secret), **bent) | {"invitation": secret}
    refused(visitor.json(f"{P}/join", answer))
    assert "You are invited" in visitor.get(f"/en/join?invitation={secret}").text


def test_a_counter_that_goes_back_is_a_copy(inside: House) -> None:
    """A passkey whose counter does not grow was copied: it signs nobody in."""
    _, key = joined(inside)
    visitor = inside.visitor()
    assert visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"), uses=7)).status_code == 200
    for uses in (7, 6, 0):
        refused(visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"), uses=uses)))


def test_what_was_begun_for_one_thing_is_no_good_for_another(inside: House) -> None:
    """Ceremonies are tied to what they are for: an invitation, a person, a record, or signing in."""
    clerk, _ = joined(inside)
    subscriber, _ = inside.filed()
    other, _ = inside.filed()
    secret, another = invited(inside), invited(inside, "registrar", "registrar-lead")
    key = passkey()
    before = inside.acts()["person"]
    refused(clerk.json(f"{P}/add", key.made(first(clerk, "join", invitation=secret))))
    refused(clerk.json(f"{P}/add", key.made(first(subscriber, "hold"))))
    refused(subscriber.json(f"{P}/hold", key.made(first(clerk, "add"))))
    refused(other.json(f"{P}/hold", key.made(first(subscriber, "hold"))))
    swapped = key.made(first(clerk, "join", invitation=secret)) | {"invitation": another}
    refused(clerk.json(f"{P}/join", swapped))
    refused(clerk.json(f"{P}/join", key.made(first(clerk, "add")) | {"invitation": secret}))
    refused(clerk.json(f"{P}/sign-in", key.used(first(clerk, "add"))))
    refused(clerk.json(f"{P}/join", key.made(first(clerk, "sign-in")) | {"invitation": secret}))
    assert inside.acts()["person"] == before


def test_a_colleagues_ceremony_makes_no_passkey_for_somebody_else(inside: House) -> None:
    """A passkey begun by one person cannot be finished by another of the same organisation."""
    one, _ = joined(inside)
    two, _ = joined(inside)
    refused(two.json(f"{P}/add", passkey().made(first(one, "add"))))


def test_a_passkey_of_a_filing_opens_no_persons_door(inside: House) -> None:
    """It opens its one filing, whatever the request asks to open afterwards."""
    _, key, _ = held(inside)
    visitor = inside.visitor()
    answer = key.used(first(visitor, "sign-in")) | {"next": "/en/operator/tokens"}
    assert visitor.json(f"{P}/sign-in", answer).status_code == 200
    for path in ("/en/operator", "/en/registrar", "/en/people", "/en/office"):
        assert visitor.get(path).status_code in (302, 403)


def test_a_passkey_that_ended_opens_nothing(inside: House) -> None:
    """Of somebody who left; tests/service/test_release.py has a filing that was let go."""
    lead = inside.sitting("west/operator-lead")  # sits there before who joins: the newest seat is the other's
    _, key = joined(inside, "west")
    seats = re.findall(r"/en/people/(\d+)/end", lead.get("/en/people").text)
    newest = max(map(int, seats))
    assert lead.post(f"/en/people/{newest}/end").status_code == 303
    visitor = inside.visitor()
    refused(visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"))))


def test_a_held_filing_is_closed_to_who_knew_its_code_before(inside: House) -> None:
    """When a passkey takes hold, sessions that its code opened elsewhere end: a thief of the code is out from then on."""
    owner, code = inside.filed()
    thief = inside.visitor()
    assert thief.post("/en/find", {"code": code}).status_code == 303
    begun = first(thief, "hold")
    assert owner.json(f"{P}/hold", passkey().made(first(owner, "hold"))).status_code == 200
    assert thief.get("/en/mine").status_code == 302
    assert thief.json(f"{P}/hold", passkey().made(begun)).status_code in (401, 403)
    assert thief.post("/en/find", {"code": code}).status_code in (403, 409, 422, 423)
    assert owner.get("/en/mine").status_code == 200


def test_the_same_credential_twice_is_refused(inside: House) -> None:
    """A credential that the roll knows cannot be made again, by its owner or by anyone."""
    clerk, key = joined(inside)
    refused(clerk.json(f"{P}/add", key.made(first(clerk, "add"))))
    secret = invited(inside)
    stranger = inside.visitor()
    again = key.made(first(stranger, "join", invitation=secret)) | {"invitation": secret}
    refused(stranger.json(f"{P}/join", again))
    subscriber, _ = inside.filed()
    refused(subscriber.json(f"{P}/hold", key.made(first(subscriber, "hold"))))


def test_nobody_has_passkeys_without_end(inside: House) -> None:
    """A person has ten passkeys at the most, and so has a filing."""
    clerk, _ = joined(inside)
    answers = [clerk.json(f"{P}/add", passkey().made(first(clerk, "add"))).status_code for _ in range(11)]
    assert answers.count(200) == 9
    subscriber, _, _ = held(inside)
    answers = [subscriber.json(f"{P}/hold", passkey().made(first(subscriber, "hold"))).status_code for _ in range(11)]
    assert answers.count(200) == 9


def test_a_holder_sees_every_passkey_of_a_filing_and_ends_one(inside: House) -> None:
    """The page lists them and the history names each; what is ended signs nobody in, and what is none of theirs is not ended."""
    visitor, key, _ = held(inside)
    another = passkey()
    assert visitor.json(f"{P}/hold", another.made(first(visitor, "hold"))).status_code == 200
    listed = re.findall(r'name="passkey" value="([0-9a-f]+)"', visitor.get("/en/mine/passkey").text)
    assert len(listed) == 2
    assert "A further passkey was added" in visitor.get("/en/mine").text
    for nonsense in ("", "zz", "00", "王", listed[0] + "0"):
        answer = visitor.post("/en/mine/end-passkey", {"passkey": nonsense})
        assert (answer.status_code, "none of yours" in answer.text) == (409, True)
    waits = visitor.post("/en/mine/end-passkey", {"passkey": listed[0]})
    assert (waits.status_code, "made a few days ago" in waits.text) == (409, True)
    visitor = inside.visitor()
    assert visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"))).status_code == 200
    ended = visitor.post("/en/mine/end-passkey", {"passkey": listed[1]})
    assert (ended.status_code, ended.headers["location"]) == (303, "/en/mine/passkey?done=passkey-ended")
    assert 'name="passkey"' not in visitor.get("/en/mine/passkey").text
    assert "A passkey was ended" in visitor.get("/en/mine").text
    other = inside.visitor()
    refused(other.json(f"{P}/sign-in", another.used(first(other, "sign-in"))))
    assert other.json(f"{P}/sign-in", key.used(first(other, "sign-in"))).status_code == 200


def test_where_a_holder_is_told_is_changed_by_who_signed_in_a_moment_ago(inside: House) -> None:
    """What is no address is said so; a good one stands in the history without itself; a browser left open changes nothing."""
    visitor, _, _ = held(inside)
    wrong = visitor.post("/en/mine/contact", {"email": "nowhere"})
    assert (wrong.status_code, "This is not an e-mail address" in wrong.text) == (422, True)
    kept = visitor.post("/en/mine/contact", {"email": "own@example.org"})
    assert (kept.status_code, kept.headers["location"]) == (303, "/en/mine?done=contact-asked")
    told = visitor.get("/en/mine/passkey").text
    assert re.search(r"open the link in the mail that went there on \d+ \w+ \d{4}\.", told), told
    wanted = address_links.Named(0, mailboxes.digest_of(inside.roll, "quiet@example.org"))
    address_links.stop(inside.roll, wanted)
    unasked = visitor.post("/en/mine/contact", {"email": "quiet@example.org"})
    assert (unasked.status_code, unasked.headers["location"]) == (303, "/en/mine/passkey?done=contact-unasked")
    said = visitor.get(unasked.headers["location"]).text
    assert ("no mail went to the address" in said, "Nobody is told" in said) == (True, True)
    page = visitor.get("/en/mine").text
    assert ("The address to be told at was changed" in page, "example.org" in page) == (True, False)
    with inside.roll.database.own() as connection:
        connection.execute("update session set begun = begun - interval '11 minutes'")
    old = visitor.post("/en/mine/contact", {"email": "thief@example.org"})
    assert (old.status_code, "within 10 minutes of signing in" in old.text) == (403, True)
    again = visitor.get("/en/mine").text
    assert again.count("The address to be told at was changed") == page.count("The address to be told at was changed")


def test_an_invitation_is_for_one(inside: House) -> None:
    """Used, it seats nobody else, even one who began before it was used."""
    one, two, secret = inside.visitor(), inside.visitor(), invited(inside)
    begun, late = first(one, "join", invitation=secret), first(two, "join", invitation=secret)
    assert one.json(f"{P}/join", passkey().made(begun) | {"invitation": secret}).status_code == 200
    answer = two.json(f"{P}/join", passkey().made(late) | {"invitation": secret})
    assert answer.status_code == 404
    assert two.json(f"{P}/join/options", {"invitation": secret}).status_code == 404


ODD: tuple[Any, ...] = (
    None,
    1,
    -1,
    1e300,
    True,
    "",
    "x",
    "=",
    "\u0000",
    "é" * 9,
    [],
    {},
    [[]],
    {"a": 1},
    "A" * 100_000,
)


def test_garbage_in_any_place_of_an_answer_signs_nobody_in(inside: House) -> None:
    """Every value of an answer, replaced by every kind of nonsense, is refused without a fault of the roll's own."""
    _, key = joined(inside)
    visitor = inside.visitor()
    secret = invited(inside)
    for what in ("sign-in", "join"):
        given = first(visitor, what, invitation=secret)
        good = key.used(given) if what == "sign-in" else passkey().made(given) | {"invitation": secret}
        good["ceremony"] = ""
        for path in (
            ("credential",),
            *(("credential", name) for name in good["credential"]),
            *(("credential", "response", name) for name in good["credential"]["response"]),
            ("ceremony",),
            ("next",),
        ):
            for odd in ODD:
                bent = copy.deepcopy(good)
                bent["ceremony"] = (
                    first(visitor, what, invitation=secret)["ceremony"] if odd in ({}, "x", 1) else good["ceremony"]
                )
                place: Any = bent
                for name in path[:-1]:
                    place = place[name]
                place[path[-1]] = odd
                answer = visitor.json(f"{P}/{what}", bent)
                assert answer.status_code in (400, 403, 404), (path, odd, answer.status_code, answer.text[:200])


def test_flipped_bits_sign_nobody_in(inside: House) -> None:
    """CBOR and JSON with bits flipped or cut short: refused, never a fault of the roll's own."""
    visitor, chance, secret = inside.visitor(), random.Random(7), invited(inside)
    _, key = joined(inside)
    for turn in range(120):
        what = "join" if turn % 2 else "sign-in"
        given = first(visitor, what, invitation=secret)
        good = passkey().made(given) if what == "join" else key.used(given)
        response = good["credential"]["response"]
        name = chance.choice(sorted(response))
        raw = bytearray(unb64(response[name]))
        if turn % 3:
            for place in chance.sample(range(len(raw)), chance.randint(1, 4)):
                raw[place] ^= 1 << chance.randrange(8)
        else:
            del raw[chance.randrange(len(raw)) :]
        response[name] = b64(bytes(raw))
        answer = visitor.json(f"{P}/{what}", good | {"invitation": secret})
        if answer.status_code == 200:  # a bit that nothing is signed over: the attestation of nobody
            assert what == "join", (name, bytes(raw))
            visitor, secret = inside.visitor(), invited(inside)
            continue
        assert answer.status_code == 403, (name, answer.status_code, bytes(raw))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b"[" * 50_000,
        b"\xff",
        b'{"ceremony":1}',
        b'{"credential":[]}',
        json.dumps({"credential": {"rawId": "A" * 900_000}}).encode(),
    ],
)
def test_a_body_that_is_no_answer(inside: House, body: bytes) -> None:
    """What is no answer at all is refused below 500."""
    clerk = inside.sitting("east/clerk")
    for what in ("sign-in", "join", "join/options", "sign-in/options", "add", "add/options"):
        headers = {"x-csrftoken": clerk.token, "content-type": "application/json"}
        answer = clerk.ask("POST", f"{P}/{what}", content=body, headers=headers)
        assert answer.status_code < 500, (what, answer.status_code)


def rows(inside: House) -> int:
    """What is kept of ceremonies under way, and of challenges that were answered."""
    with inside.roll.database.own() as connection:
        found = connection.execute(
            "select (select count(*) from ceremony) + (select count(*) from spent_puzzle)"
        ).fetchone()
    return int(found[0]) if found else 0


def test_to_begin_a_sign_in_keeps_nothing(inside: House) -> None:
    """Anybody may begin, as often as they like: neither that nor an answer that names no passkey of ours leaves a row."""
    visitor, before = inside.visitor(), rows(inside)
    for _ in range(20):
        refused(visitor.json(f"{P}/sign-in", passkey().used(first(visitor, "sign-in"), id=bytes(32))))
    assert rows(inside) == before


def test_a_challenge_that_the_roll_did_not_sign_is_none(inside: House) -> None:
    """One that somebody made up, moved on or lengthened signs nobody in; nor does one that is too old."""
    _, key = joined(inside)
    visitor = inside.visitor()
    given = first(visitor, "sign-in")
    until, challenge, mac = given["ceremony"].split(".")
    for bent in (f"{int(until) + 1}.{challenge}.{mac}", f"{until}.{'0' * 64}.{mac}", f"{until}.{challenge}.{'0' * 64}"):
        refused(visitor.json(f"{P}/sign-in", key.used(given, ceremony=bent)))
    inside.pass_time(IN_TIME * 2)
    refused(visitor.json(f"{P}/sign-in", key.used(given)))
    inside.pass_time(IN_TIME * -2)


def test_one_invitation_begins_few_passkeys_at_once(inside: House) -> None:
    """Whoever has an invitation keeps a few beginnings, not a table full; the newest is the one that counts."""
    visitor, secret = inside.visitor(), invited(inside)
    before = rows(inside)
    for _ in range(20):
        last = first(visitor, "join", invitation=secret)
    assert rows(inside) - before <= MOST_BEGUN
    answer = passkey().made(last) | {"invitation": secret}
    assert visitor.json(f"{P}/join", answer).status_code == 200


def test_an_old_session_makes_no_way_in(inside: House) -> None:
    """A browser left open is not enough to stay in for good: for people and for what a passkey holds a new sign-in is asked."""
    for what, begin in (("add", joined), ("hold", held)):
        visitor, way, *_ = begin(inside)
        assert visitor.json(f"{P}/{what}/options", {}).status_code == 200
        inside.pass_time(FRESH * 2)
        said = visitor.json(f"{P}/{what}/options", {})
        assert (said.status_code, said.json()["code"]) == (403, "session-old")
        assert visitor.json(f"{P}/sign-in", way.used(first(visitor, "sign-in"))).status_code == 200
        assert visitor.json(f"{P}/{what}", passkey().made(first(visitor, what))).status_code == 200


def test_a_person_ends_a_passkey_of_their_own_and_not_the_last(inside: House) -> None:
    """Of a lost device: it signs nobody in, and its sessions end; nobody else's passkey and no last one is ended so."""
    clerk, key = joined(inside)
    other, theirs = joined(inside)
    path = "/en/people/passkeys/end"
    assert clerk.post(path, {"passkey": key.id.hex()}).status_code == 409
    second = passkey()
    assert clerk.json(f"{P}/add", second.made(first(clerk, "add"))).status_code == 200
    lost = inside.visitor()
    assert lost.json(f"{P}/sign-in", second.used(first(lost, "sign-in"))).status_code == 200
    assert clerk.post(path, {"passkey": theirs.id.hex()}).status_code == 409
    assert clerk.post(path, {"passkey": "not hex"}).status_code == 409
    assert f'value="{second.id.hex()}"' in clerk.get("/en/people").text
    assert clerk.post(path, {"passkey": second.id.hex()}).status_code == 303
    assert lost.get("/en/operator").status_code == 302
    refused(lost.json(f"{P}/sign-in", second.used(first(lost, "sign-in"))))
    assert clerk.get("/en/operator").status_code == 200
    assert other.get("/en/operator").status_code == 200
    inside.pass_time(FRESH * 2)
    assert clerk.post(path, {"passkey": key.id.hex()}).status_code == 403


def test_a_person_signs_out_everywhere_else(inside: House) -> None:
    """Every other session of theirs ends; this one and everybody else's goes on."""
    clerk, key = joined(inside)
    elsewhere, (other, _) = inside.visitor(), joined(inside)
    assert elsewhere.json(f"{P}/sign-in", key.used(first(elsewhere, "sign-in"))).status_code == 200
    assert clerk.post("/en/people/sessions/end").status_code == 303
    assert elsewhere.get("/en/operator").status_code == 302
    assert clerk.get("/en/operator").status_code == 200
    assert other.get("/en/operator").status_code == 200
