"""`openroll pack --roll`: the rule and the jurisdiction of a roll elsewhere, fetched and proved, or as they were kept."""

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.text import Text

from openroll.cli.output import err, fail
from openroll.cli.requests.at_roll import policy_in
from openroll.cli.wiring import Wiring
from openroll.hosts import is_here
from openroll.service.governance.open_roll import Basis
from openroll.tlog import Policy, TlogError, Verifier
from openroll.watch.audit.trust import verifiers
from openroll.watch.rules.fetch import MOST_READ, SECONDS, Sources, fetched, head_of
from openroll.watch.rules.kept import KeptRules, file_for, read_kept, write_kept
from openroll.watch.rules.versions import RulesRefused, basis_on, coming
from openroll.watch.source import HttpSource, Unreachable, seconds_left

WHOLE_LOG = 6 * 3_600.0
"""The deadline in seconds where the whole log is read."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RollAsked:
    """Which roll is asked for its rule, and what is believed of it."""

    roll: Annotated[
        str,
        Parameter(help="Pack under the rule and jurisdiction in force of the roll at this address, proved by its log."),
    ] = ""
    log_key: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="A public key of the roll's log, or a file with one a line: all must have signed. Without one those that the"
            " roll shows the first time are kept, and asked for ever after.",
        ),
    ] = None
    policy: Annotated[
        Path | None,
        Parameter(help="A policy file: the head under which the rules are proved must be cosigned as it asks."),
    ] = None
    offline: Annotated[bool, Parameter(negative="", help="Do not ask the roll: use what was kept the last time.")] = (
        False
    )
    day: Annotated[date | None, Parameter(help="Pack under the rule of a day to come.")] = None
    whole_log: Annotated[
        bool,
        Parameter(
            negative="", help="Read the whole log now for rules that the roll does not list, however long it is."
        ),
    ] = False
    kept_rules: Annotated[
        Path | None, Parameter(help="Where the rules are kept (default: a file for each roll under OPENROLL_HOME).")
    ] = None


NOT_ASKED = RollAsked()
"""No roll is asked: the rule and the jurisdiction are named."""


def basis_of_roll(asked: RollAsked, wiring: Wiring) -> Basis:
    """The rule and the jurisdiction in force of the roll that is asked. Ends the command where they are not proved."""
    address = asked.roll.rstrip("/")
    given, policy = _keys(asked.log_key or []), policy_in(asked.policy)
    path = asked.kept_rules or file_for(wiring.home, address)
    try:
        kept = read_kept(path)
        if asked.offline:
            found = _as_kept(kept, path, given)
        else:
            _safe_at_first(address, kept, given)
            found = _asked(asked, policy, kept, given, wiring)
        basis = basis_on(head_of(found, policy)[0], found.texts, wiring.clock(), asked.day)
    except (RulesRefused, TlogError) as error:
        _refused(address, str(error))
    except Unreachable as error:
        kept_too = f" With --offline you pack under what was kept in {path}." if path.exists() else ""
        fail(f"{error}. Nothing was packed.{kept_too}", 2)
    if not asked.offline:
        write_kept(path, found)
    day = asked.day or wiring.clock().astimezone(ZoneInfo(basis.rule.zone)).date()
    _tell(found, _Packed(basis.version.index, day), asked, first=kept is None and not given)
    return Basis(basis.place, basis.rule)


def _keys(given: list[str]) -> list[Verifier]:
    try:
        return verifiers(given)
    except (TlogError, OSError, UnicodeDecodeError) as error:
        fail(f"--log-key is no key of a log, and no file with one a line: {error}.", 2)


def _safe_at_first(address: str, kept: KeptRules | None, given: list[Verifier]) -> None:
    """The first time without a key, whoever is on the way could give one of their own, where the way is not protected."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        fail(f"--roll {address}: give the roll's address, as https://roll.example.", 2)
    if kept is None and not given and parts.scheme == "http" and not is_here(parts.hostname):
        fail("over http anybody on the way could show a key of their own: give --log-key, or an https address.", 2)


def _as_kept(kept: KeptRules | None, path: Path, given: list[Verifier]) -> KeptRules:
    if kept is None:
        fail(f"nothing is kept of this roll in {path} yet: pack once without --offline.", 2)
    if given and set(map(str, given)) != set(kept.keys):
        fail(f"{path} was kept under other keys than those of --log-key.", 2)
    return kept


def _asked(
    asked: RollAsked, policy: Policy | None, kept: KeptRules | None, given: list[Verifier], wiring: Wiring
) -> KeptRules:
    address = asked.roll.rstrip("/")
    left = seconds_left(WHOLE_LOG if asked.whole_log else SECONDS)
    most_read = None if asked.whole_log else MOST_READ
    with closing(HttpSource(address, left=left)) as roll, closing(HttpSource(f"{address}/log", left=left)) as log:
        return fetched(Sources(roll, log), kept, given, wiring.clock(), most_read=most_read, policy=policy)


def _refused(address: str, why: str) -> NoReturn:
    fail(f"{address} is not believed: {why}. Nothing was packed, and nothing of it was kept.", 1)


class _Packed(NamedTuple):
    """The entry of the log under which one packs, and the day in its zone, or the one that was asked for."""

    entry: int
    day: date


def _tell(found: KeptRules, packed: _Packed, asked: RollAsked, *, first: bool) -> None:
    """Under what is packed, what comes after that, and what is not proved."""
    (versions, head), index = head_of(found), packed.entry
    now = next(one for one in versions if one.index == index)
    lines = [
        f"Packing under {now.rule} in {now.jurisdiction}: entry {index:,} of {head.origin}, {head.size:,} entries"
        + (f", as kept on {found.fetched:%Y-%m-%d}." if asked.offline else ".")
    ]
    if first:
        keys = ", ".join(found.keys)
        lines.append(
            f"Its key was believed because it was the first: compare it with what the registrar publishes: {keys}"
        )
    lines += [
        f"From {one.starts} on another {' and another '.join(changes)} is in force: {one.rule} in {one.jurisdiction}"
        f" (--day {one.starts})."
        for one, changes in coming(versions, packed.day)
    ]
    if found.read < head.size:
        lines.append(
            f"Its log was read up to entry {found.read:,} for rules that it does not list; the next time it is read on, or"
            " now with --whole-log."
        )
    for line in lines:
        err.print(Text(line), soft_wrap=True)
