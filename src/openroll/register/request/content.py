"""What stands in the envelopes of a request, each in one canonical JSON: what is asked, what is answered, what a person is told.

Pure: sealing is `disclosure.envelope`, and what an operator finds in its files is `sheet.disclosed`. Nothing in here ever stands
in an event, a table or a log of the register.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from openroll.disclosure.text import refused_character
from openroll.register.free_text import names_somebody
from openroll.register.request.one_record import Lack
from openroll.register.request.record import Given, RecordSaid, record_lacks, record_of
from openroll.register.request.words import GIVING, NOT_GIVING, OUTCOMES

MOST_TEXT = 4000
"""Characters of grounds, of a question, of what answers it."""
MOST_LINE = 200
"""Characters of a case reference, a basis, a role."""
SALT_BYTES = 16
_SALT = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LINE_ENDS = str.maketrans("", "", "\n\t")


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="is"):
    """What every content of an envelope is: strict, and encoded in one way."""

    def encoded(self) -> bytes:
        """Its canonical JSON: members sorted, no blanks."""
        return _ENCODER.encode(self)


class Ask(Content, frozen=True, tag="ask"):
    """What an authority asks: about one record, on which grounds, in which case, by an officer of which role.

    `basis` is the article or order that is relied on in this case. `salt` (32 hex digits) makes the digest of the case reference
    that stands in public.
    """

    record: RecordSaid
    grounds: str
    basis: str
    case: str
    salt: str
    officer: str

    @property
    def case_digest(self) -> str:
        """What the public log has of the case reference."""
        return case_digest(self.case, self.salt)


class Question(Content, frozen=True, tag="question"):
    """What a reviewer asks an officer before it decides."""

    text: str


class AnswerBack(Content, frozen=True, tag="answer-back"):
    """What the officer says to that. The record that is asked about stays what it was."""

    text: str


class Answer(Content, frozen=True, tag="answer"):
    """What an operator answers: the outcome by code, the disclosures of the record, and its receipts, which prove them.

    `withheld` says of each approved field that is not given why, by a code of `NOT_GIVING`. Where the request named a number,
    `openings` show by field that its value was filed under it (`number_salt`), as the operator writes it: `number`. Answers of
    before have neither, and where these are empty an answer is written as those were.
    """

    outcome: str
    disclosures: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    withheld: Mapping[str, str] = {}
    number: str = ""
    openings: Mapping[str, str] = {}

    def encoded(self) -> bytes:
        """Its canonical JSON, without the two members that are empty."""
        told = msgspec.to_builtins(self)
        return _ENCODER.encode({name: one for name, one in told.items() if one or name not in _MAY_LACK})


class Notice(Content, frozen=True, tag="notice"):
    """What a person is told: who asked, when, for what purpose, on what basis; what was given, and how to complain.

    `outcome` is the request's. `word` is the complaint word: whoever has it may complain. `postponed` is the moment until which
    telling was put off, and `postponed_why` the reason the reviewer gave.
    """

    request: int
    authority: str
    authority_title: str
    reviewer: str
    operator: str
    filed: datetime
    purpose: str
    basis: str
    asked: tuple[str, ...]
    approved: tuple[str, ...]
    given: tuple[str, ...]
    outcome: str
    urgency: str
    supervisor: str
    supervised_at: str
    word: str
    postponed: datetime | None = None
    postponed_why: str = ""
    annulled: bool = False


_ENCODER = msgspec.json.Encoder(order="sorted")
_MAY_LACK = ("number", "openings")
C = TypeVar("C", bound=Content)


class ContentUnfit(ValueError):
    """What stood in an envelope is not what should stand there. The message is a sentence's end."""


def read_content(data: bytes, kind: type[C]) -> C:
    """Read what stood in an envelope, in its one form. Raises ContentUnfit."""
    try:
        found = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContentUnfit(f"what is sealed in it cannot be read: {error}") from error
    if found.encoded() != data:
        raise ContentUnfit("what is sealed in it is not in its one form")
    return found


def read_notice(data: bytes, context: str) -> Notice:
    """Read what a person was told, of the one request that it stands under (`notice_context`). Raises ContentUnfit.

    Moments are in the form of RFC 3339 in which the roll writes them, with their zone.
    """
    notice = read_content(data, Notice)
    if any(moment is not None and moment.tzinfo is None for moment in (notice.filed, notice.postponed)):
        raise ContentUnfit("it names a moment without its zone")
    if not context.endswith(f" request={notice.request}"):
        raise ContentUnfit("it speaks of another request than the one it stands under")
    return notice


def read_ask(data: bytes, now: datetime | None = None) -> Ask:
    """Read what an authority asks, as reviewer or operator: ONE record, and everything there. Raises ContentUnfit."""
    ask = read_content(data, Ask)
    lacks = ask_lacks(ask, now)
    if lacks:
        raise ContentUnfit("it is not complete: " + ", ".join(f"{one.field} ({one.why})" for one in lacks))
    return ask


def case_digest(case: str, salt: str) -> str:
    """SHA-256 in hex over a case reference and its salt (32 hex digits)."""
    return hashlib.sha256(b"openroll case 1\0" + bytes.fromhex(salt) + case.encode()).hexdigest()


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer typed, before it is known whether it is whole."""

    record: Given
    grounds: str = ""
    basis: str = ""
    case: str = ""
    officer: str = ""


def ask_of(draft: Draft, salt: bytes, now: datetime | None = None) -> Ask | tuple[Lack, ...]:
    """The ask that a draft makes, or everything that it lacks, by field. `salt` is 16 random bytes."""
    record = record_of(draft.record, now)
    texts = {name: _one_form(getattr(draft, name)) for name in ("grounds", "basis", "case", "officer")}
    if isinstance(record, tuple):
        return (*record, *_text_lacks(texts))
    ask = Ask(record=record, salt=salt.hex(), **texts)
    return ask_lacks(ask, now) or ask


def ask_lacks(ask: Ask, now: datetime | None = None) -> tuple[Lack, ...]:
    """Everything that is missing or wrong with an ask, by field; empty for one that may be filed."""
    texts = {name: getattr(ask, name) for name in ("grounds", "basis", "case", "officer")}
    salt = () if _SALT.fullmatch(ask.salt) else (Lack("case", "form"),)
    return (*record_lacks(ask.record, now), *_text_lacks(texts), *salt)


def text_lack(field: str, text: str) -> tuple[Lack, ...]:
    """What is wrong with a text of several lines (grounds, a question, its answer), if anything."""
    if not text.strip():
        return (Lack(field, "missing"),)
    if len(text) > MOST_TEXT:
        return (Lack(field, "long"),)
    return (Lack(field, "hidden"),) if refused_character(text.translate(_LINE_ENDS)) else ()


def _text_lacks(texts: Mapping[str, str]) -> tuple[Lack, ...]:
    found = [*text_lack("grounds", texts["grounds"])]
    for field in ("basis", "case", "officer"):
        found += _line_lack(field, texts[field])
    return tuple(found)


def _line_lack(field: str, text: str) -> tuple[Lack, ...]:
    if not text.strip():
        return (Lack(field, "missing"),)
    if len(text) > MOST_LINE:
        return (Lack(field, "long"),)
    if refused_character(text):
        return (Lack(field, "hidden"),)
    # A role, never a name: who sat there is the authority's to know.
    return (Lack(field, "names-somebody"),) if field == "officer" and names_somebody(text) else ()


def _one_form(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def answer_fault(answer: Answer, approved: tuple[str, ...]) -> str:
    """What is wrong with the form of an answer before anything in it is checked, as a sentence's end; empty for nothing."""
    if answer.outcome not in OUTCOMES:
        return "its outcome is none of the list"
    if any(code not in NOT_GIVING for code in answer.withheld.values()):
        return "a reason for a field that is not given is none of the list"
    if set(answer.withheld) - set(approved):
        return "it says why fields are not given that were never approved"
    if bool(answer.disclosures) != (answer.outcome in GIVING):
        return "its outcome and its disclosures contradict each other"
    if bool(answer.number) != bool(answer.openings):
        return "it opens a number and names none, or names one and opens it by nothing"
    return ""


def context_of(origin: str, filed: Mapping[str, Any], part: str) -> str:
    """What binds an envelope to its matter: the roll's log, who asks whom, for which fields, in which case, and which part it is.

    `filed` has what stands in public of the request as it is filed: use, authority, operator, reviewer, fields, case_digest. It
    is known before the request has a number, and the salted digest of the case makes it one request's alone.
    """
    fields = hashlib.sha256("\n".join(sorted(filed["fields"])).encode()).hexdigest()[:16]
    return (
        f"openroll request 1 roll={origin} authority={filed['authority']} use={filed['use']} operator={filed['operator']}"
        f" reviewer={filed['reviewer']} fields={fields} case={filed['case_digest']} part={part}"
    )


def notice_context(origin: str, request: int) -> str:
    """What binds a notice to its matter. It names no party, so that whoever looks for their own needs the number alone."""
    return f"openroll notice 1 roll={origin} request={request}"


def complaint_digest(word: str) -> str:
    """What stands in public of a complaint word."""
    return hashlib.sha256(word.encode()).hexdigest()
