"""Which record an answer is of, and who is told: the one that the request names, and the one whose values were given.

Whose values went out is told, and nobody else: so a notice goes by the record that was answered. `answer` notes it in the
operator's own folder (`DIGEST.answered`) before anything is sent, under the digest by which the log names the sealed answer: a
note of an answer that was never taken counts for nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from openroll.cli.key_files import write_private
from openroll.cli.output import err, fail, line, one_line
from openroll.cli.requests.folder import Folder, tried
from openroll.cli.requests.reading import record_said
from openroll.cli.requests.resting import REMEDY, asked_last, missing_in, missing_said
from openroll.disclosure.envelope import HeldKey, digest
from openroll.register.request.content import Ask
from openroll.register.request.events import RequestAnswered
from openroll.register.request.record import ByCode, BySubscription
from openroll.register.subscription.number_salt import alike
from openroll.sheet.disclosed import OwnRecord, Unfound, by_account, by_code, by_handle
from openroll.sheet.pack import Kept

_NAME = "name the record with --account or --handle."
_MINE = f"whose an address or a domain was, your own systems know: {_NAME}"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Mine:
    """Where the operator finds the one record."""

    disclosures: Annotated[
        list[Path],
        Parameter(
            negative="",
            help="A disclosures file that `openroll pack` wrote, or a folder of them; --disclosures again for more.",
        ),
    ]
    codes: Annotated[
        Path | None, Parameter(help="Your list of filing codes (`openroll codes`), for a request by code.")
    ] = None
    account: Annotated[
        str, Parameter(help="Your number of the subscription, where the request names it otherwise.")
    ] = ""
    handle: Annotated[str, Parameter(help="Its handle, where the request names it otherwise.")] = ""


class _Note(msgspec.Struct, frozen=True):
    envelope: str
    handle: str


def record_meant(mine: Mine, ask: Ask | None) -> OwnRecord:
    """The one record that a request means, in the operator's own files; `ask` is None where what is asked cannot be read.

    Ends with a sentence where the operator names another record than the request does. Raises Unfound.
    """
    own = _own(mine)
    if own is None:
        return _asked_for(mine, ask)
    if ask is not None and not _may_be(mine, ask, own):
        fail(
            f"the request names {_asked(mine, ask)}, and {_option(mine)} names {_said(own)}: two records. Nothing was sent."
            f" Leave {_option(mine)} out; where you cannot tell which is meant, `openroll request not-given` says `unclear`.",
            1,
        )
    return own


def record_told(folder: Folder, held: list[HeldKey], mine: Mine, *, as_answered: bool = False) -> OwnRecord:
    """The record whose holder is told: the one whose values were given, or that was asked about where none were.

    Whatever an authority sealed, or a roll left out, keeps nobody from being told: where what was asked last is missing or cannot
    be read, an operator that knows the record says which. `as_answered`: the operator says that it answered with the record that
    it names. Raises Unfound.
    """
    ask, noted = asked_last(folder, tried(folder, held)), answered_handle(folder)
    if noted:
        return _as_noted(noted, mine, ask)
    named = bool(mine.account or mine.handle)
    if ask is None and not named:
        for one in missing_in(folder, ["operator"]):
            line(f"MISSING, {missing_said(folder, one)}.")
        fail(f"what was asked last cannot be read here: {_MINE} {REMEDY}.")
    gave = any(isinstance(fact, RequestAnswered) and fact.fields for fact in folder.matter.facts)
    if gave and not named and ask is not None and not isinstance(ask.record, BySubscription):
        fail(
            "values of a record were given, and this folder does not know of which: it was answered elsewhere. Whose values they"
            f" were is told, and nobody else: {_NAME} Nothing was sent.",
            1,
        )
    if gave and (as_answered or ask is None) and (own := _own(mine)) is not None:
        return own
    return record_meant(mine, ask)


def _as_noted(noted: str, mine: Mine, ask: Ask | None) -> OwnRecord:
    """The record that this folder was answered with. One that is gone from the files since is told by its handle all the same."""
    try:
        answered = by_handle(mine.disclosures, noted)
    except Unfound as error:
        if error.why != "none":
            raise
        answered = OwnRecord((Kept(noted, ()),))
    own = _own(mine)
    if own is not None and own.handle != noted:
        fail(
            f"this was answered with the values of {_said(answered)}, and {_option(mine)} names {_said(own)}. Whose values were"
            " given is told, and nobody else. Nothing was sent.",
            1,
        )
    if ask is not None and not _may_be(mine, ask, answered):
        err.print(
            f"This was answered with the values of {_said(answered)}, and the request names {_asked(mine, ask)}: whose values"
            " were given is told, and the other is not.",
            soft_wrap=True,
            markup=False,
        )
    return answered


def note_answered(folder: Folder, sealed: bytes, record: OwnRecord) -> None:
    """Keep in the operator's folder which record a sealed answer is of, for its owner alone, before it is sent."""
    note = _Note(digest(sealed), record.handle)
    write_private(folder.path / f"{note.envelope[:16]}.answered", msgspec.json.encode(note), "What was answered")


def answered_handle(folder: Folder) -> str:
    """The handle of the record whose values were given, by the folder's note; empty where none were, or it has no note of it."""
    given = {fact.envelope for fact in folder.matter.facts if isinstance(fact, RequestAnswered) and fact.fields}
    if not given:
        return ""
    for path in sorted(folder.path.glob("*.answered")):
        try:
            note = msgspec.json.decode(path.read_bytes(), type=_Note)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            fail(f"{path} cannot be read: {error}. It says with which record this was answered.")
        if note.envelope in given:
            return note.handle
    return ""


def _own(mine: Mine) -> OwnRecord | None:
    """The record that the operator itself names, if it does."""
    if mine.handle and mine.account:
        one, other = by_handle(mine.disclosures, mine.handle), by_account(mine.disclosures, mine.account)
        if one.handle != other.handle:
            fail(f"--handle names {_said(one)}, and --account names {_said(other)}: two records. Nothing was sent.", 1)
        return one
    if mine.handle:
        return by_handle(mine.disclosures, mine.handle)
    return by_account(mine.disclosures, mine.account) if mine.account else None


def _asked_for(mine: Mine, ask: Ask | None) -> OwnRecord:
    named = None if ask is None else ask.record
    if isinstance(named, BySubscription):
        return by_account(mine.disclosures, named.number)
    if not isinstance(named, ByCode):
        fail(_MINE)
    if mine.codes is None:
        fail("the request names a filing code: give your list of codes with --codes.")
    return by_code(mine.disclosures, named.code, mine.codes)


def _may_be(mine: Mine, ask: Ask, record: OwnRecord) -> bool:
    """Whether a record can be the one that a request names, as far as the operator's files tell."""
    named = ask.record
    if isinstance(named, ByCode):
        return mine.codes is None or _found(mine, ask) == record.handle
    if not isinstance(named, BySubscription):
        return True
    # A list of handles alone has no numbers; and which of two that only a mark tells apart, the operator says.
    found = _found(mine, ask)
    return found == record.handle if found else not record.account or alike(record.account, named.number)


def _found(mine: Mine, ask: Ask) -> str:
    try:
        return _asked_for(mine, ask).handle
    except Unfound as error:
        if error.why == "file":
            raise
        return ""


def _asked(mine: Mine, ask: Ask) -> str:
    """How a request names its record, and for a filing code which of the operator's own it is."""
    if not isinstance(ask.record, ByCode):
        return record_said(ask.record)
    handle = _found(mine, ask)
    own = f", of {_said(by_handle(mine.disclosures, handle))}" if handle else ", which is none of your list"
    return record_said(ask.record) + own


def _said(record: OwnRecord) -> str:
    return f"number {one_line(record.account)}" if record.account else f"handle {one_line(record.handle)}"


def _option(mine: Mine) -> str:
    return "--handle" if mine.handle else "--account"
