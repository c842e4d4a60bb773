"""Commands on jurisdictions: list, show, check, new, schema. They need no roll.

Each ends with 0 when all is well and with 2 when there is no such jurisdiction or its files are broken, every fault at once.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from openroll.cli.arguments import Language, NotSaid, rule_named, spoken, titles
from openroll.cli.jurisdiction_files import (
    MARK,
    basis_named,
    copied,
    folder_named,
    jurisdiction_named,
    lines_of,
    marks,
    rule_of,
)
from openroll.cli.jurisdiction_pages import show_jurisdiction
from openroll.cli.output import command, out
from openroll.cli.table import Rows
from openroll.places import MAIN, Jurisdiction, digest, jurisdiction_schema, load, readable_faults, shipped
from openroll.rules import obstacles
from openroll.rules.checks.realistic import from_connection
from openroll.rules.language import ENGLISH, in_language
from openroll.rules.text import said

app = App(name="jurisdiction", help="Jurisdictions: where a roll is kept, as a folder of files (docs/jurisdiction.md).")


@app.command(name="list")
def list_jurisdictions() -> None:
    """The jurisdictions that ship with Openroll."""
    table = Rows("Name", "Title", "Languages", "Zone", "Districts", lined=False)
    for name in shipped():
        place = load(name).jurisdiction
        title = in_language(place.title, ENGLISH)
        table.add_row(name, title, " ".join(place.languages), place.zone, f"{len(load(name).districts):,}")
    out.print(table)


@app.command
def show(
    jurisdiction: str,
    /,
    *,
    day: Annotated[date | None, Parameter(help="Show it on a day.")] = None,
    lang: Annotated[Language, Parameter(help="The language of its names (default: its main one).")] = "",
) -> None:
    """A jurisdiction whole: languages, zone, kinds, ways to connect, forms of numbers, rules, address, districts, offices, days.

    Parameters
    ----------
    jurisdiction
        One that ships, or a folder.
    """
    with spoken("jurisdiction"):
        bundle = jurisdiction_named(jurisdiction)
    show_jurisdiction(out, bundle, day, lang or bundle.jurisdiction.languages[0])


def _held_nowhere(name: str, place: Jurisdiction) -> list[str]:
    """The forms of numbers that do not say their fields, and are called as no personal field of the place's rules is."""
    rules = [rule_named(rule_of(name, reference)) for reference in place.rules]
    fields = {field.name for rule in rules for field in rule.fields if field.personal}
    return [form.id for form in place.numbers if form.fields is msgspec.UNSET and form.id not in fields]


@app.command
def check(jurisdiction: str, /, *, rule: str = "") -> int:
    """Read a jurisdiction's folder and its rules; every fault at once. 1 where one of them keeps a live roll shut.

    Parameters
    ----------
    jurisdiction
        One that ships, or a folder.
    rule
        Another rule than the first that the jurisdiction names.
    """
    with spoken("jurisdiction"):
        place, loaded = basis_named(jurisdiction, rule, whole=True)
        named = rule_of(jurisdiction, rule or place.jurisdiction.rules[0])
        folder = folder_named(jurisdiction)
    out.print(
        f"{place.jurisdiction.id} can be read: {len(place.districts):,} districts, SHA-256 {digest(place)}",
        soft_wrap=True,
    )
    left = marks(folder) if folder is not None else []
    if left:
        out.print(f"Still of the place it was made from, by their mark ({MARK}): {', '.join(left)}", soft_wrap=True)
    for kind in place.jurisdiction.kinds:
        if kind.id not in loaded.covers:
            out.print(f"{loaded.ref} does not cover the kind {kind.id}: nobody files under it", soft_wrap=True)
    for form in _held_nowhere(jurisdiction, place.jurisdiction):
        out.print(
            f"the form {form} under `numbers` is held to no field: no rule of the place has a personal field {form}. Name its"
            " `fields`, or [] where that is meant",
            soft_wrap=True,
        )
    found = obstacles(loaded)
    for one in found:
        out.print(f"{loaded.ref}: {one.id} keeps a live roll shut ({one.seen})", soft_wrap=True)
    counted = from_connection(loaded)
    if counted:
        out.print(
            f"{loaded.ref} has no first day (in_force): whoever is connected already is counted from that day "
            f"({', '.join(counted)}), and stands late on the first day of a roll. Give it one, and `applies: new`.",
            soft_wrap=True,
        )
    faults = readable_faults(place, loaded.natures)
    if folder is not None:
        lines = lines_of(folder)
        at = {said(path): line for path, line in lines.items()}
        placed = ((one, at.get(one.path, one.line) if one.file == MAIN else one.line) for one in faults)
        faults = tuple(msgspec.structs.replace(one, line=line) for one, line in placed)
    for fault in faults:
        out.print(f"{fault}", soft_wrap=True)
    if found:
        out.print(f"What each means, by which article: {command('rule', 'check', named)}", soft_wrap=True)
    if not found and not faults:
        out.print(f"{loaded.ref}: a live roll may open under it")
    return 1 if found or faults else 0


@app.command
def new(
    folder: Path,
    /,
    *,
    like: str = "ke",
    identifier: Annotated[str, Parameter(name="--id", help="Its id, as tz (default: the folder's name).")] = "",
    title: Annotated[
        tuple[str, ...],
        Parameter(help="Its title in a language, as sw=Tanzania; again for each further one.", negative=""),
    ] = (),
) -> None:
    """Make a new folder from a jurisdiction that ships, with an id, a title and rules of its own, to write another from.

    Parameters
    ----------
    folder
        Where to write the files; empty, or not there yet.
    like
        The one that is copied.
    """
    with spoken("jurisdiction"):
        if like not in shipped():
            raise NotSaid(f"--like {like}: it takes one that ships: {', '.join(shipped())}.")
        made = copied(like, folder, datetime.now(UTC).date(), identifier, titles(title))
    for file in made:
        out.print(str(file), soft_wrap=True)
    out.print(
        f"Lines with the mark {MARK} still say what {like} says, and so does every row of districts.csv: change them, take the "
        f"marks away, then {command('jurisdiction', 'check', folder)}. docs/jurisdiction.md has every key and column.",
        soft_wrap=True,
    )


@app.command
def schema() -> None:
    """The JSON Schema of jurisdiction.yaml, for editors that check as you type."""
    out.print_json(data=jurisdiction_schema(), ensure_ascii=False)
