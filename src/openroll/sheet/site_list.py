"""An operator's list of the sites that it hosts: read, judged by its rows, and split where a site is a natural person's.

Such a site has an `account` in the list. What travels of it is a handle and a digest for each field of the rule; what opens the
digests stays with the operator, as of subscribers (`pack`).
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from openroll.disclosure import Disclosure, digests_of, named, normal_text, refused_character
from openroll.disclosure.disclosure import base64url
from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.subscription.handle import AccountUnfit, handle_of, normalised
from openroll.sheet.pack import Kept

OPEN = ("sponsor", "domains", "services", "began")
"""The columns that each list has; `domains` are one or more with blanks between."""
MOST_ROWS = 100_000
_OF_A_PERSON = "site/"
"""Before the account number: a person's site and subscription have unlike handles, and nobody sees that they are one's."""
_FIELDS = {"address": "domains", "domain": "domains", "organisation": "sponsor", "service": "services"}
"""The column in which a field of a rule stands that has another name in a list."""


class Listed(NamedTuple):
    """A site of a list: its line, the account of a natural person's, and its columns as they are to be told."""

    line: int
    account: str
    kind: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    began: date
    cells: Mapping[str, str]


class WrongCell(NamedTuple):
    """A cell of a list that will not do: its line (1 is the header), its column, what stands there, and what to do."""

    line: int
    column: str
    value: str
    what: str


def read_sites(text: str, fields: Collection[str]) -> tuple[list[Listed], list[WrongCell]]:
    """The sites of a list (CSV with a header), and all that is wrong with it. `fields` are those of the roll's rule."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    known = {*OPEN, "kind", "account", *(_FIELDS.get(one, one) for one in fields)}
    found: list[Listed] = []
    try:
        header = rows.fieldnames or ()
        wrong = [WrongCell(1, name, "", "add this column") for name in OPEN if name not in header]
        wrong += [
            WrongCell(1, name, "", "take this column out: neither the roll nor its rule asks for it")
            for name in header
            if name not in known
        ]
        if wrong:
            return [], wrong
        for row in rows:
            if len(found) >= MOST_ROWS:
                return [], [
                    WrongCell(rows.line_num, "", "", f"a list has at most {MOST_ROWS:,} sites: send it in several")
                ]
            read, faults = _read(rows.line_num, row)
            wrong += faults
            found += [] if read is None else [read]
    except csv.Error as error:
        return [], [WrongCell(rows.line_num, "", "", f"this is no CSV: {error}")]
    return found, sorted([*wrong, *_doubled(found)], key=lambda one: one.line)


def _doubled(found: Sequence[Listed]) -> Iterator[WrongCell]:
    """What stands in a list once more: the roll sees a part of a long list at a time, and would take the first of the two."""
    seen: dict[tuple[str, str], int] = {}
    for site in found:
        names = [("domains", domain) for domain in site.domains]
        for column, name in [("account", _account(site.account)), *names] if site.account else names:
            first = seen.setdefault((column, name), site.line)
            if first != site.line:
                yield WrongCell(site.line, column, name, f"line {first} has it already: keep one of the two")


def _account(account: str) -> str:
    """An account as its handle is made of it; as it stands where none can be."""
    try:
        return normalised(account)
    except AccountUnfit:
        return account


def _read(line: int, row: Mapping[str | None, str | None]) -> tuple[Listed | None, list[WrongCell]]:
    cells = {name: normal_text(value or "") for name, value in row.items() if name is not None}
    wrong = [WrongCell(line, "", "", "this line has more cells than the header")] if None in row else []
    domains = tuple(dict.fromkeys(a_labels(one) for one in cells["domains"].split()))
    wrong += [
        WrongCell(line, "domains", one, "write each as example.org, without http:// and path")
        for one in domains
        if domain_fault(one)
    ]
    wrong += [WrongCell(line, name, "", "fill this cell in") for name in OPEN if not cells[name]]
    wrong += [
        WrongCell(line, name, value, f"take {named(char)} out: nobody sees it")
        for name, value in cells.items()
        if name != "domains" and (char := refused_character(value))
    ]
    try:
        began = date.fromisoformat(cells["began"])
    except ValueError:
        began = date.min
        if cells["began"]:
            wrong.append(WrongCell(line, "began", cells["began"], "write the day as 2026-11-30"))
    if wrong:
        return None, wrong
    said = (cells["sponsor"], domains, cells["services"], began)
    return Listed(line, cells.get("account", ""), cells.get("kind", "") or "site", *said, cells), []


class Split(NamedTuple):
    """A natural person's site as it travels, and the line that opens it."""

    handle: str
    digests: tuple[str, ...]
    kept: Kept


def split(
    site: Listed,
    fields: Sequence[str],
    key: bytes,
    random: Callable[[int], bytes],
    earlier: Mapping[str, Sequence[Kept]],
) -> Split:
    """What travels of a natural person's site and what stays: a field that has no cell, or an empty one, gets a decoy.

    Where `earlier` has a line with the same values under its handle (the newest of several), the digests are of that one: it may
    be sent again. Raises AccountUnfit.
    """
    handle = handle_of(_OF_A_PERSON + site.account, key)
    cells = {field: site.cells.get(_FIELDS.get(field, field), "") for field in fields}
    told = {field: value for field, value in cells.items() if value}
    for before in reversed(earlier.get(handle, ())):
        if _said(before) == told and len(before.decoys) == len(fields) - len(told):
            digests = [Disclosure.parse(one).digest() for one in before.disclosures] + list(before.decoys)
            return Split(handle, tuple(sorted(digests)), before)
    decoys = [random(32) for _ in range(len(fields) - len(told))]
    made, disclosed = digests_of(told, {field: random(16) for field in told}, decoys)
    opens = tuple(one.encoded for one in disclosed.values())
    kept = Kept(handle, opens, tuple(map(base64url, decoys)), site.account)
    return Split(handle, tuple(made), kept)


def _said(kept: Kept) -> dict[str, str]:
    read = map(Disclosure.parse, kept.disclosures)
    return {str(one.name): str(one.value) for one in read}
