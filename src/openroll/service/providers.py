"""Signing in with an organisation's own provider, as the roll keeps it: what was begun, and who the subject is here.

The subject a provider names is kept as a keyed hash only: some providers use an e-mail address for it.
"""

import hashlib
import hmac

import msgspec

from openroll.register.decision import Refused
from openroll.register.events import ProviderSet
from openroll.register.organisations import KEEPER, Seat
from openroll.register.refusals import SignInFailed
from openroll.service import people as seats
from openroll.service import sessions
from openroll.service.provider import Begun, Identity, Provider, begin, finish
from openroll.service.provider_answers import MAX_SECONDS
from openroll.service.roll import Roll
from openroll.service.sessions import hashed, new_secret
from openroll.store import people
from openroll.store import sessions as kept
from openroll.watch.http_client import new_client


class Way(msgspec.Struct, frozen=True):
    """A sign-in under way: what was begun, the invitation it answers (if any), and where to go afterwards."""

    begun: Begun
    invitation: str
    after: str


def providers(roll: Roll) -> dict[str, Provider]:
    """Providers by organisation."""
    with roll.database.own() as connection:
        rows = people.providers(connection)
    return {
        name: Provider(organisation=name, issuer=issuer, client_id=client, client_secret=secret)
        for name, (issuer, client, secret) in rows.items()
    }


def use_provider(roll: Roll, provider: Provider, by: Seat = KEEPER) -> None:
    """Have an organisation's people sign in with its provider from now on (an official act)."""
    name = provider.organisation
    fact = ProviderSet(organisation=name, issuer=provider.issuer, by=str(by), rule=roll.rule_name)
    with roll.database.own() as connection:
        stream = seats.record_of(connection, name)
        if stream is not None:
            seats.append_official(connection, roll, roll.clock(), stream, (fact,), name)
        people.put_provider(
            connection, provider.organisation, provider.issuer, provider.client_id, provider.client_secret
        )


async def go(roll: Roll, provider: Provider, back: str, *, invitation: str, after: str) -> tuple[str, str]:
    """Begin: where the browser goes, and what its cookie holds until it is back. Raises SignInFault."""
    async with new_client(MAX_SECONDS) as http:
        begun = await begin(provider, back, random=roll.salts, now=roll.clock(), http=http)
    name = new_secret(roll)
    way = msgspec.json.encode(Way(begun, invitation, after)).decode()
    with roll.database.own() as connection:
        kept.put_ceremony(connection, hashed(name), "provider", way, roll.clock())
    return begun.address, name


async def back(roll: Roll, name: str, query: dict[str, str], before: str) -> tuple[str, str, str] | Refused:
    """Come back: the session's cookie, the organisation, where to go. Raises SignInFault."""
    with roll.database.own() as connection:
        # Taken out before anything else is looked at: a second way back does not find it.
        text = kept.take_ceremony(connection, hashed(name), "provider", roll.clock() - sessions.IDLE["person"])
    if text is None:
        return Refused(SignInFailed())
    way = msgspec.json.decode(text, type=Way)
    provider = providers(roll).get(way.begun.organisation)
    if provider is None:
        return Refused(SignInFailed())
    async with new_client(MAX_SECONDS) as http:
        identity = await finish(provider, way.begun, query, now=roll.clock(), http=http)
    secret = _enter(roll, provider.organisation, identity, way.invitation, before)
    return secret if isinstance(secret, Refused) else (secret, provider.organisation, way.after)


def _enter(roll: Roll, organisation: str, identity: Identity, invitation: str, before: str) -> str | Refused:
    subject = subject_digest(roll, identity)
    if invitation:
        invited = seats.invitation(roll, invitation)
        if isinstance(invited, Refused):
            return invited
        # An invitation is answered with the provider of the organisation that invited, and no other's.
        if invited.organisation != organisation:
            return Refused(SignInFailed())
        return seats.join_with_subject(roll, invitation, identity.issuer, subject, before)
    with roll.database.own() as connection:
        person = people.of_subject(connection, organisation, identity.issuer, subject)
        if person is None:
            return Refused(SignInFailed())
        return sessions.begin_in(connection, roll, person=person.id, before=before)


def subject_digest(roll: Roll, identity: Identity) -> str:
    """What is kept of a subject: a keyed hash, different in every roll."""
    key = hashlib.sha256(b"openroll subject" + roll.keys.code_key).digest()
    return hmac.digest(key, f"{identity.issuer}\0{identity.subject}".encode(), "sha256").hex()
