"""`openroll receipt fetch`: an operator fetches the receipts of all its records, to have them before anybody asks.

It asks for every record of a list and never for one: by the moment of a look-up the roll would learn about which record an
operator was asked (docs/requests.md).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import quote

import msgspec
from cyclopts import App, Parameter

from openroll.cli.output import bar, fail, out
from openroll.cli.requests.at_roll import Roll, asked, json_at, token_in
from openroll.durable import PUBLIC, write_new
from openroll.sheet.disclosed import Unfound, kept_lines
from openroll.watch.roll_api import Declined, RollApi

AT_ONCE = 8
"""Records that are asked for at once."""
_REMEDY = "`openroll token issue ORGANISATION` prints one."
_LATER, _UNKNOWN = "not-in-log-yet", "subscription-unknown"


class _Happened(msgspec.Struct):
    """One fact of a record, as the roll serves it."""

    version: int
    name: str


class _Served(msgspec.Struct):
    """A record, as far as its receipts need it."""

    history: list[_Happened]


class Fetched(NamedTuple):
    """How many receipts were written, and how many were there; the facts and the records that none is had of yet."""

    written: int = 0
    there: int = 0
    waiting: int = 0
    unknown: int = 0


def add(receipts: App) -> None:
    """Add the command."""

    @receipts.command
    def fetch(
        disclosures: Path,
        /,
        *,
        roll: Roll,
        token: Annotated[
            Path, Parameter(help="A file with a token of your organisation that files (`openroll token issue ORG`).")
        ],
        output: Annotated[
            Path, Parameter(name=["--output", "-o"], help="The folder of your receipts; made if missing.")
        ],
    ) -> None:
        """As an operator: fetch the receipts of all your records, those that your folder does not have yet.

        Do it each time you have filed. An answer to a request needs the receipts of its record, and whoever fetches them only
        then tells the roll by that moment which record is meant. Ends with status 1 while some have no place in the log yet.

        Parameters
        ----------
        disclosures
            The disclosures file that `openroll pack` wrote.
        """
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
            records = pool.map(lambda handle: _of_record(api, handle, output), handles)
            try:
                for done, one in enumerate(records, 1):
                    found = Fetched(*map(sum, zip(found, one, strict=True)))
                    show("receipts", done, len(handles))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # after a refusal nothing more is asked
        out.print(f"Wrote {found.written:,} receipts to {output}; {found.there:,} were there.", soft_wrap=True)
        if found.unknown:
            out.print(f"Records of the file that the roll does not have as yours: {found.unknown:,}.")
        if found.waiting:
            fail(f"{found.waiting:,} have no place in the log yet: run this again in some seconds.", 1)


def _of_record(api: RollApi, handle: str, folder: Path) -> Fetched:
    """Fetch what is missing of one record. Raises Declined, Unreachable."""
    path = f"filings/{quote(handle, safe='')}"
    try:
        history = json_at(api, path, _Served).history
    except Declined as error:
        if error.code != _UNKNOWN:
            raise
        return Fetched(unknown=1)
    versions = [one.version for one in history if one.name.startswith("subscription.")]
    missing = [version for version in versions if not _file(folder, handle, version).exists()]
    written = sum(_kept(_file(folder, handle, version), proof) for version, proof in _proofs(api, path, missing))
    return Fetched(written, len(versions) - len(missing), len(missing) - written)


def _proofs(api: RollApi, path: str, versions: list[int]) -> Iterator[tuple[int, bytes]]:
    """The receipts of these facts that have their place in the log."""
    for version in versions:
        try:
            yield version, api.get(f"api/v1/{path}/receipts/{version}")
        except Declined as error:
            if error.code != _LATER:
                raise


def _kept(path: Path, proof: bytes) -> bool:
    try:
        write_new(path, proof, PUBLIC)
    except FileExistsError:
        return True  # another run of this wrote it meanwhile
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}.")
    return True


def _file(folder: Path, handle: str, version: int) -> Path:
    return folder / f"{quote(handle, safe='')}-{version}.tlog-proof"
