"""Commands on jurisdictions: list, show, check, new, schema. They need no roll.

Each ends with 0 when all is well and with 2 when there is no such jurisdiction or its files are broken, every fault at once.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from openroll.cli.arguments import spoken
from openroll.cli.jurisdiction_files import basis_named, copied, jurisdiction_named
from openroll.cli.output import out
from openroll.places import Bundle, digest, jurisdiction_schema, load, shipped
from openroll.rules import obstacles
from openroll.rules.language import ENGLISH, in_language

app = App(name="jurisdiction", help="Jurisdictions: where a roll is kept, as a folder of files (docs/jurisdiction.md).")


@app.command(name="list")
def list_jurisdictions() -> None:
    """The jurisdictions that ship with Openroll."""
    table = Table("Name", "Title", "Languages", "Zone", "Districts", box=None, pad_edge=False)
    for name in shipped():
        place = load(name).jurisdiction
        title = in_language(place.title, ENGLISH)
        table.add_row(name, title, " ".join(place.languages), place.zone, f"{len(load(name).districts):,}")
    out.print(table)


@app.command
def show(jurisdiction: str, /, *, day: Annotated[date | None, Parameter(help="Show it on a day.")] = None) -> None:
    """A jurisdiction: languages, zone, kinds, ways to connect, numbers, districts and days off.

    Parameters
    ----------
    jurisdiction
        One that ships, or a folder.
    """
    with spoken("jurisdiction"):
        bundle = jurisdiction_named(jurisdiction)
    _show(bundle, day)


def _show(bundle: Bundle, day: date | None) -> None:
    place = bundle.jurisdiction
    lang = place.languages[0]
    out.print(f"{in_language(place.title, lang)} ({place.id}, version {place.version})", style="bold")
    out.print(f"SHA-256 {digest(bundle)}", soft_wrap=True)
    out.print(f"Languages {', '.join(place.languages)}; zone {place.zone}; currency {place.currency}")
    for name, group in (("Kinds", place.kinds), ("Ways to connect", place.accesses), ("Numbers", place.numbers)):
        out.print(f"{name}: {', '.join(f'{in_language(one.title, lang)} ({one.id})' for one in group)}")
    districts = bundle.districts if day is None else tuple(one for one in bundle.districts if one.stands(day))
    out.print(f"{len(districts):,} districts:", style="bold")
    for district in districts:
        depth = len(bundle.path(district.code)) - 1
        out.print(f"{'  ' * depth}{district.code}  {in_language(district.title, lang)}", soft_wrap=True)
    out.print(f"{len(bundle.days_off):,} days that are not what their weekday says", style="bold")
    for one in bundle.days_off:
        if day is None or one.day.year == day.year:
            out.print(f"{one.day}  {'worked' if one.worked else 'off'}  {one.title}", soft_wrap=True)


@app.command
def check(jurisdiction: str, /, *, rule: str = "") -> int:
    """Read a jurisdiction's folder and the rule of its rolls; every fault at once. 1 where the rule keeps a live roll shut.

    Parameters
    ----------
    jurisdiction
        One that ships, or a folder.
    rule
        Another rule than the first that the jurisdiction names.
    """
    with spoken("jurisdiction"):
        place, loaded = basis_named(jurisdiction, rule)
    out.print(
        f"{place.jurisdiction.id} can be read: {len(place.districts):,} districts, SHA-256 {digest(place)}",
        soft_wrap=True,
    )
    for kind in place.jurisdiction.kinds:
        if kind.id not in loaded.covers:
            out.print(f"{loaded.ref} does not cover the kind {kind.id}: nobody files under it", soft_wrap=True)
    found = obstacles(loaded)
    for one in found:
        out.print(f"{loaded.ref}: {one.id} keeps a live roll shut ({one.seen})", soft_wrap=True)
    if not found:
        out.print(f"{loaded.ref}: a live roll may open under it")
    return 1 if found else 0


@app.command
def new(folder: Path, /, *, like: str = "ke") -> None:
    """Copy a jurisdiction that ships into a new folder, to begin another from.

    Parameters
    ----------
    folder
        Where to write the files; empty, or not there yet.
    like
        The one that is copied.
    """
    with spoken("jurisdiction"):
        jurisdiction_named(like)
        made = copied(like, folder)
    for file in made:
        out.print(str(file), soft_wrap=True)
    out.print(f"Change them, then `openroll jurisdiction check {folder}`.", soft_wrap=True)


@app.command
def schema() -> None:
    """The JSON Schema of jurisdiction.yaml, for editors that check as you type."""
    out.print_json(data=jurisdiction_schema(), ensure_ascii=False)
