"""Notices as operators seal them, for tests of who finds them: the page and the command."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from openroll.disclosure.envelope import HYBRID, HeldKey
from openroll.disclosure.notice import notice_secret, seal_notice
from openroll.register.request.compared import PublicRequest
from openroll.register.request.content import Notice, complaint_digest, notice_context
from openroll.register.request.month_list import month_json
from openroll.register.request.words import NOTICE
from tests.handles import KEY, handle

SECRET = notice_secret(KEY, handle("u-7"))
SIGNER = HeldKey(b"e" * 32, HYBRID)


def content_of(number: int, **given: object) -> bytes:
    """What a person is told of a request, but for what is `given`."""
    said: dict[str, object] = {
        "request": number,
        "authority": "police",
        "authority_title": "Police",
        "reviewer": "court",
        "operator": "east",
        "filed": datetime(2006, 11, 1, tzinfo=UTC),
        "purpose": "p",
        "basis": "b",
        "asked": ("name",),
        "approved": ("name",),
        "given": ("name",),
        "outcome": "given",
        "urgency": "ordinary",
        "supervisor": "S",
        "supervised_at": "s@s.example",
        "word": "w",
    }
    return Notice(**(said | given)).encoded()  # type: ignore[arg-type] # the names are those of the fields


def in_public(number: int, **given: object) -> dict[str, object]:
    """What the roll lists for everybody of the request that `content_of` tells of, but for what is `given`."""
    return {
        "number": number,
        "authority": "police",
        "operator": "east",
        "filed_to": "east",
        "reviewer": "court",
        "use": 1,
        "fields": ["name"],
        "urgency": "ordinary",
        "filed": "2006-11-01T00:00:00Z",
        "approved": ["name"],
        "outcome": "given",
        "given": ["name"],
        "annulled": False,
        "postponed": None,
        "postponed_why": "",
        "reason": "",
        "complained": False,
        "complaints": [complaint_digest("w")],
    } | given


def told_in(rows: Iterable[Mapping[str, Any]], month: str) -> bytes:
    """What a roll lists of a month, of the requests as it lists them for everybody."""
    every = sorted(msgspec.convert([*rows], list[PublicRequest]), key=lambda one: one.number)
    return month_json(month, [one for one in every if _month(one) == month])


def told_months(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Of how many of these requests somebody was told in each month."""
    return dict(Counter(filter(None, map(_month, msgspec.convert([*rows], list[PublicRequest])))))


def _month(one: PublicRequest) -> str:
    return "" if one.told is None else f"{one.told.at.astimezone(UTC):%Y-%m}"


USE = {
    "number": 1,
    "basis": "b",
    "supervisor": "S",
    "supervised_at": "s@s.example",
    "titles": {"en": "Police"},
    "said": {"en": "p"},
}
"""The registered use of that request, as the roll lists it for everybody."""
LIES: dict[str, object] = {
    "authority": "city-library",
    "authority_title": "City Library",
    "reviewer": "none",
    "operator": "west",
    "filed": datetime(2006, 10, 1, tzinfo=UTC),
    "purpose": "overdue books",
    "basis": "no law",
    "asked": ("address",),
    "approved": (),
    "given": (),
    "outcome": "refused",
    "urgency": "emergency",
    "supervisor": "Nobody",
    "supervised_at": "-",
    "word": "a" * 24,
    "postponed": datetime(2006, 12, 1, tzinfo=UTC),
    "postponed_why": "made up",
    "annulled": True,
}
"""What an operator's program may say instead, of each thing that a notice says."""


def sealed_to(content: bytes, number: int, origin: str = "roll.example", signer: HeldKey = SIGNER) -> tuple[str, bytes]:
    """A notice of a request with this content, as it stands in a heap."""
    context = notice_context(origin, number)
    return context, seal_notice(content, SECRET, signer.signing, context, pad_to=NOTICE)


NO_NOTICES = (
    b"[]",
    b"{}",
    b"null",
    b"not json",
    content_of(3).replace(b'"asked":["name"]', b'"asked":"name"'),
    content_of(3).replace(b'"filed":"2006', b'"filed":"never'),
    content_of(3).replace(b'"given":["name"]', b'"given":[7]'),
    content_of(3).replace(b'"word"', b'"a":0,"word"'),
    content_of(3).replace(b":", b": ", 1),
    content_of(4),
    content_of(3).replace(b'"S"', b'"\xff"'),
)
"""What an operator's program may seal to somebody under request 3, and is no notice of it."""
