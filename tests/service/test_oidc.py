"""Signing in through an organisation's own provider: the good way in, and every way in which a provider can be wrong.

All of it against a real provider process (tests/provider.py), but for what no provider of ours can do on the wire.
"""

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.register.sign_in_refusals import ProviderAnswerWrong, ProviderUnreachable, SignInRefusedThere, SignInStale
from openroll.service.identity.oidc import answers, faults, id_token
from openroll.service.identity.oidc.provider import Begun, Identity, Provider, SignInFault, begin, finish
from openroll.words import say
from tests.provider import FAULTS, SECRET, b64

ROOT = Path(__file__).parents[2]
BACK = "http://127.0.0.1:9/en/sign-in/back?roll=bayu"
SHIFT = -7000
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=SHIFT)
T = TypeVar("T")
TLS = ssl.create_default_context()
"""Made once for all clients of these tests: each reads every root certificate of this machine."""

REFUSED = {
    "wrong-nonce": faults.NonceWrong,
    "no-nonce": faults.NonceWrong,
    "wrong-aud": faults.AudienceWrong,
    "foreign-azp": faults.PartyWrong,
    "several-aud": faults.PartyWrong,
    "wrong-iss": faults.TokenIssuerWrong,
    "expired": faults.Expired,
    "no-exp": faults.Expired,
    "early": faults.IssuedWrong,
    "old": faults.IssuedWrong,
    "no-sub": faults.SubjectWrong,
    "long-sub": faults.SubjectWrong,
    "alg-none": faults.AlgorithmRefused,
    "hs256": faults.AlgorithmRefused,
    "hs256-with-public-key": faults.AlgorithmRefused,
    "unlisted-alg": faults.AlgorithmRefused,
    "swapped-key": faults.SignatureWrong,
    "unknown-key": faults.KeyUnknown,
    "broken-token": faults.TokenShape,
    "no-token": faults.TokenMissing,
    "mix-up": faults.IssuerParameterWrong,
    "no-iss": faults.IssuerParameterMissing,
    "no-code": faults.CodeMissing,
    "spent-code": faults.CodeSpent,
    "oversized-token": faults.TooLarge,
    "oversized-keys": faults.TooLarge,
    "redirecting": faults.Redirected,
}
"""What is noticed when the browser comes back."""

REFUSED_AT_ONCE = {
    "other-issuer": faults.DiscoveryIssuerWrong,
    "plain-address": faults.AddressUnfit,
    "only-hs256": faults.AlgorithmRefused,
    "oversized": faults.TooLarge,
    "redirecting-discovery": faults.Redirected,
    "not-json": faults.DocumentWrong,
    "out-of-order": faults.NotReached,
}
"""What is noticed before the browser is sent anywhere."""


class Form(HTMLParser):
    """The hidden fields of a page's form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a browser would send without asking."""
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"] or ""] = found["value"] or ""


@contextmanager
def running(*options: str, secret: str = SECRET) -> Iterator[Provider]:
    """A provider process, ready, and its registration with us."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.provider", "--port", str(port), "--client-id", "openroll & co"]
    command += ["--client-secret", secret, "--shift-days", str(SHIFT), *options]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    try:
        issuer = f"http://127.0.0.1:{port}"
        for _ in range(300):
            assert process.poll() is None
            try:
                httpx2.get(f"{issuer}/admin", verify=TLS)
                break
            except httpx2.TransportError:
                time.sleep(0.05)  # waits for a real process
        yield Provider(organisation="east", issuer=issuer, client_id="openroll & co", client_secret=secret)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def process() -> Iterator[Provider]:
    """One provider process for many tests; see `provider`."""
    with running() as provider:
        yield provider


@pytest.fixture
def provider(process: Provider) -> Provider:
    """The shared provider, honest."""
    misbehave(process, "")
    return process


def misbehave(provider: Provider, fault: str, alg: str = "ES256") -> None:
    """Have a running provider do wrong, or sign otherwise."""
    httpx2.post(f"{provider.issuer}/admin", params={"fault": fault, "alg": alg}, verify=TLS).raise_for_status()


def asked(provider: Provider) -> dict[str, int]:
    """How often each address of the provider was asked."""
    counted: dict[str, int] = httpx2.get(f"{provider.issuer}/admin", verify=TLS).json()["asked"]
    return counted


def run(ask: Callable[[httpx2.AsyncClient], Awaitable[T]], transport: httpx2.AsyncBaseTransport | None = None) -> T:
    """What comes of asking, with a client of its own that would follow redirects if it were let."""

    async def main() -> T:
        async with httpx2.AsyncClient(transport=transport, follow_redirects=True, timeout=60, verify=TLS) as http:
            return await ask(http)

    return asyncio.run(main())


def begun_at(provider: Provider, now: datetime = NOW) -> Begun:
    """A sign-in, begun."""
    return run(lambda http: begin(provider, BACK, random=os.urandom, now=now, http=http))


def browse(begun: Begun, *, subject: str = "desk-2", answer: str = "yes") -> dict[str, str]:
    """What a browser brings back after its person has chosen on the provider's page."""
    page = httpx2.get(begun.address, verify=TLS)
    assert page.status_code == 200, page.text
    form = Form(page.text).fields | {"subject": subject, "answer": answer}
    back = httpx2.post(f"{begun.issuer}/authorize", data=form, verify=TLS)
    assert back.status_code == 303, back.text
    address = back.headers["location"]
    assert address.startswith(BACK + "&")
    return dict(parse_qsl(urlsplit(address).query))


def finished(
    provider: Provider, begun: Begun, query: dict[str, str], later: timedelta = timedelta(seconds=9)
) -> Identity:
    """Who it is, some seconds after the beginning."""
    return run(lambda http: finish(provider, begun, query, now=begun.begun + later, http=http))


def fresh(provider: Provider) -> Begun:
    """A sign-in begun at this moment of the provider's clock."""
    return begun_at(provider, datetime.now(UTC) + timedelta(days=SHIFT))


def way_in(provider: Provider) -> Identity:
    """The whole of a sign-in."""
    begun = fresh(provider)
    return finished(provider, begun, browse(begun))


@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA", "Ed25519"])
def test_the_good_way_in(provider: Provider, alg: str) -> None:
    """A person chooses on the provider's page and is known here by issuer and subject, however the provider signs."""
    misbehave(provider, "", alg)
    assert way_in(provider) == Identity(provider.issuer, "desk-2")


def test_a_public_client_gets_in() -> None:
    """A client without a secret proves itself by PKCE alone."""
    with running(secret="") as public:
        assert way_in(public) == Identity(public.issuer, "desk-2")


def test_the_browser_is_sent_with_what_the_standards_ask_for(provider: Provider) -> None:
    """Scope is openid alone; state, nonce and verifier differ, and the verifier is not in the address."""
    begun = begun_at(provider)
    sent = dict(parse_qsl(urlsplit(begun.address).query))
    assert sent["scope"] == "openid"
    assert (sent["response_type"], sent["code_challenge_method"], sent["redirect_uri"]) == ("code", "S256", BACK)
    assert (sent["state"], sent["nonce"]) == (begun.state, begun.nonce)
    assert len({begun.state, begun.nonce, begun.verifier}) == 3
    assert begun.verifier not in begun.address
    assert begun.begun == NOW


def test_every_misbehaviour_has_its_test() -> None:
    """No fault that the test provider knows is left untried."""
    assert set(REFUSED) | set(REFUSED_AT_ONCE) | {"late-key", "replayed-code"} == set(FAULTS)


@pytest.mark.parametrize("fault", REFUSED)
def test_a_misbehaving_provider_lets_nobody_in(provider: Provider, fault: str) -> None:
    """Each misbehaviour is refused by its own code when the browser comes back."""
    misbehave(provider, fault)
    with pytest.raises(SignInFault) as caught:
        way_in(provider)
    assert type(caught.value) is REFUSED[fault]


@pytest.mark.parametrize("fault", REFUSED_AT_ONCE)
def test_an_unfit_provider_is_noticed_before_the_browser_goes(provider: Provider, fault: str) -> None:
    """A provider that cannot be used sends no browser anywhere."""
    misbehave(provider, fault)
    with pytest.raises(SignInFault) as caught:
        begun_at(provider)
    assert type(caught.value) is REFUSED_AT_ONCE[fault]


@pytest.mark.parametrize("fault", ["alg-none", "swapped-key", "mix-up", "wrong-nonce"])
def test_a_provider_that_was_never_honest(fault: str) -> None:
    """A process that misbehaves from its start lets nobody in either."""
    with running("--fault", fault) as bad, pytest.raises(SignInFault) as caught:
        way_in(bad)
    assert type(caught.value) is REFUSED[fault]


def test_a_code_of_another_sign_in_is_refused_though_the_provider_takes_it(provider: Provider) -> None:
    """A code from somebody else's sign-in, put into this one, brings that one's nonce, and is refused."""
    misbehave(provider, "replayed-code")
    assert way_in(provider).subject == "desk-2"
    with pytest.raises(faults.NonceWrong):
        way_in(provider)


def test_a_stolen_code_is_no_use_in_another_browser(provider: Provider) -> None:
    """An honest provider refuses a code with another sign-in's verifier (RFC 7636)."""
    theirs, ours = fresh(provider), fresh(provider)
    query = browse(theirs) | {"state": ours.state}
    with pytest.raises(faults.CodeSpent):
        finished(provider, ours, query)


def test_a_way_back_leads_in_once(provider: Provider) -> None:
    """The same way back a second time is refused by the provider: its code is spent."""
    begun = fresh(provider)
    query = browse(begun)
    assert finished(provider, begun, query).subject == "desk-2"
    with pytest.raises(faults.CodeSpent):
        finished(provider, begun, query)


def test_a_key_published_a_moment_ago_is_found(provider: Provider) -> None:
    """An unknown key is looked for once more, and then it is there."""
    misbehave(provider, "late-key")
    assert way_in(provider).subject == "desk-2"
    assert asked(provider)["/jwks"] == 2


def test_an_unknown_key_is_looked_for_no_more_than_twice(provider: Provider) -> None:
    """A provider cannot have us ask for its keys without end."""
    misbehave(provider, "unknown-key")
    with pytest.raises(faults.KeyUnknown):
        way_in(provider)
    assert asked(provider)["/jwks"] == 2


def test_the_person_says_no_there(provider: Provider) -> None:
    """What the provider answers with an error is told, and what to do about it."""
    begun = fresh(provider)
    query = browse(begun, answer="no")
    with pytest.raises(faults.RefusedThere) as caught:
        finished(provider, begun, query)
    assert caught.value.refusal == SignInRefusedThere(issuer=provider.issuer, reason="access_denied")


def test_an_empty_state_or_nonce_is_none() -> None:
    """A way back without state does not fit a record that has lost its own."""
    assert id_token.same("a", "a")
    assert not id_token.same("", "")


def test_a_made_up_reason_is_not_told() -> None:
    """Text that anybody can put into an address is not shown to anybody."""
    assert faults.RefusedThere("https://a.example", "call 555 0100").reason == "other"


def test_a_wrong_secret_is_told_as_the_clients_fault(provider: Provider) -> None:
    """When the provider does not know us, the person hears whom to ask, and nothing of the secret."""
    ours = msgspec.structs.replace(provider, client_secret="not the secret")
    with pytest.raises(faults.RefusedThere) as caught:
        way_in(ours)
    assert caught.value.reason == "invalid_client"


def test_ten_minutes_and_no_more(provider: Provider) -> None:
    """A sign-in of ten minutes is good, one of a second more is not, nor one from the future."""
    begun = begun_at(provider)
    query = {"state": begun.state, "code": "c", "iss": provider.issuer}
    for later in (timedelta(minutes=10, seconds=1), timedelta(minutes=-2)):
        with pytest.raises(faults.TooOld):
            finished(provider, begun, query, later)
    with pytest.raises(faults.CodeSpent):
        finished(provider, begun, query, timedelta(minutes=10))


def test_the_checks_come_in_order(provider: Provider) -> None:
    """State before error before issuer before code before age, so that a stranger learns nothing but the first."""
    begun = begun_at(provider)
    query = {"state": "x", "error": "access_denied", "iss": "https://another.example"}
    later = timedelta(hours=1)
    order: list[tuple[dict[str, str], type[SignInFault]]] = [
        ({}, faults.StateWrong),
        ({"state": begun.state}, faults.RefusedThere),
        ({"error": ""}, faults.RefusedThere),
    ]
    for change, expected in order:
        query |= change
        with pytest.raises(expected):
            finished(provider, begun, query, later)
    del query["error"]
    with pytest.raises(faults.IssuerParameterWrong):
        finished(provider, begun, query, later)
    del query["iss"]
    with pytest.raises(faults.IssuerParameterMissing):
        finished(provider, begun, query, later)
    query["iss"] = provider.issuer
    with pytest.raises(faults.CodeMissing):
        finished(provider, begun, query, later)
    query["code"] = "c"
    with pytest.raises(faults.TooOld):
        finished(provider, begun, query, later)


def test_a_registration_that_changed_meanwhile(provider: Provider) -> None:
    """A sign-in begun at one provider or for one organisation does not end at another."""
    begun = begun_at(provider)
    for other in ({"issuer": "https://other.example"}, {"organisation": "west"}):
        with pytest.raises(faults.RegistrationChanged):
            finished(msgspec.structs.replace(provider, **other), begun, {"state": begun.state, "code": "c"})


OFFLINE = Provider(organisation="east", issuer="https://id.example/a", client_id="c", client_secret="hidden")
WAITING = Begun(
    organisation="east",
    issuer=OFFLINE.issuer,
    address="https://id.example/a/authorize",
    state="state-of-ours",
    nonce="nonce-of-ours",
    verifier="verifier-of-ours",
    redirect_uri=BACK,
    begun=NOW,
)
METADATA = {
    "issuer": OFFLINE.issuer,
    "authorization_endpoint": "https://id.example/a/authorize?tenant=1",
    "token_endpoint": "https://id.example/a/token",
    "jwks_uri": "https://id.example/a/jwks",
    "id_token_signing_alg_values_supported": ["RS256"],
    "authorization_response_iss_parameter_supported": True,
}


def answering(**documents: bytes) -> httpx2.MockTransport:
    """A provider made of documents, by the last word of their address."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.rsplit("/", 1)[-1].replace("openid-configuration", "discovery")
        return httpx2.Response(200, content=documents[name])

    return httpx2.MockTransport(answer)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["state", "code", "iss", "error", "error_description"]) | st.text(),
        st.sampled_from([WAITING.state, WAITING.issuer]) | st.text(st.characters()),
    )
)
def test_garbage_from_the_browser_is_refused(query: dict[str, str]) -> None:
    """Whatever a browser brings, it is a sign-in fault with words in both languages, and no other error."""
    transport = answering(discovery=json.dumps(METADATA).encode(), token=b'{"error": "invalid_grant"}')
    with pytest.raises(SignInFault) as caught:
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), transport)
    for lang in ("zh", "en"):
        assert say(caught.value.refusal.code, caught.value.refusal.params, lang)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
"""Any JSON of up to a dozen leaves. Longer ones cost a minute to make and meet no other line of code: what is too long or nested
too deeply has tests of its own below."""


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id_token", "error", "expires_in", "expires_at", "access_token"]), JSON) | JSON)
def test_garbage_from_the_token_endpoint_is_refused(answer: object) -> None:
    """Whatever the provider answers for a code, it is a sign-in fault, and no other error."""
    transport = answering(
        discovery=json.dumps(METADATA).encode(), token=json.dumps(answer).encode(), jwks=b'{"keys": []}'
    )
    query = {"state": WAITING.state, "code": "c", "iss": WAITING.issuer}
    with pytest.raises(SignInFault):
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), transport)


def made_token(header: object, claims: object = None) -> str:
    """A token of any header, which nobody signed."""
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{b64(bytes(256))}"


HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "none", "HS256"]) | JSON},
    optional=dict.fromkeys(("kid", "crit", "b64", "jku", "jwk", "x5c", "typ", "of-tomorrow"), JSON),
)
MEMBERS = ("kty", "n", "e", "crv", "x", "y", "use", "alg", "kid", "d", "key_ops")
JWKS = st.lists(
    st.dictionaries(st.sampled_from(MEMBERS), JSON)
    | st.fixed_dictionaries({"kty": st.just("RSA"), "n": st.just("_" * 400) | st.text(), "e": st.just("AQAB") | JSON}),
    max_size=4,
)


@settings(deadline=None)
@given(HEADERS | JSON, JWKS, JSON)
def test_garbage_for_a_token_and_for_keys_is_refused(header: object, published: object, claims: object) -> None:
    """Whatever stands in the ID token's header and among the keys, it is a sign-in fault, and no other error."""
    token = json.dumps({"id_token": made_token(header, claims)}).encode()
    keys = json.dumps({"keys": published}).encode()
    transport = answering(discovery=json.dumps(METADATA).encode(), token=token, jwks=keys)
    query = {"state": WAITING.state, "code": "c", "iss": WAITING.issuer}
    with pytest.raises(SignInFault):
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), transport)


def test_a_weak_key_is_no_key() -> None:
    """RSA of 1024 bits is refused, before anything is verified with it; an Ed448 key fits no algorithm of ours."""
    weak = {"kty": "RSA", "n": b64(b"\xff" * 128), "e": "AQAB"}
    with pytest.raises(faults.KeyUnfit):
        id_token.verified(made_token({"alg": "RS256"}), weak, "RS256", "https://a.example")
    assert id_token.choose([{"kty": "OKP", "crv": "Ed448", "x": "AA"}], "EdDSA", None) is None


def test_a_key_is_chosen_only_when_it_is_the_one() -> None:
    """By its id, or alone; never one for sealing, for another algorithm, or one of two."""
    one, two = {"kty": "RSA", "kid": "1"}, {"kty": "RSA", "kid": "2", "use": "sig", "alg": "RS256"}
    assert id_token.choose([one, two], "RS256", "2") is two
    assert id_token.choose([one], "RS256", None) is one
    for keys, kid in (([one, two], None), ([one, one], "1"), ([one], "2"), ([one | {"use": "enc"}], "1")):
        assert id_token.choose(keys, "RS256", kid) is None
    assert id_token.choose([one | {"alg": "PS256"}], "RS256", "1") is None


def test_a_secret_is_sent_as_the_provider_takes_it() -> None:
    """A provider that lists client_secret_post alone gets it in the form; one that takes neither way gets nothing."""
    seen: list[bytes] = []
    metadata = METADATA | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.content)
        return httpx2.Response(200, json=metadata if request.method == "GET" else {"error": "invalid_grant"})

    query = {"state": WAITING.state, "code": "c", "iss": WAITING.issuer}
    with pytest.raises(faults.CodeSpent):
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), httpx2.MockTransport(answer))
    sent = dict(parse_qsl(seen[-1].decode()))
    assert sent == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": BACK,
        "code_verifier": WAITING.verifier,
        "client_id": "c",
        "client_secret": "hidden",
    }
    metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
    seen.clear()
    with pytest.raises(faults.ClientAuthenticationUnknown):
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), httpx2.MockTransport(answer))
    assert seen == [b""]


@pytest.mark.parametrize("document", [b"", b"[" * 60_000, b'{"a":' * 10_000, b"\xff", b"null", b'{"issuer": 7}'])
def test_a_document_that_is_none(document: bytes) -> None:
    """Nested without end, not UTF-8, or of another form: one fault."""
    with pytest.raises(faults.DocumentWrong):
        run(lambda http: begin(OFFLINE, BACK, random=os.urandom, now=NOW, http=http), answering(discovery=document))
    found = answering(discovery=json.dumps(METADATA).encode(), token=document)
    query = {"state": WAITING.state, "code": "c", "iss": WAITING.issuer}
    with pytest.raises((faults.DocumentWrong, faults.TokenMissing)):
        run(lambda http: finish(OFFLINE, WAITING, query, now=NOW, http=http), found)


def test_the_address_of_discovery_follows_the_standard() -> None:
    """A path of the issuer stays before /.well-known, its last slash does not (Discovery 1.0 section 4)."""
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(200, json=METADATA | {"issuer": "https://id.example/a/"})

    slashed = msgspec.structs.replace(OFFLINE, issuer="https://id.example/a/")
    begun = run(lambda http: begin(slashed, BACK, random=os.urandom, now=NOW, http=http), httpx2.MockTransport(answer))
    assert seen == ["https://id.example/a/.well-known/openid-configuration"]
    assert begun.address.startswith("https://id.example/a/authorize?tenant=1&")


def test_all_network_troubles_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection, broken TLS, and an answer that never ends: not reached, and nothing of the request in the error."""
    monkeypatch.setattr(answers, "MAX_SECONDS", 0.05)

    async def never(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError(request)

    def broken(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("certificate has expired", request=request)

    for transport in (httpx2.MockTransport(never), httpx2.MockTransport(broken)):
        with pytest.raises(faults.NotReached) as caught:
            run(lambda http: begin(OFFLINE, BACK, random=os.urandom, now=NOW, http=http), transport)
        assert caught.value.refusal == ProviderUnreachable(issuer=OFFLINE.issuer)
        assert caught.value.__context__ is None
    with running() as gone:
        pass
    with pytest.raises(faults.NotReached):
        begun_at(gone)


def test_a_compressed_answer_is_not_unpacked() -> None:
    """A small answer that would unpack to a large one is refused by its header."""
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, stream=httpx2.ByteStream(b"x"), headers={"content-encoding": "br"})
    )
    with pytest.raises(faults.TooLarge):
        run(lambda http: begin(OFFLINE, BACK, random=os.urandom, now=NOW, http=http), transport)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example",
        "http://127.0.0.1.example",
        "ftp://id.example",
        "https://",
        "https://id.example/?a=1",
        "https://id.example#a",
        "https://me@id.example",
        "https://id.example\\@b.example",
        "https://id.example/ a",
        "https://id.example:port",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_cannot_be_an_issuer(issuer: str) -> None:
    """An issuer is an https address, or http on this machine, without user, query or fragment."""
    with pytest.raises(ValueError, match="is not an https address"):
        Provider(organisation="east", issuer=issuer, client_id="c")


@pytest.mark.parametrize("issuer", ["https://id.example", "http://localhost:1", "http://127.0.0.1", "http://[::1]:8/a"])
def test_what_can_be_an_issuer(issuer: str) -> None:
    """Https anywhere, http on this machine."""
    assert Provider(organisation="east", issuer=issuer, client_id="c").issuer == issuer


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://id.example/x", "http://127.0.0.1/x", "javascript:alert(1)", "/token", ""])
def test_no_address_of_a_provider_leads_astray(name: str, address: str) -> None:
    """A provider elsewhere cannot have us knock at our own machine's doors, or send a browser into a script."""
    found = answering(discovery=json.dumps(METADATA | {name: address}).encode())
    with pytest.raises(faults.AddressUnfit):
        run(lambda http: begin(OFFLINE, BACK, random=os.urandom, now=NOW, http=http), found)


def test_nothing_secret_is_shown() -> None:
    """Neither the text of what we keep nor that of an error holds a secret."""
    for shown in (repr(OFFLINE), repr(WAITING), str(OFFLINE), str(WAITING)):
        for secret in ("hidden", "state-of", "nonce-of", "verifier-of"):
            assert secret not in shown
    assert str(faults.NonceWrong("https://a.example")) == "nonce-wrong: sign-in through https://a.example"


def test_codes_of_faults_are_unique_and_become_few_refusals() -> None:
    """Each fault has a code of its own, and each becomes one of four refusals."""
    kinds = faults.every_fault()
    assert len({kind.code for kind in kinds}) == len(kinds) > 25
    four = {type(kind(*["https://a.example", "x"][: 1 + (kind is faults.RefusedThere)]).refusal) for kind in kinds}
    assert four == {ProviderAnswerWrong, ProviderUnreachable, SignInStale, SignInRefusedThere}


GOOD = {"iss": "i", "aud": "c", "exp": 1000, "iat": 990, "nonce": "n", "sub": "s"}


def judged(claims: dict[str, object], now: float = 1000) -> str:
    """Who signed in by these claims, at a second of 1970; the sign-in began ten seconds before 1000."""
    begun, at = datetime.fromtimestamp(990, UTC), datetime.fromtimestamp(now, UTC)
    return id_token.subject_of(claims, issuer="i", client_id="c", nonce="n", begun=begun, now=at)


@pytest.mark.parametrize(
    ("change", "now", "fault"),
    [
        ({}, 1059, None),
        ({}, 1060, faults.Expired),
        ({"exp": True}, 1000, faults.Expired),
        ({"exp": "2000"}, 1000, faults.Expired),
        ({"exp": float("nan")}, 1000, faults.Expired),
        ({"exp": float("inf")}, 1000, faults.Expired),
        ({"exp": 10**400}, 1000, None),
        ({"exp": 2000, "iat": 1060}, 1000, None),
        ({"exp": 2000, "iat": 1061}, 1000, faults.IssuedWrong),
        ({"iat": 390}, 1000, None),
        ({"iat": 389}, 1000, faults.IssuedWrong),
        ({"iat": None}, 1000, faults.IssuedWrong),
        ({"aud": ["c"]}, 1000, None),
        ({"aud": ["c", "d"], "azp": "c"}, 1000, None),
        ({"aud": ["c", "d"]}, 1000, faults.PartyWrong),
        ({"azp": "d"}, 1000, faults.PartyWrong),
        ({"aud": "cc"}, 1000, faults.AudienceWrong),
        ({"aud": {"c": 1}}, 1000, faults.AudienceWrong),
        ({"aud": []}, 1000, faults.AudienceWrong),
        ({"nonce": ""}, 1000, faults.NonceWrong),
        ({"nonce": ["n"]}, 1000, faults.NonceWrong),
        ({"sub": ""}, 1000, faults.SubjectWrong),
        ({"sub": 7}, 1000, faults.SubjectWrong),
        ({"sub": "a\x00b"}, 1000, faults.SubjectWrong),
        ({"sub": "\ud800"}, 1000, faults.SubjectWrong),
        ({"sub": "x" * 255}, 1000, None),
    ],
)
def test_the_edges_of_each_claim(change: dict[str, object], now: float, fault: type[SignInFault] | None) -> None:
    """Each claim is good up to its edge, and refused a second or a letter beyond."""
    claims = GOOD | change
    if fault is None:
        assert judged(claims, now) == claims["sub"]
    else:
        with pytest.raises(fault):
            judged(claims, now)
