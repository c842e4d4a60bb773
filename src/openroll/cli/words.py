"""Commands on the words of a language: new, check, export, import. They need no roll (docs/languages.md).

Each ends with 0 when all is well, with 1 where something is still to be translated, with 2 where something is wrong.
"""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.arguments import NotSaid, spoken
from openroll.cli.output import command, out
from openroll.cli.table import Rows
from openroll.cli.words_files import Named, catalogue_file, checked_file, read_words
from openroll.durable import output_file, write_durably
from openroll.rules.faults import RuleFaults
from openroll.rules.language import TAG
from openroll.words import catalogue
from openroll.words.check import Checked
from openroll.words.po import known_locale, read_catalogue
from openroll.words.po_text import new_catalogue, with_new
from openroll.words.spreadsheet import TableFaults, table_of, taken
from openroll.words.template import Words, every_text

app = App(name="words", help="The words of a language: begin a catalogue, check it, translate it in a spreadsheet.")

NO_XLSX = (
    "{file}: name a .csv file. Every spreadsheet opens and saves it; formats of their own are not written or read here."
)


@app.command
def new(
    tag: str,
    folder: Path,
    /,
    *,
    like: Annotated[str, Parameter(help="A language that ships, whose translations are taken to begin with.")] = "",
    by: Annotated[
        str, Parameter(help="Who translates: stands in the file, and says on pages that no machine drafted it.")
    ] = "",
) -> None:
    """Begin the catalogue of a language, with every text there is; or add to one that is there what it lacks.

    Parameters
    ----------
    tag
        The language (BCP 47), as am or sw-TZ. One with a region needs only the words that differ from its language's.
    folder
        A jurisdiction's folder, where it is written into `words`; or any other folder.
    """
    with spoken("words new"):
        if not TAG.fullmatch(tag):
            raise NotSaid(f"{tag}: expected the tag of a language (BCP 47), as am, sw-TZ or zh-Hant.")
        if like and like not in catalogue.shipped():
            raise NotSaid(f"{like}: no words ship in it. There is {', '.join(catalogue.shipped())}.")
        file = catalogue_file(folder, tag)
        added = _add_to(file, tag) if file.exists() else _begin(file, tag, like, by)
    out.print(f"{file}: {added:,} texts to translate", soft_wrap=True)
    if known_locale(tag) is None:
        out.print(
            f"CLDR does not know {tag}: dates and numbers will be written as in English, and it has one plural form."
        )
    table, then = command("words", "export", file, f"{tag}.csv"), command("words", "check", file)
    out.print(f"Translate them in the file, or in a spreadsheet: {table}. Then {then}.", soft_wrap=True)


def _begin(file: Path, tag: str, like: str, by: str) -> int:
    texts = every_text()
    shipped = catalogue.shipped_words(like) if like else None

    def said(one: Words) -> str:
        return "" if shipped is None else catalogue.words_in(shipped, one.context, one.text)

    file.parent.mkdir(parents=True, exist_ok=True)
    made = new_catalogue(
        tag,
        catalogue.own_name(tag),
        by or (catalogue.DRAFTED if like and catalogue.is_draft(like) else "nobody yet"),
        texts,
        said,
    )
    write_durably(file, made.encode())
    return sum(not said(one) for one in texts)


def _add_to(file: Path, tag: str) -> int:
    data = read_words(file)
    catalog, wrong = read_catalogue(data, tag)
    if wrong:
        raise NotSaid(f"{file}:{wrong[0][0]}: {wrong[0][1]} Mend it first: {command('words', 'check', file)} says all.")
    had = {(one.context or "", one.id if isinstance(one.id, str) else str(one.id[0])) for one in catalog if one.id}
    text, added = with_new(data.decode("utf-8"), tag, every_text(), had)
    if added:
        write_durably(file, text.encode())
    return added


@app.command
def check(words: str, /, *, counts: bool = False, table: bool = False) -> int:
    """Check a catalogue, or all of a folder: what is missing, doubtful, or does not fit; every fault with its line.

    Parameters
    ----------
    words
        A .po file, a folder of them, a jurisdiction's folder, or a language that ships.
    counts
        Only count the texts that have no translation, and list the faults alone.
    table
        Only the table: how many texts there are of each part, and how many have words.
    """
    with spoken("words check"):
        named = Named(words)
        found = [(tag, checked_file(tag, data, shown)) for tag, shown, data in named.catalogues()]
    worst = 0
    for tag, checked in found:
        for fault in () if table else checked.faults:
            out.print(str(fault), soft_wrap=True)
        for fault in () if counts or table else checked.missing:
            out.print(str(fault), soft_wrap=True)
        _summary(tag, checked)
        worst = max(worst, 2 if checked.faults else 1 if checked.missing else 0)
    return worst


def _summary(tag: str, checked: Checked) -> None:
    table = Rows("Where", "Texts", "Here", "From a wider language", "Missing", title=tag, lined=False)
    for room, count in sorted(checked.rooms.items()):
        cells = (count.texts, count.here, count.wider, count.texts - count.here - count.wider)
        table.add_row(room, *(f"{cell:,}" for cell in cells))
    out.print(table)
    out.print(f"{tag}: {len(checked.faults):,} faults, {len(checked.missing):,} texts without words")


@app.command
def export(words: str, file: Path, /) -> None:
    """Write a catalogue as a table for translators (CSV): id, where it is seen, English, translation, note.

    Parameters
    ----------
    words
        A .po file, or a language that ships.
    file
        The .csv file to write.
    """
    with spoken("words export"):
        _only_csv(file)
        tag, _, data = Named(words).one()
        table = table_of(data, tag, {(one.context, one.text): one for one in every_text()})
        with output_file(file) as written:
            written.write(table.encode("utf-8-sig"))
    own = Path(words).is_file()
    then = command("words", "import", words, file) if own else command("words", "new", tag, "FOLDER", "--like", tag)
    why = "" if own else " begins a file of your own to take it back into"
    out.print(f"{file}: translate in the column `translation`; then {then}{why}.", soft_wrap=True)


@app.command(name="import")
def import_table(words: Path, file: Path, /, *, dry_run: bool = False) -> None:
    """Take a translator's table back into the catalogue that it came from: all of it, or nothing with every fault.

    Parameters
    ----------
    words
        The .po file.
    file
        The .csv file.
    dry_run
        Say what would change, and change nothing.
    """
    with spoken("words import"):
        _only_csv(file)
        if not words.is_file():
            raise NotSaid(f"{words}: there is no such file. A table goes back into the .po file that it came from.")
        tag, path, data = Named(str(words)).one()
        texts = {(one.context, one.text): one for one in every_text()}
        try:
            made, count = taken(data, tag, file.read_bytes(), file.name, texts)
        except TableFaults as error:
            raise RuleFaults(error.faults) from error
        before = {(one.path, one.found) for one in checked_file(tag, data, path).faults}
        worse = [one for one in checked_file(tag, made, path).faults if (one.path, one.found) not in before]
        if worse:
            raise RuleFaults(worse)
        if count and not dry_run:
            write_durably(path, made)
    out.print(f"{words}: {count:,} texts {'would change' if dry_run else 'changed'}", soft_wrap=True)


def _only_csv(file: Path) -> None:
    if file.suffix.lower() != ".csv":
        raise NotSaid(NO_XLSX.format(file=file))
