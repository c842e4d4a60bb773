"""What a demonstration of a jurisdiction is made of: its roll, its operators, and the words that nobody's names are made from."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from openroll.places.library import folder_of
from openroll.places.model import DistrictCode
from openroll.rules import Identifier
from openroll.rules.language import Text
from openroll.rules.text import read_yaml

Words = Annotated[tuple[str, ...], Meta(min_length=1)]


class MadeUpOperator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator that is none."""

    operator: Identifier
    title: Text
    kind: Literal["access-operator", "interconnecting-operator", "information-operator"]


class MadeUpBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authority or a reviewer that is none."""

    organisation: Identifier
    title: Text


class MadeUpRequests(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who asks and who decides in a demonstration, and what they write, each text in one language of the place.

    `basis`, `supervisor`, `supervised_at` and `office` are of the registered use; `grounds`, `order`, `case` and `officer` stand
    in the envelope, `question` and `reply` between reviewer and officer; `why` beside decisions, `waits` where time is put off.
    """

    authority: MadeUpBody
    reviewer: MadeUpBody
    basis: str
    supervisor: str
    supervised_at: str
    office: str
    grounds: str
    order: str
    case: str
    officer: str
    question: str
    reply: str
    why: str
    waits: str


class Demonstration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The demonstration of a jurisdiction: what `demo.yaml` in its folder says.

    `person`, `organisation` and `address` are filled with `{family}`, `{given}`, `{trade}`, `{place}`, `{street}` and `{number}`;
    in `phones` each # is a digit. `accesses` are the ways to connect that occur, by kind, the first kind the commonest;
    `rule` is the one that it opens under, where that is not the first of its jurisdiction; `crowded` are districts with four
    times the people of others. `day` is the day on which its clock stands at the first start; the month before it is that of
    `requests`, and the months before that one are those of sites, which offer `services`: none, where there are none.
    """

    roll: Identifier
    title: Text
    registrar: Text
    day: date
    operators: Annotated[tuple[MadeUpOperator, ...], Meta(min_length=1)]
    families: Words
    givens: Words
    trades: Words
    streets: Words
    person: str
    organisation: str
    address: str
    phones: Words
    accesses: dict[Literal["household", "organisation"], Words]
    rule: str = ""
    services: tuple[str, ...] = ()
    crowded: tuple[DistrictCode, ...] = ()
    requests: MadeUpRequests


def demonstration(name: str) -> Demonstration:
    """The demonstration of a shipped jurisdiction. Raises NoSuchJurisdiction."""
    text = (folder_of(name) / "demo.yaml").read_text(encoding="utf-8")
    plain, _ = read_yaml(text, f"{name}/demo.yaml")
    return msgspec.convert(plain, Demonstration, strict=False)
