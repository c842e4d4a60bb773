"""Asking an organisation's OpenID Connect provider: who it may be, and each of its answers, within limits.

Every answer is at most 64 KB, comes within five seconds in all, and from the address that was asked: no redirect is
followed, no cookie sent, and nothing unpacked.
"""

import asyncio
import base64
import ipaddress
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx2
import msgspec
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.auth import ClientAuth

# Not authlib.integrations.httpx_client: it warns at each import that it wants httpx2, and is an HTTP client itself,
# with limits of its own. This is the class beneath it.
from authlib.oauth2.client import OAuth2Client

from openroll.service.identity.oidc import faults

MAX_BYTES = 64 * 1024
MAX_SECONDS = 5.0
ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""How an ID token may be signed: never `none`, and never with a secret that both sides know (HS*)."""

_TROUBLES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError)
_UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError)

T = TypeVar("T")
Send = Callable[[httpx2.Request], Awaitable[httpx2.Response]]


class Discreet(msgspec.Struct, frozen=True, kw_only=True):
    """Something of one organisation's at one issuer that holds secrets: it never shows them in a log or a traceback."""

    organisation: str
    issuer: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(organisation={self.organisation!r}, issuer={self.issuer!r})"

    def __rich_repr__(self) -> Iterator[tuple[str, str]]:  # type: ignore[override]
        yield "organisation", self.organisation
        yield "issuer", self.issuer


class Provider(Discreet, frozen=True, kw_only=True):
    """An organisation's own provider, as the registrar has entered it.

    `issuer` is an https address without query or fragment (http only for a loopback host); `client_secret` is empty
    for a public client. Raises ValueError for an issuer that cannot be one, and for an empty client.
    """

    client_id: str
    client_secret: str = ""

    def __post_init__(self) -> None:
        if not fit(self.issuer, loopback=True) or "?" in self.issuer:
            message = f"The issuer {self.issuer!r} is not an https address without query; copy it from the provider."
            raise ValueError(message)
        if not self.client_id:
            raise ValueError("The client id is empty; copy it from the provider's page for this client.")


class Metadata(msgspec.Struct, frozen=True):
    """What we need of the discovery document (OpenID Connect Discovery 1.0 section 3; RFC 9207 section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> frozenset[str]:
        """How this provider's ID tokens may be signed."""
        return frozenset(self.id_token_signing_alg_values_supported).intersection(ALGORITHMS)


class _Keys(msgspec.Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


def fit(address: str, *, loopback: bool) -> bool:
    """Whether an address is https with a host, without user or fragment; `loopback` lets http to this machine pass."""
    if not (address.isascii() and address.isprintable()) or any(char in address for char in " \\#@"):
        return False
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL:
        return False
    return bool(url.host) and (url.scheme == "https" or (url.scheme == "http" and loopback and is_loopback(url.host)))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: localhost, or a loopback IP address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def ask(http: httpx2.AsyncClient, issuer: str, request: httpx2.Request) -> httpx2.Response:
    """The provider's answer to one request, whole. Raises NotReached, Redirected, TooLarge."""
    request.headers.update({"accept": "application/json", "accept-encoding": "identity", "user-agent": "Openroll"})
    request.extensions = {**request.extensions, "timeout": httpx2.Timeout(MAX_SECONDS).as_dict()}
    answer = None
    try:
        # httpx2 counts its time anew for each piece of an answer; this is for all of it.
        async with asyncio.timeout(MAX_SECONDS):
            answer = await _whole(http, issuer, request)
    except _TROUBLES:
        # Raised below, outside: httpx2's errors hold the request, and with it the secret, the code and the verifier.
        pass
    if answer is None or answer.status_code == 429 or answer.status_code >= 500:
        raise faults.NotReached(issuer)
    if 300 <= answer.status_code < 400:
        raise faults.Redirected(issuer)
    return answer


async def _whole(http: httpx2.AsyncClient, issuer: str, request: httpx2.Request) -> httpx2.Response:
    answer = await http.send(request, stream=True, auth=None, follow_redirects=False)
    try:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise faults.TooLarge(issuer)
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise faults.TooLarge(issuer)
    finally:
        await answer.aclose()
    return httpx2.Response(answer.status_code, content=bytes(body), request=request)


async def _document(http: httpx2.AsyncClient, issuer: str, address: str, kind: type[T], *, fresh: bool = False) -> T:
    headers = {"cache-control": "no-cache"} if fresh else {}
    answer = await ask(http, issuer, httpx2.Request("GET", address, headers=headers))
    if answer.status_code == 200:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except _UNREADABLE:
            pass
    raise faults.DocumentWrong(issuer)


async def discover(provider: Provider, http: httpx2.AsyncClient) -> Metadata:
    """The provider's discovery document, fit to go on with (OpenID Connect Discovery 1.0 section 4)."""
    issuer = provider.issuer
    found = await _document(http, issuer, issuer.rstrip("/") + "/.well-known/openid-configuration", Metadata)
    if found.issuer != issuer:
        raise faults.DiscoveryIssuerWrong(issuer)
    # Only an issuer on this machine may name addresses on this machine: others would have us knock at our own doors.
    loopback = httpx2.URL(issuer).scheme == "http"
    if not all(
        fit(one, loopback=loopback) for one in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    ):
        raise faults.AddressUnfit(issuer)
    if not found.algorithms:
        raise faults.AlgorithmRefused(issuer)
    return found


async def keys(
    provider: Provider, metadata: Metadata, http: httpx2.AsyncClient, *, fresh: bool
) -> tuple[dict[str, Any], ...]:
    """The provider's published keys, as JWKs (RFC 7517 section 5). `fresh` asks caches on the way to look again."""
    return (await _document(http, provider.issuer, metadata.jwks_uri, _Keys, fresh=fresh)).keys


class _Exchange(OAuth2Client):  # type: ignore[misc]
    """Authlib's OAuth client, asking in our way: `session` is an `Ask`."""

    async def _fetch_token(self, url: str, body: str, headers: dict[str, str], auth: ClientAuth, method: str) -> Any:
        url, headers, body = auth.prepare(method, url, dict(headers), body)
        return self.parse_response_token(await self.session(httpx2.Request(method, url, headers=headers, content=body)))


def _basic(client: ClientAuth, _: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]:
    """Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1), which Authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return uri, headers | {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, body


def _authentication(provider: Provider, metadata: Metadata) -> str:
    if not provider.client_secret:
        return "none"
    for method in ("client_secret_basic", "client_secret_post"):
        if method in metadata.token_endpoint_auth_methods_supported:
            return method
    raise faults.ClientAuthenticationUnknown(provider.issuer)


def browser_address(
    provider: Provider, metadata: Metadata, redirect_uri: str, *, state: str, nonce: str, verifier: str
) -> str:
    """Where to send the browser (OpenID Connect Core 3.1.2.1), with a PKCE challenge (RFC 7636, S256).

    The scope is `openid` alone: no name and no e-mail address is asked for.
    """
    client = OAuth2Client(
        None, provider.client_id, redirect_uri=redirect_uri, scope="openid", code_challenge_method="S256"
    )
    address: str = client.create_authorization_url(
        metadata.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
    )[0]
    return address


async def exchange(
    provider: Provider, metadata: Metadata, http: httpx2.AsyncClient, *, code: str, verifier: str, redirect_uri: str
) -> str:
    """The ID token for a code (OpenID Connect Core 3.1.3). Raises CodeSpent, RefusedThere, DocumentWrong, TokenMissing."""
    session: Send = partial(ask, http, provider.issuer)
    method = _authentication(provider, metadata)
    client = _Exchange(session, provider.client_id, provider.client_secret, token_endpoint_auth_method=method)
    client.register_client_auth_method(("client_secret_basic", _basic))
    token: Any = None
    error: object = None
    try:
        token = await client.fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )
    except OAuth2Error as refused:
        error = refused.error or "other"
    except (*_UNREADABLE, httpx2.HTTPError):
        pass
    if error is not None:
        raise (
            faults.CodeSpent(provider.issuer)
            if error == "invalid_grant"
            else faults.RefusedThere(provider.issuer, error)
        )
    if token is None:
        raise faults.DocumentWrong(provider.issuer)
    if not isinstance(token.get("id_token"), str):
        raise faults.TokenMissing(provider.issuer)
    return str(token["id_token"])
