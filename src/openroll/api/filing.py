"""One filing that a program sends: what it says, how it is judged, and what is answered."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from openroll.api.faults import in_json
from openroll.api.problems import RefusedError
from openroll.register.command import Command
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.refusals import TooManyAtOnce
from openroll.register.subscription.citations import citation_of_faults
from openroll.register.subscription.commands import Change, End, File, Rehandle
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.refusals import FilingFaulty, KeyMissing
from openroll.service.application import Application
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.governance.open_roll import token_hash
from openroll.sheet import COLUMNS, check_row

_KEY = re.compile(r"[\x21-\x7e]{1,64}")
OUTCOME = "openroll.outcome"
"""Where a request's scope holds what became of its filing, if it was sent in already (fast_filing.py)."""


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """One filing: the same columns as a row of the operator's file, judged by the same verdicts."""

    handle: str
    act: Literal["", "new", "change", "end", "rehandle"] = "new"
    kind: str = ""
    access: str = ""
    district: str = ""
    connected: str = ""
    on: str = ""
    digests: list[str] = []
    new_handle: str = ""


class Acknowledged(msgspec.Struct):
    """A filing durably stored. `code` is the filing code that opens it; `version` names the newest fact of the record.

    `code` is empty for what its holder filed alone, before the operator took it: the code is the holder's.
    """

    code: str
    version: int
    repeated: bool


def _command(row: Row, operator: str = "") -> Command:
    # Step 1 for JSON: its shape has been judged, and it becomes a command.
    digests = tuple(row.digests)
    if row.act == "rehandle":
        return Rehandle(handle=row.new_handle)
    if row.act == "end":
        return End(on=date.fromisoformat(row.on))
    if row.act == "change":
        on = date.fromisoformat(row.on)
        return Change(
            on=on,
            kind=row.kind or None,
            access=row.access or None,
            district=row.district or None,
            digests=digests or None,
        )
    return File(
        operator=operator,
        handle=row.handle,
        kind=row.kind,
        access=row.access,
        district=row.district,
        connected=date.fromisoformat(row.connected),
        digests=digests,
    )


async def filed(row: Row, key: str, token: str, names: Sequence[str], application: Application) -> Outcome:
    """Take a filing. Raises RefusedError where it has faults, has no key, or its source has to wait.

    `names` are the networks that it comes from.
    """
    submission = _judged(row, key, token, application)
    tried = await application.try_token(submission.token, names)
    if tried.wait:
        raise RefusedError(Refused(TooManyAtOnce(wait=tried.wait)))
    with tried.looked_up():
        outcome = await application.submit(submission)
    if not (isinstance(outcome, Refused) and isinstance(outcome.refusal, TokenUnknown)):
        tried.was_good()
    return outcome


def _judged(row: Row, key: str, token: str, application: Application) -> Submission:
    if not _KEY.fullmatch(key):
        raise RefusedError(Refused(KeyMissing()))
    roll = application.roll
    cells = {name: getattr(row, name) for name in COLUMNS if name != "digests"} | {"digests": " ".join(row.digests)}
    terms = roll.setting(roll.day(roll.clock())).terms
    faults = tuple(map(in_json, check_row(cells, terms, 1)))
    if faults:
        cited = citation_of_faults([(fault.code, fault.column) for fault in faults], terms)
        raise RefusedError(Refused(FilingFaulty(faults=len(faults)), roll.rule_name, cited), faults)
    return Submission(
        command=_command(row),
        key=key,
        request=hashlib.sha256(msgspec.json.encode(row)).digest(),
        secret=token.encode(),
        token=token_hash(token),
        handle=row.handle,
    )


def is_new(taken: Taken) -> bool:
    """Whether a record began with this: then its filing code is its operator's to hand out."""
    return taken.version == 1 and not taken.repeated


def acknowledged(taken: Taken, application: Application) -> Acknowledged:
    """The answer to a new filing: the code that opens it."""
    code = taken.code or code_of(taken.number, application.roll.keys.code_key)
    return Acknowledged(code, taken.version, taken.repeated)
