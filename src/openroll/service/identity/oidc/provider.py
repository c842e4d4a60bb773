"""Signing in through an organisation's own OpenID Connect provider: the authorization code flow, with PKCE.

The life of a sign-in: `begin` asks the provider who it is and says where to send the browser; `Begun` is kept on the
server, under the browser's session, and used once; the browser comes back with a query; `finish` gives the `Identity`,
or raises a `SignInFault`, whose `refusal` tells the person what to do.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636 (PKCE), RFC 9207 (issuer identification),
RFC 9700 (best current practice).
"""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
import msgspec

from openroll.service.identity.oidc import faults, id_token
from openroll.service.identity.oidc.answers import (
    Discreet,
    Metadata,
    Provider,
    browser_address,
    discover,
    exchange,
    keys,
)
from openroll.service.identity.oidc.faults import SignInFault

__all__ = ["Begun", "Identity", "Provider", "SignInFault", "begin", "begun_at", "finish"]

VALID_FOR = timedelta(minutes=10)
_SKEW = timedelta(seconds=id_token.LEEWAY)


class Begun(Discreet, frozen=True, kw_only=True):
    """A sign-in under way. `address` is where the browser goes; all else stays on the server until it comes back, once.

    Whoever keeps it ties it to the browser that began, and lets go of it before `finish` is called, whatever comes
    of that: a second way back must not find it.
    """

    address: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    begun: datetime


class Identity(msgspec.Struct, frozen=True):
    """Who signed in: a subject, which means something only together with its issuer.

    Some providers use an e-mail address as the subject: it is not to be stored as it stands (DESIGN.md, "never", 1).
    """

    issuer: str
    subject: str


async def begin(
    provider: Provider,
    redirect_uri: str,
    *,
    random: Callable[[int], bytes],
    now: datetime,
    http: httpx2.AsyncClient,
) -> Begun:
    """Begin a sign-in that comes back to `redirect_uri`. Raises SignInFault when the provider cannot be used."""
    return begun_at(provider, await discover(provider, http), redirect_uri, random=random, now=now)


def begun_at(
    provider: Provider, metadata: Metadata, redirect_uri: str, *, random: Callable[[int], bytes], now: datetime
) -> Begun:
    """As `begin`, with what the provider says of itself at hand already: nobody is asked."""
    state, nonce, verifier = (_word(random(32)) for _ in range(3))
    return Begun(
        organisation=provider.organisation,
        issuer=provider.issuer,
        address=browser_address(provider, metadata, redirect_uri, state=state, nonce=nonce, verifier=verifier),
        state=state,
        nonce=nonce,
        verifier=verifier,
        redirect_uri=redirect_uri,
        begun=now,
    )


async def finish(
    provider: Provider, begun: Begun, query: Mapping[str, str], *, now: datetime, http: httpx2.AsyncClient
) -> Identity:
    """Who came back with `query`. Raises the SignInFault of the first check that fails, in the order below."""
    issuer = provider.issuer
    # 1 The browser is the one that was sent, and to this provider.
    if not id_token.same(query.get("state", ""), begun.state):
        raise faults.StateWrong(issuer)
    if (begun.issuer, begun.organisation) != (issuer, provider.organisation):
        raise faults.RegistrationChanged(issuer)
    # 2 The provider has said yes, and it is this provider that says so.
    if "error" in query:
        raise faults.RefusedThere(issuer, query["error"])
    if query.get("iss", issuer) != issuer:
        raise faults.IssuerParameterWrong(issuer)
    metadata = await discover(provider, http)
    if metadata.authorization_response_iss_parameter_supported and "iss" not in query:
        raise faults.IssuerParameterMissing(issuer)
    # 3 There is a code, in time.
    if not query.get("code"):
        raise faults.CodeMissing(issuer)
    if not -_SKEW <= now - begun.begun <= VALID_FOR:
        raise faults.TooOld(issuer)
    # 4 The code is good for an ID token, which says who it is.
    token = await exchange(
        provider,
        metadata,
        http,
        code=query["code"],
        verifier=begun.verifier,
        redirect_uri=begun.redirect_uri,
    )
    claims = await _claims(token, provider, metadata, http)
    subject = id_token.subject_of(
        claims, issuer=issuer, client_id=provider.client_id, nonce=begun.nonce, begun=begun.begun, now=now
    )
    return Identity(issuer, subject)


async def _claims(token: str, provider: Provider, metadata: Metadata, http: httpx2.AsyncClient) -> dict[str, Any]:
    algorithm, kid = id_token.header_of(token, metadata.algorithms, provider.issuer)
    # A key that is not there may have come into use a moment ago: look once more, and no more than once.
    for fresh in (False, True):
        published = await keys(provider, metadata, http, fresh=fresh)
        key = id_token.choose(published, algorithm, kid)
        if key is not None:
            return id_token.verified(token, key, algorithm, provider.issuer)
    raise faults.KeyUnknown(provider.issuer)


def _word(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()
