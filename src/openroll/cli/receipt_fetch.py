"""`openroll receipt fetch`: an operator fetches the receipts of all its records, to have them before anybody asks.

It asks for every record of a list and never for one: by the moment of a look-up the roll would learn about which record an
operator was asked (docs/requests.md).

The roll says of each fact by which commitment it stands in the log. A receipt is of that fact where it has that commitment,
whether it comes from the roll or lies in the folder; what lies there and is of an earlier record under the same handle, or no
receipt at all, stays, and the fact's own is written beside it.
"""

from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import quote

import msgspec
from cyclopts import App, Parameter

from openroll.cli.output import bar, fail, out
from openroll.cli.requests.at_roll import Believed, Log, Roll, asked, json_at, log_of, token_in
from openroll.durable import PUBLIC, write_new
from openroll.register.subscription.events import (
    SubscriptionConfirmed,
    SubscriptionFiled,
    SubscriptionPorted,
    SubscriptionRehandled,
)
from openroll.sheet.disclosed import Unfound, kept_lines
from openroll.tlog import TlogError, parse_proof, unverified_body, unverified_entry, verify_under
from openroll.watch.requests.proved import Unproved
from openroll.watch.roll_api import Declined, RollApi

AT_ONCE = 8
"""Records that are asked for at once."""
NAMING = tuple(
    one.name for one in (SubscriptionFiled, SubscriptionConfirmed, SubscriptionRehandled, SubscriptionPorted)
)
"""The facts that say by which handle an operator calls a record from then on."""
_REMEDY = "`openroll token issue ORGANISATION` prints one."
_LATER, _UNKNOWN = "not-in-log-yet", "subscription-unknown"

LogKeys = Annotated[
    list[str] | None,
    Parameter(
        negative="",
        help="A public key of the roll's log, or a file with one a line: all must have signed each receipt. Without"
        " one a receipt is held to be of its fact, and no signature is checked.",
    ),
]
PolicyFile = Annotated[
    Path | None,
    Parameter(
        help="A policy file, beside --log-key: each receipt must be of a head that its witnesses cosigned as it asks."
    ),
]


class _Happened(msgspec.Struct):
    """One fact of a record, as the roll serves it, with the commitment of its entry in the log (base64)."""

    version: int
    name: str
    commitment: str


class _Served(msgspec.Struct):
    """A record, as far as its receipts need it."""

    history: list[_Happened]


class Asking(NamedTuple):
    """The roll that is asked, the log by whose keys and witnesses receipts are proved (None where no key of it is known), and the
    folder that they are written to."""

    api: RollApi
    log: Log | None
    folder: Path


class Fetched(NamedTuple):
    """How many receipts were written, and how many were there; the facts and the records that none is had of yet.

    `beside` of those written are beside a file that has the name and is no receipt of the fact.
    """

    written: int = 0
    there: int = 0
    waiting: int = 0
    unknown: int = 0
    beside: int = 0


def add(receipts: App) -> None:
    """Add the command."""

    @receipts.command
    def fetch(
        disclosures: list[Path],
        /,
        *,
        roll: Roll,
        token: Annotated[
            Path, Parameter(help="A file with a token of your organisation that files (`openroll token issue ORG`).")
        ],
        output: Annotated[
            Path, Parameter(name=["--output", "-o"], help="The folder of your receipts; made if missing.")
        ],
        log_key: LogKeys = None,
        policy: PolicyFile = None,
    ) -> None:
        """As an operator: fetch the receipts of all your records, those that your folder does not have yet.

        Do it each time you have filed. An answer to a request needs the receipts of its record, and whoever fetches them only
        then tells the roll by that moment which record is meant. Ends with status 1 while some have no place in the log yet, and
        where the roll gives what is no receipt of the fact asked for: that is not written. No file is ever written over: beside
        one of an earlier record of the same handle, the name of the new one has a word of its own.

        Parameters
        ----------
        disclosures
            The disclosures files that `openroll pack` wrote, or folders of them.
        """
        if policy is not None and not log_key:
            fail("--policy says which witnesses are believed, and --log-key by which key the log signs: give both.")
        api = RollApi(roll, token_in(token, _REMEDY))
        try:
            output.mkdir(parents=True, exist_ok=True)
            handles = list(dict.fromkeys(one.handle for one in kept_lines(disclosures)))
        except Unfound as error:
            fail(f"{error}.")
        except OSError as error:
            fail(f"{output} cannot be made: {error.strerror or error}.")
        found = Fetched()
        with asked(), bar() as show, ThreadPoolExecutor(AT_ONCE) as pool:
            log = log_of(api, Believed(log_key=log_key, policy=policy)) if log_key else None
            asking = Asking(api, log, output)
            records = pool.map(lambda handle: _of_record(asking, handle), handles)
            try:
                for done, one in enumerate(records, 1):
                    found = Fetched(*map(sum, zip(found, one, strict=True)))
                    show("receipts", done, len(handles))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # after a refusal nothing more is asked
        _say(found, output)


def _say(found: Fetched, output: Path) -> None:
    out.print(f"Wrote {found.written:,} receipts to {output}; {found.there:,} were there.", soft_wrap=True)
    if found.beside:
        out.print(
            f"Of these beside a file of the same name that is no receipt of this record, and stays: {found.beside:,}.",
            soft_wrap=True,
        )
    if found.unknown:
        out.print(f"Records of the file that the roll does not have as yours: {found.unknown:,}.")
    if found.waiting:
        fail(f"{found.waiting:,} have no place in the log yet: run this again in some seconds.", 1)


def _of_record(asking: Asking, handle: str) -> Fetched:
    """Fetch what is missing of one record. Raises Declined, Unreachable, Unproved."""
    path = f"filings/{quote(handle, safe='')}"
    try:
        history = json_at(asking.api, path, _Served).history
    except Declined as error:
        if error.code != _UNKNOWN:
            raise
        return Fetched(unknown=1)
    facts = [one for one in history if one.name.startswith("subscription.")]
    missing = [one for one in facts if not any(_is_of(one, place) for place in _places(asking.folder, handle, one))]
    written, beside = 0, 0
    for fact, proof in _of_handle(asking, path, handle, facts, missing):
        written += 1
        beside += _keep(fact, _places(asking.folder, handle, fact), proof)
    return Fetched(written, len(facts) - len(missing), len(missing) - written, 0, beside)


def _of_handle(
    asking: Asking, path: str, handle: str, facts: list[_Happened], missing: list[_Happened]
) -> Iterator[tuple[_Happened, bytes]]:
    """The missing receipts of a record, each held to be of its fact, and the record to be called by this handle: the newest fact
    that names it comes first, and before it has its place in the log there is none of the others. Raises Unproved."""
    naming = next((one for one in reversed(facts) if one.name in NAMING), None)
    if facts and naming is None:
        raise Unproved("what it gives as the history of a record names no handle. It was not written")
    first = [one for one in missing if one is naming]
    named = list(_proofs(asking.api, path, first))
    for fact, proof in named:
        _hold(asking, fact, proof, handle)
    yield from named
    if len(named) < len(first):
        return
    for fact, proof in _proofs(asking.api, path, [one for one in missing if one is not naming]):
        _hold(asking, fact, proof, "")
        yield fact, proof


def _proofs(api: RollApi, path: str, facts: list[_Happened]) -> Iterator[tuple[_Happened, bytes]]:
    """What the roll gives as receipts of these facts, of those that have their place in the log."""
    for fact in facts:
        try:
            yield fact, api.get(f"api/v1/{path}/receipts/{fact.version}")
        except Declined as error:
            if error.code != _LATER:
                raise


def _hold(asking: Asking, fact: _Happened, proof: bytes, handle: str) -> None:
    """Raise Unproved for what is no receipt of this fact, or of one that does not give this handle (empty: whichever)."""
    try:
        entry, body = unverified_entry(parse_proof(proof)), unverified_body(parse_proof(proof))
        if (entry.kind, entry.commitment) != (fact.name, _commitment(fact)):
            raise Unproved("it is of another fact")
        if handle and msgspec.json.decode(body)["handle"] != handle:
            raise Unproved("it is of another handle")
        if asking.log is not None:
            verify_under(proof, asking.log.keys, asking.log.policy)
    except (TlogError, Unproved, msgspec.DecodeError, LookupError, TypeError) as error:
        raise Unproved(
            f"what it gives as a receipt (fact {fact.version} of a record, {fact.name}) is none: {error}. It was not written"
        ) from error


def _commitment(fact: _Happened) -> bytes:
    try:
        return b64decode(fact.commitment, validate=True)
    except ValueError as error:
        raise Unproved(f"the commitment of fact {fact.version} of a record is no base64") from error


def _is_of(fact: _Happened, path: Path) -> bool:
    """Whether a file is a receipt of this fact."""
    try:
        entry = unverified_entry(parse_proof(path.read_bytes()))
    except (FileNotFoundError, TlogError):
        return False
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}.")
    return (entry.kind, entry.commitment) == (fact.name, _commitment(fact))


def _keep(fact: _Happened, places: tuple[Path, Path], proof: bytes) -> bool:
    """Write a receipt under the first name, or where another file has that under the second; whether the second. None is lost."""
    first, second = places
    if _written(first, proof) or _is_of(fact, first):  # which another run of this wrote meanwhile
        return False
    if not (_written(second, proof) or _is_of(fact, second)):
        fail(f"{second} is there and is no receipt of its fact. Move it away, and run this again.", 1)
    return True


def _written(path: Path, proof: bytes) -> bool:
    try:
        write_new(path, proof, PUBLIC)
    except FileExistsError:
        return False
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}.")
    return True


def _places(folder: Path, handle: str, fact: _Happened) -> tuple[Path, Path]:
    """Where a fact's receipt is written, and where it is when another file has that name: named for its commitment too."""
    name = f"{quote(handle, safe='')}-{fact.version}"
    return folder / f"{name}.tlog-proof", folder / f"{name}.{_commitment(fact)[:8].hex()}.tlog-proof"
