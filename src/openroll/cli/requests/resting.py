"""What a body rests on in a folder, held against the log: what it names and is not there is said, and nothing rests on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from openroll.cli.output import SECONDS, clock_time, fail
from openroll.cli.requests.at_roll import AtRoll, Believed, asked, log_of, request_at
from openroll.cli.requests.folder import Folder, Opened, read_folder
from openroll.cli.requests.held_log import beside_log
from openroll.cli.requests.read_back import HeldBy
from openroll.disclosure.envelope import HeldKey, digest
from openroll.register.request.content import Ask, ContentUnfit, read_ask
from openroll.register.request.sealed_parts import ASKS, PARTIES, Sealed, missing, newest, rested_on, sealed_in
from openroll.watch.requests.proved import operators_of, own_keys
from openroll.watch.roll_api import RollApi

REMEDY = (
    "Take the request anew. Where the roll lost it, its reviewer returns the request and its officer sends it anew"
    " (`openroll request complete`), or takes it back and asks again"
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Decided(HeldBy):
    """What a decision rests on, where it is to be held against the log before it is sent."""

    folder: Annotated[
        Path | None,
        Parameter(
            help="The folder that you read: with any envelope missing that the decision rests on, nothing is sent."
        ),
    ] = None
    log: Annotated[
        str,
        Parameter(
            help="With --folder: the log, an address or a mirror's folder. With more in it of the request than the roll gave,"
            " nothing is sent."
        ),
    ] = ""

    def hold(self, at: AtRoll, number: int, party: str) -> None:
        """End with a sentence where the folder is of another request, or lacks what a party's decision rests on."""
        if self.folder is None:
            if self.log:
                fail("--log is held against what you read: give its folder with --folder.")
            return
        believed = self.believed
        if believed is None:
            fail("--folder is held against the log: give its public key with --log-key.")
        with asked():
            found = anew(read_folder(self.folder, believed), at.api(), believed)
            beside_log(self.log, believed, found.matter)
        if found.matter.request.number != number:
            fail(f"{self.folder} is of request {found.matter.request.number}, not {number}. Nothing was sent.", 1)
        hold_rested_on(found, (party,))


def anew(folder: Folder, api: RollApi, believed: Believed) -> Folder:
    """The folder with the request as it stands now: what was approved may have come after it was taken."""
    log = log_of(api, believed)
    return folder._replace(log=log, matter=request_at(api, folder.matter.request.number, log).matter)


def operators(folder: Folder) -> list[str]:
    """The operator that was asked, and whoever succeeded it."""
    return operators_of(folder.matter.filed.operator, folder.matter.heirs)


def parties(folder: Folder, held: Sequence[HeldKey]) -> tuple[str, ...]:
    """The parties whose keys these are, as the log proves it; all of them where it shows of none: then nothing is taken for
    somebody else's."""
    filed = folder.matter.filed
    bodies = {"authority": [filed.authority], "reviewer": [filed.reviewer], "operator": operators(folder)}
    bodies["objector"] = [filed.objector] if filed.objector else []
    ids = {one.id for one in held}
    return tuple(party for party, names in bodies.items() if any(_own(folder, name, ids) for name in names)) or PARTIES


def _own(folder: Folder, organisation: str, ids: set[str]) -> bool:
    served = [one for one in folder.keys if one.organisation == organisation]
    proved = own_keys(served, organisation, folder.log.keys, folder.log.policy)
    return any(one.published.id in ids for one in proved)


def missing_in(folder: Folder, of: Sequence[str]) -> tuple[Sealed, ...]:
    """The envelopes that the log names for these parties and that are not in the folder."""
    there, request = {digest(one) for one in folder.envelopes}, folder.matter.request
    return missing(sealed_in(folder.matter.facts), of, there, annulled=request.annulled)


def hold_rested_on(folder: Folder, of: Sequence[str]) -> None:
    """End with a sentence where one is missing that a decision of these parties rests on."""
    lacking = {one.place for one in missing_in(folder, of)}
    for one in rested_on(sealed_in(folder.matter.facts), of):
        if one.place in lacking:
            fail(f"{missing_said(folder, one)}. Nothing was sent. {REMEDY}.", 1)


def missing_said(folder: Folder, one: Sealed) -> str:
    """An envelope that is missing, as a sentence without its stop."""
    when = clock_time(folder.matter.facts[one.place].at, SECONDS)
    last = newest(sealed_in(folder.matter.facts), *ASKS)
    what = "what was asked last is missing" if one == last else "an envelope is missing"
    return f"{what}: the log names `{one.part}` of {when}, and it is not in this folder"


def unopened(folder: Folder, parts: Iterable[Opened], of: Sequence[str]) -> list[Sealed]:
    """Those that a decision rests on and that are there, but not sealed to the keys that were given."""
    there, places = {digest(one) for one in folder.envelopes}, {one.place for one in parts}
    rests = rested_on(sealed_in(folder.matter.facts), of)
    return [one for one in rests if one.digest in there and one.place not in places]


def asked_last(folder: Folder, parts: Iterable[Opened]) -> Ask | None:
    """What was asked last, by the log's word; None where that is missing or cannot be read: what it replaced is never taken."""
    last = newest(sealed_in(folder.matter.facts), *ASKS)
    found = next((one for one in parts if last is not None and one.place == last.place and not one.fault), None)
    try:
        return None if found is None else read_ask(found.content)
    except ContentUnfit:
        return None


__all__ = [
    "REMEDY",
    "Decided",
    "anew",
    "asked_last",
    "hold_rested_on",
    "missing_in",
    "missing_said",
    "operators",
    "parties",
    "unopened",
]
