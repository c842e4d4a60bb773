"""Which roll a command on requests asks, by which token, and what it believes of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

import msgspec
from cyclopts import Parameter

from openroll.cli.key_files import read_private
from openroll.cli.output import command, err, fail, working
from openroll.cli.requests.key_folder import keys_elsewhere
from openroll.cli.requests.seen_head import MOST_BYTES, is_older, keep_seen, path_in, seen_in
from openroll.disclosure.envelope import HeldKey, PublicKey, Published
from openroll.register.request.content import ContentUnfit
from openroll.tlog import KEY_HISTORY, KeyHistory, Policy, TlogError, Verifier, parse_policy
from openroll.watch.audit.trust import verifiers
from openroll.watch.requests.proved import (
    Fact,
    Key,
    Matter,
    OwnKey,
    Unlogged,
    Unproved,
    heirs_of,
    keys_by,
    matter_of,
    own_keys,
)
from openroll.watch.roll_api import Declined, RollApi, decoded
from openroll.watch.source import Unreachable

T = TypeVar("T")
MOST_KEYS = 4
"""Keys of one organisation that are sealed to, the newest: four bodies are sixteen recipients."""
NOT_THERE = 404
"""The status of what a roll does not have. Any other refusal does not say that there is nothing."""
PAGE = 200
"""Rows in a page of a list."""
LOGGED_WITHIN = timedelta(minutes=1)
"""By when what a roll lists has its place in its log (docs/log.md, "What is promised")."""
LOOKS_APART = 0.5
"""Seconds between two looks."""
LOOKS = int(LOGGED_WITHIN.total_seconds() / LOOKS_APART)
"""How often is looked for what has no place in a log yet."""
pause: Callable[[float], None] = time.sleep
"""Waits so many seconds."""
Roll = Annotated[str, Parameter(help="The address of the roll, as https://roll.example.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Believed:
    """Which log is believed: by its keys, and by its witnesses where a policy names them."""

    log_key: Annotated[
        list[str],
        Parameter(negative="", help="A public key of the roll's log, or a file with one a line: all must have signed."),
    ]
    policy: Annotated[
        Path | None,
        Parameter(help="A policy file: every receipt must be of a head that its witnesses cosigned as it asks."),
    ] = None

    def words(self) -> list[object]:
        """The options by which another command believes what this one did."""
        keys: list[object] = [word for key in self.log_key for word in ("--log-key", key)]
        return keys if self.policy is None else [*keys, "--policy", self.policy]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AtRoll:
    """The roll, and the token of the seat that acts."""

    roll: Roll
    token: Annotated[Path, Parameter(help="A file with the token of your seat (page “Tokens of your seat”).")]

    def api(self) -> RollApi:
        """The roll's API by this token."""
        return RollApi(self.roll, token_in(self.token, "The page “Tokens of your seat” makes one."))

    def command(self, act: str, number: int, *more: object) -> str:
        """The command of another act in a request, by the roll and the token of this one."""
        return command("request", act, number, "--roll", self.roll, "--token", self.token, *more)


def token_in(path: Path, remedy: str) -> str:
    """The token in a file, or a sentence with the remedy, and the end."""
    text = read_private(path, remedy).strip()
    if not text or any(not 32 < ord(char) < 127 for char in text):
        fail(f"{path} holds no token: one line, as it was shown when it was made.")
    return text


class Log(NamedTuple):
    """The log that is believed: its name, its keys, its key history as it was served, and whose cosignatures it must have."""

    origin: str
    keys: KeyHistory
    history: bytes
    policy: Policy | None = None


@contextmanager
def asked() -> Iterator[None]:
    """Whatever the roll refuses, or does not answer, or cannot prove, is a sentence and the end; a long wait is said."""
    try:
        with working("Asking the roll, and proving what it says"):
            yield
    except Declined as error:
        fail(f"refused ({error.code or error.status}): {error.sentence}", 1)
    except Unreachable as error:
        fail(f"{error}.", 2)
    except (Unproved, TlogError) as error:
        fail(f"the roll is not believed: {error}.", 1)
    except ContentUnfit as error:
        fail(f"{error}.", 1)


def trusted(given: list[str]) -> list[Verifier]:
    """The keys that are named on the command line, or a sentence and the end."""
    try:
        found = verifiers(given)
    except (TlogError, OSError, UnicodeDecodeError) as error:
        fail(f"--log-key is no key of a log, and no file with one a line: {error}.")
    if not found:
        fail("--log-key names no key: the page “Log” of the roll, or its registrar, has them.")
    return found


def policy_in(path: Path | None) -> Policy | None:
    """The policy that is named on the command line, if one is; or a sentence and the end."""
    try:
        return None if path is None else parse_policy(path.read_bytes())
    except (TlogError, OSError) as error:
        fail(f"the policy cannot be read: {error}.")


def log_by(believed: Believed, history: bytes) -> Log:
    """The log that is believed, by its key history as it was served. Raises TlogError."""
    keys = trusted(believed.log_key)
    return Log(keys[0].name, keys_by(keys, history), history, policy_in(believed.policy))


def log_of(api: RollApi, believed: Believed) -> Log:
    """The log's keys as they are now, from those that are trusted. Raises Declined, TlogError, Unreachable."""
    try:
        history = api.get(f"log/{KEY_HISTORY}", 10_000_000)
    except Declined as error:
        if error.status != NOT_THERE:
            raise
        history = b""
    return log_by(believed, history)


def size_of(api: RollApi, log: Log, folder: Path | None = None) -> int:
    """How many entries the log has, by its head as its keys signed it: what comes of an act that is sent now stands behind them.

    With a folder it is none older than the newest that was seen there, which a moment ago may not have come to every place yet.
    Raises Declined, TlogError, Unreachable, Unproved.
    """
    seen = None if folder is None else seen_in(folder, log.origin, log.keys)
    for at in range(LOOKS + 1):
        note = api.get("log/checkpoint", MOST_BYTES)
        head = log.keys.open(note, origin=log.origin)
        if not is_older(head, seen):
            break
        if at < LOOKS:
            pause(LOOKS_APART)
    else:
        kept = "" if folder is None or seen is None else f"{path_in(folder, log.origin)} has one of {seen.size:,}"
        raise Unproved(
            f"it shows a head of its log of {head.size:,} entries, and {kept}: it hides what came since. Nothing was sent."
            " Keep that file, which proves it, and tell whoever watches the log"
        )
    if folder is not None:
        keep_seen(folder, log.origin, log.keys, note)
    return head.size


def json_at(api: RollApi, path: str, kind: type[T]) -> T:
    """What the API answers at a path. Raises Declined, Unreachable."""
    return decoded(api.get(f"api/v1/{path}"), kind, f"{api.where}/api/v1/{path}")


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=_Numbered)


def pages(api: RollApi, path: str, kind: type[list[N]]) -> list[N]:
    """A list to its end, as the API gives it in pages, the newest first. `path` has its `?`. Raises Declined, Unreachable."""
    found = json_at(api, path, kind)
    page = found
    while len(page) >= PAGE:
        page = [one for one in json_at(api, f"{path}&before={page[-1].number}", kind) if one.number < page[-1].number]
        found = found + page
    return found


def sent(api: RollApi, path: str, body: Any, kind: type[T]) -> T:
    """What the API answers to a body. Raises Declined, Unreachable."""
    return decoded(api.post(f"api/v1/{path}", body), kind, f"{api.where}/api/v1/{path}")


class KeyFile(NamedTuple):
    """One's own key, and the file it lies in."""

    path: Path
    held: HeldKey


class ServedRequest(NamedTuple):
    """A request as the roll serves it, as bytes and as what it proves."""

    data: bytes
    matter: Matter


def request_at(api: RollApi, number: int, log: Log) -> ServedRequest:
    """A request, each fact proved, and to be of this one. Raises Declined, Unreachable, Unproved.

    What was done a moment ago has its place in the log some seconds later: that is waited for, as long as the log promises.
    """
    path = f"api/v1/requests/{number}"

    def read() -> ServedRequest:
        data = api.get(path)
        matter = matter_in(decoded(data, dict[str, Any], f"{api.where}/{path}"), log)
        if matter.filed.request != number:  # true, and of another: its bodies would be sealed to
            raise Unproved(f"asked for request {number}, it gives the facts of request {matter.filed.request}")
        return ServedRequest(data, matter)

    for _ in range(LOOKS):
        with suppress(Unlogged):
            return read()
        pause(LOOKS_APART)
    return read()


def matter_in(served: dict[str, Any], log: Log) -> Matter:
    """A request as it was served, each fact proved, and who succeeded its operators. Raises Unproved."""
    heirs = heirs_of(_facts_in(served.get("successions", [])), log.keys, log.policy)
    return matter_of(_facts_in(served.get("facts")), log.keys, log.policy, heirs)


def _facts_in(served: Any) -> list[Fact]:
    try:
        return msgspec.convert(served, list[Fact])
    except msgspec.ValidationError as error:
        raise Unproved(f"its facts cannot be read: {error}") from error


def served_keys(api: RollApi, organisation: str) -> list[Key]:
    """The keys of an organisation as they are served, not proved yet. One of a moment ago is waited for, as in `request_at`."""
    path = f"envelope-keys/{quote(organisation, safe='')}"
    found = json_at(api, path, list[Key])
    for _ in range(LOOKS):
        if all(one.receipt for one in found):
            break
        pause(LOOKS_APART)
        found = json_at(api, path, list[Key])
    return found


def keys_in_force(api: RollApi, organisation: str, log: Log) -> list[Published]:
    """The keys of an organisation that are in force, the newest first, each proved. Raises Unproved where there is none."""
    found = own_keys(served_keys(api, organisation), organisation, log.keys, log.policy)
    keys = [one.published for one in found if not one.ended]
    if not keys:
        publish = command("request", "publish-key", "THEIR.key", "--roll", api.where, "--token", "LEAD.token")
        raise Unproved(f"{organisation} has no key in force: its lead publishes one, by {publish}")
    return keys


class Keys(Protocol):
    """The keys of organisations as an own reading of the log has them."""

    def in_force(self, organisation: str) -> list[OwnKey]:
        """The keys of an organisation that are in force."""


def hold_own_key(
    api: RollApi, organisations: list[str], log: Log, own: KeyFile, beside_log: Keys | None = None
) -> None:
    """End with a sentence where what this key signs would be nobody's to check: it is none in force of any of these.

    What is in force in the same organisation's name and does not lie beside this key is said: whoever keeps the log can publish
    one there by a seat of its making, and nobody but the organisation knows that it is not its own. Which there are the roll's
    list says, and the log, where it was read: a roll can leave such a key out of what it lists to the organisation itself.
    """
    named = dict.fromkeys(filter(None, organisations))
    keys = {name: own_keys(served_keys(api, name), name, log.keys, log.policy) for name in named}
    in_force = {name: [key for key in found if not key.ended] for name, found in keys.items()}
    mine = [name for name, found in in_force.items() if own.held.id in (key.published.id for key in found)]
    if not mine:
        publish = command("request", "publish-key", own.path, "--roll", api.where, "--token", "LEAD.token")
        fail(
            f"your key {own.held.id} is none that your organisation has published and that is in force: nobody could check what"
            f" it signs. A lead publishes it by {publish}. Nothing was sent.",
            1,
        )
    logged = [] if beside_log is None else beside_log.in_force(mine[0])
    beside = {key.published.id: key for key in (*logged, *in_force[mine[0]]) if key.published.id != own.held.id}
    if others := keys_elsewhere(beside.values(), own.path.parent):
        _say_elsewhere(api, mine[0], others, own)


def _say_elsewhere(api: RollApi, organisation: str, keys: list[OwnKey], own: KeyFile) -> None:
    """Name keys in force in one's own organisation's name that do not lie beside one's own, and what to do about each."""
    end = command("request", "end-key", keys[0].published.id, "--roll", api.where, "--token", "LEAD.token")
    told = ", ".join(f"{one.published.id} (by {one.by}, {one.day})" for one in keys)
    err.print(
        f"In force in the name of {organisation} too, and not in {own.path.parent}: {told}. Whoever has such a key reads what is"
        f" sealed to {organisation}. Ask your lead whose it is; they end one that is nobody's by {end}. The public half of one"
        " that is yours, kept in that folder, has it not named again.",
        soft_wrap=True,
    )


def to_seal_to(api: RollApi, organisations: list[str], log: Log) -> list[PublicKey]:
    """The keys that an envelope to these organisations is sealed to."""
    return [
        key.sealing
        for name in dict.fromkeys(filter(None, organisations))
        for key in keys_in_force(api, name, log)[:MOST_KEYS]
    ]
