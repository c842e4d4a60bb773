"""Signing in with an organisation's own provider, as the roll keeps it: what was begun, and who the subject is here.

The subject a provider names is kept as a keyed hash only: some providers use an e-mail address for it.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.commands import SetProvider
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.refusals import TooBusy, TooManyAtOnce
from openroll.register.sign_in_refusals import SignInFailed
from openroll.service.acts import act
from openroll.service.identity import people as seats
from openroll.service.identity import sessions
from openroll.service.identity.oidc.answers import MAX_SECONDS, Metadata, discover
from openroll.service.identity.oidc.begin_limits import MOST_WAYS, Starts
from openroll.service.identity.oidc.provider import Begun, Identity, Provider, begun_at, finish
from openroll.service.identity.sessions import hashed, new_secret
from openroll.service.key_labels import PROVIDER_SECRET, SUBJECT
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, opens, seal, unseal
from openroll.store import people
from openroll.store import sessions as kept
from openroll.store.people import ProviderRow
from openroll.watch.http_client import new_client

P = ParamSpec("P")
T = TypeVar("T")


class Way(msgspec.Struct, frozen=True):
    """A sign-in under way: what was begun, the invitation it answers (if any), and where to go afterwards."""

    begun: Begun
    invitation: str
    after: str


def providers(roll: Roll) -> dict[str, Provider]:
    """Providers by organisation. One whose secret does not open is left out, and said in the server's log: others sign in.

    So is one whose client did not come back with a database that went back (`service/recovery/later_acts.py`).
    """
    with roll.database.own() as connection:
        rows = people.providers(connection)
    found = {}
    for row in rows:
        if not row.client_id:
            logging.getLogger("openroll").warning(
                "sign-in: the provider of %s came back without its client: give it anew", row.organisation
            )
            continue
        try:
            secret = _secret(roll, row)
        except CannotOpen:
            logging.getLogger("openroll").warning(
                "sign-in: the secret of the provider of %s does not open with addresses.key: give it anew",
                row.organisation,
            )
            continue
        found[row.organisation] = Provider(
            organisation=row.organisation, issuer=row.issuer, client_id=row.client_id, client_secret=secret
        )
    return found


def use_provider(roll: Roll, provider: Provider, by: Seat = KEEPER) -> Refused | None:
    """Have an organisation's people sign in with its provider from now on (an official act)."""
    row = _row(roll, provider)
    command = SetProvider(
        organisation=row.organisation, issuer=row.issuer, client_id=row.client_id, secret_sealed=row.secret_sealed
    )
    with roll.database.own() as connection:
        acted = act(connection, roll, command, by)
    return acted if isinstance(acted, Refused) else None


def seal_secrets(roll: Roll) -> int:
    """Seal the client secrets that an older Openroll kept readable; how many there were.

    Backups of before still hold them: whoever runs the provider gives the roll a new secret.
    """
    with roll.database.own() as connection:
        readable = [row for row in people.providers(connection) if row.client_secret]
        for row in readable:
            provider = Provider(
                organisation=row.organisation,
                issuer=row.issuer,
                client_id=row.client_id,
                client_secret=row.client_secret,
            )
            people.put_provider(connection, _row(roll, provider))
    return len(readable)


def _row(roll: Roll, provider: Provider) -> ProviderRow:
    secret = provider.client_secret
    sealed = seal(
        PROVIDER_SECRET.of(roll.keys),
        secret,
        _bound(roll.name, provider.organisation, provider.issuer),
        roll.random_bytes,
    )
    return ProviderRow(provider.organisation, provider.issuer, provider.client_id, "", sealed if secret else None)


def _secret(roll: Roll, row: ProviderRow) -> str:
    if row.secret_sealed is None:
        return row.client_secret
    return unseal(PROVIDER_SECRET.of(roll.keys), row.secret_sealed, _bound(roll.name, row.organisation, row.issuer))


def secret_opens(key: bytes, name: str, row: ProviderRow) -> bool:
    """Whether a key of addresses opens a provider's sealed secret, in the roll of this name."""
    return row.secret_sealed is not None and opens(
        PROVIDER_SECRET.from_secret(key), row.secret_sealed, _bound(name, row.organisation, row.issuer)
    )


def _bound(name: str, organisation: str, issuer: str) -> str:
    # The issuer too: who can write to the table cannot have the secret sent to a provider of their own.
    return f"openroll provider secret of {organisation} at {issuer} in {name}"


class Ask(Protocol):
    """Does one use case beside the event loop (`Application.ask`): the database is never asked on it."""

    def __call__(
        self, work: Callable[Concatenate[Roll, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


async def go(
    roll: Roll, ask: Ask, starts: Starts, provider: Provider, back: str, *, source: str, invitation: str, after: str
) -> tuple[str, str] | Refused:
    """Begin: where the browser goes, and what its cookie holds until it is back. Raises SignInFault.

    Refused where this source, or everyone, has begun too many of late.
    """
    if wait := starts.wait(source):
        return Refused(TooManyAtOnce(wait=wait))

    async def discovered() -> Metadata:
        async with new_client(MAX_SECONDS) as http:
            return await discover(provider, http)

    metadata = await starts.metadata(provider, discovered)
    begun = begun_at(provider, metadata, back, random=roll.random_bytes, now=roll.clock())
    name = new_secret(roll)
    way = msgspec.json.encode(Way(begun, invitation, after)).decode()
    refused = await ask(_keep_way, name, way)
    return refused or (begun.address, name)


def _keep_way(roll: Roll, name: str, way: str) -> Refused | None:
    with roll.database.own() as connection:
        if kept.count_ceremonies(connection, "provider") >= MOST_WAYS:
            return Refused(TooBusy())
        kept.put_ceremony(connection, hashed(name), "provider", way, roll.clock())
    return None


async def back(roll: Roll, ask: Ask, name: str, query: dict[str, str], before: str) -> tuple[str, str, str] | Refused:
    """Come back: the session's cookie, the organisation, where to go. Raises SignInFault."""
    found = await ask(_take_way, name) if name else None
    if found is None:
        return Refused(SignInFailed())
    way, provider = found
    async with new_client(MAX_SECONDS) as http:
        identity = await finish(provider, way.begun, query, now=roll.clock(), http=http)
    secret = await ask(_enter, provider, identity, way.invitation, before)
    return secret if isinstance(secret, Refused) else (secret, provider.organisation, way.after)


def _take_way(roll: Roll, name: str) -> tuple[Way, Provider] | None:
    with roll.database.own() as connection:
        # Taken out before anything else is looked at: a second way back does not find it.
        text = kept.take_ceremony(connection, hashed(name), "provider", roll.clock() - sessions.IDLE["person"])
    if text is None:
        return None
    way = msgspec.json.decode(text, type=Way)
    provider = providers(roll).get(way.begun.organisation)
    return None if provider is None else (way, provider)


def _enter(roll: Roll, provider: Provider, identity: Identity, invitation: str, before: str) -> str | Refused:
    """Begin a session of the subject that the provider named: it is still the organisation's provider when that begins."""
    subject, organisation = subject_digest(roll, identity), provider.organisation
    client = (organisation, provider.client_id)
    if invitation:  # answered with the provider of the organisation that invited, and no other's
        return seats.join_with_subject(roll, invitation, provider.issuer, subject, before, client=client)
    with roll.database.own() as connection:
        if not people.is_provider(connection, organisation, provider.issuer, provider.client_id):
            return Refused(SignInFailed())  # it was replaced while it was asked
        person = people.of_subject(connection, organisation, identity.issuer, subject)
        if person is None:
            return Refused(SignInFailed())
        return sessions.begin_of_person(connection, roll, person.id, before=before)


def subject_digest(roll: Roll, identity: Identity) -> str:
    """What is kept of a subject: a keyed hash, different in every roll."""
    key = SUBJECT.of(roll.keys)
    return hmac.digest(key, f"{identity.issuer}\0{identity.subject}".encode(), "sha256").hex()
