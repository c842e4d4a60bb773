"""Jurisdictions as they are named on the command line: one that ships, or a folder of files; and the rule read with one."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import msgspec

from openroll.cli.arguments import MOST_BYTES as MOST_OF_A_RULE
from openroll.cli.arguments import NotSaid, is_file, rule_named, text_of
from openroll.durable import fill_folder
from openroll.places import (
    MAIN,
    NAMES,
    Bundle,
    JurisdictionFaults,
    folder_of,
    load,
    own_files,
    read_bundle,
    shipped,
    surroundings,
)
from openroll.places.around import RULES
from openroll.places.looks import near
from openroll.places.model import CITIES, OFFICE_PARTS, city_path
from openroll.places.reading import MOST_BYTES
from openroll.places.tables import DAYS, OFFICES
from openroll.places.writing import later_state
from openroll.rules import Identifier, RuleFaults, known_rules
from openroll.rules.faults import Fault
from openroll.rules.form import flow
from openroll.rules.text import Path as LinePath
from openroll.rules.text import made_on, read_yaml
from openroll.service.governance.open_roll import Basis

MOST_OF_A_LINE = 1_000
"""Characters read of a first line."""
MARK = "# CHANGE"
"""What `jurisdiction new` writes behind each line that is still that of the place it copied."""


def jurisdiction_named(name: str, *, whole: bool = False) -> Bundle:
    """A jurisdiction that ships, by its name, or one in a folder. Raises NotSaid, JurisdictionFaults or OSError.

    `whole` holds a folder against its own rules and against what ships too, as is done before a roll is opened in it.
    """
    folder = folder_named(name)
    if folder is None:
        return load(name)
    if not whole:
        return read_bundle(_files(folder))
    from openroll.whatif import cities  # noqa: PLC0415 - commands that name no folder start quicker without it

    return read_bundle(_files(folder), surroundings(_rules(folder), cities(), _own_cities(folder)))


def folder_named(name: str) -> Path | None:
    """The folder that a name means; None for a jurisdiction that ships. Raises NotSaid."""
    if name in shipped():
        return None
    folder = Path(name)
    if not folder.is_dir():
        known = ", ".join(shipped())
        raise NotSaid(f"{name}: no jurisdiction ships under this name ({known}), and it is no folder with a {MAIN}.")
    return folder


def basis_named(jurisdiction: str, rule: str, *, whole: bool = False) -> Basis:
    """What a roll is opened on. Without a rule it is the jurisdiction's first; without a jurisdiction, the one that names it.

    `whole` as in `jurisdiction_named`. Raises NotSaid, NoSuchRule, RuleFaults (and JurisdictionFaults) or OSError.
    """
    if not jurisdiction:
        jurisdiction = _of_rule(rule)
    place = jurisdiction_named(jurisdiction, whole=whole)
    return Basis(place, rule_named(rule_of(jurisdiction, rule or place.jurisdiction.rules[0])))


def rule_of(jurisdiction: str, reference: str) -> str:
    """How the command line names a rule of a jurisdiction: by the path of its file where the folder has one. Raises NotSaid."""
    first, plus, over = reference.partition("+")
    folder = folder_named(jurisdiction)
    if folder is None:
        return reference
    own = folder / RULES / f"{first}.yaml"
    if own.is_file():
        return f"{own}{plus}{over}"
    there = sorted(file.stem for file in (folder / RULES).glob("*.yaml"))
    if first not in known_rules() and not is_file(first, known_rules()) and there:
        meant = near(first, there)
        hint = f" Did you mean {meant}?" if meant else ""
        raise NotSaid(f"{folder / RULES}: there is no {first}.yaml. It has {', '.join(there)}.{hint}")
    return reference


def _of_rule(rule: str) -> str:
    """The one shipped jurisdiction that a rule was written for. Raises NotSaid."""
    if not rule:
        raise NotSaid(f"say where: --jurisdiction NAME or FOLDER. What ships: {', '.join(shipped())}.")
    first = rule.partition("+")[0]
    found = [name for name in shipped() if first in {one.partition("+")[0] for one in load(name).jurisdiction.rules}]
    if len(found) != 1:
        raise NotSaid(f"no jurisdiction that ships names the rule {rule}: say where, --jurisdiction NAME or FOLDER.")
    return found[0]


def made_on_in(folder: Path) -> str:
    """The full name of the jurisdiction that a folder was saved from, as its text says, else empty. Raises OSError."""
    main = folder / MAIN
    if not main.is_file():
        return ""
    with main.open(encoding="utf-8-sig", errors="replace") as text:
        return made_on(text.readline(MOST_OF_A_LINE))


def proposed_in(folder: Path, old: Bundle) -> Bundle:
    """The jurisdiction in a folder, as a later state of `old`. Raises JurisdictionFaults, NotSaid or OSError."""
    if not folder.is_dir():
        raise NotSaid(f"{folder} is no folder with a {MAIN}.")
    new = later_state(old, _files(folder))
    own = _own_cities(folder).get(new.jurisdiction.city or "", "")
    if not isinstance(own, str):
        raise JurisdictionFaults(list(own))
    return new


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a folder that are part of its bundle, none read further than it may be long."""
    files = {}
    for name in NAMES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                files[name] = file.read(MOST_BYTES + 1)
    for city in sorted((folder / CITIES).glob("*.yaml")):
        with city.open("rb") as stream:
            files[city_path(city.stem)] = stream.read(MOST_BYTES + 1)
    return files


def _own_cities(folder: Path) -> Mapping[str, str | Sequence[Fault]]:
    """The cities of a folder by name: the currency of each, or what is wrong with it."""
    from openroll.whatif import parse_city  # noqa: PLC0415 - as above

    found: dict[str, str | Sequence[Fault]] = {}
    for file in sorted((folder / CITIES).glob("*.yaml")):
        at = city_path(file.stem)
        try:
            city = parse_city(text_of(file, "a city"), at)
        except RuleFaults as error:
            found[file.stem] = error.faults
            continue
        wrong = Fault(
            at, 1, "id", f"The city is called {city.id!r}, and its file {file.stem!r}.", "one name", file.stem
        )
        found[file.stem] = city.currency if city.id == file.stem else (wrong,)
    return found


def _rules(folder: Path) -> Mapping[str, str]:
    """The texts of a folder's own rules by name. What is no text is read as far as it can be, and then is no rule."""
    texts = {}
    for file in sorted((folder / RULES).glob("*.yaml")):
        with file.open("rb") as stream:
            texts[file.stem] = stream.read(MOST_OF_A_RULE).decode("utf-8-sig", "replace")
    return texts


def marks(folder: Path) -> list[str]:
    """The lines of a folder that still say what the place it was copied from says, as `jurisdiction.yaml:3-5`."""
    found = []
    for file in [folder / MAIN, *sorted((folder / RULES).glob("*.yaml"))]:
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        numbers = [number for number, line in enumerate(text.splitlines(), 1) if MARK in line]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
            first, *rest = (number for _, number in run)
            found.append(f"{file.relative_to(folder)}:{first}{f'-{rest[-1]}' if rest else ''}")
    return found


def lines_of(folder: Path) -> Mapping[LinePath, int]:
    """Where each value of a folder's `jurisdiction.yaml` stands."""
    return read_yaml(text_of(folder / MAIN), MAIN)[1]


def copied(name: str, to: Path, today: date, place: str = "", title: Mapping[str, str] = {}) -> list[Path]:
    """Copy a shipped jurisdiction's folder to begin another from, under an id and a title of its own.

    Without `place` it is called as the folder is. Its languages are those of its title. Its rules are in force from the first
    of the next month on, for whoever is connected then or later. Each line that is still of the other place is marked. Raises
    NotSaid where something is there already, or where the name is none.
    """
    if to.exists() and any(to.iterdir()):
        raise NotSaid(f"{to}: there is something in it already. Give a folder that is empty or not there yet.")
    place = place or to.resolve().name.lower()
    languages = load(name).jurisdiction.languages
    _check_id(place)
    files = {Path(file): data for file, data in own_files(name).items()}
    rules = folder_of(name) / RULES
    own = sorted(file.name.removesuffix(".yaml") for file in rules.iterdir()) if rules.is_dir() else []
    renamed = {
        rule: f"{place}{rule.removeprefix(name)}" if rule.startswith(name) else f"{place}-{rule}" for rule in own
    }
    for rule, new in renamed.items():
        text = (rules / f"{rule}.yaml").read_text(encoding="utf-8")
        files[Path(RULES) / f"{new}.yaml"] = _own_rule(_line(text, "id", new), languages, today).encode()
    main = files[Path(MAIN)].decode()
    main = main[main.index("\n") + 1 :] if main.startswith("#") else main
    main = _line(_line(main, "id", place), "title", flow({**title} if title else dict.fromkeys(languages, place)))
    if title:
        main = _line(main, "languages", flow(list(title)))
    for rule, new in renamed.items():
        main = re.sub(rf"^((?:rules|compare): .*?)\b{re.escape(rule)}\b", rf"\g<1>{new}", main, flags=re.MULTILINE)
    keys = (
        "zone",
        "currency",
        "earliest",
        "kinds",
        "accesses",
        "levels",
        "numbers",
        "working",
        "address",
        "city",
        "compare",
    )
    main = _marked(main, (*(() if title else ("title", "languages")), *keys, "sources", "notes"))
    main = _marked_texts(main, languages)
    files |= _headings(load(name))
    first = f"# {place}: made from {name}. Each line with the mark CHANGE is still that of {name}.\n"
    files[Path(MAIN)] = (first + main).encode()
    fill_folder(to, files)
    return [to / file for file in files]


def _own_rule(text: str, languages: Sequence[str], today: date) -> str:
    """The rule of another place as a draft of one's own: what is of that place is marked, and it begins on a day to come.

    Duties that count from a connection are of those connected from then on: else a whole country's lines would stand on the
    duties board of the first day, filed years too late.
    """
    begins = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    marked = _marked(text, ("title", "summary", "zone", "sources", "notes"))
    marked = re.sub(r"^(    fine_(?:from|to): [^\n]*?)$", rf"\1 {MARK}", marked, flags=re.MULTILINE)
    counted = r"^    counts_from: (?:connection|activation)$"
    marked = re.sub(counted, rf"\g<0>\n    applies: new {MARK}", marked, flags=re.MULTILINE)
    marked = marked.replace("  - name: contact\n", "  - name: contact\n    of: [organisation]\n", 1)
    marked = re.sub(r"^status: .*$", rf"\g<0>\nin_force: {begins} {MARK}", marked, count=1, flags=re.MULTILINE)
    return _marked_texts(marked, languages)


def _marked_texts(text: str, languages: Sequence[str]) -> str:
    """The text with the mark behind each line that has words in a language of the place it was copied from."""
    tags = "|".join(map(re.escape, languages))
    spoken = re.compile(rf"^(?:[^#\n'\"]*\{{|  )(?:{tags}): ")
    return "".join(
        f"{line.rstrip()} {MARK}\n"
        if spoken.match(line) and MARK not in line and not line.startswith("title:")
        else line
        for line in text.splitlines(keepends=True)
    )


def _headings(like: Bundle) -> dict[Path, bytes]:
    """The first rows of the tables that the place copied has none of: whoever has offices and days off writes them beneath."""
    place = like.jurisdiction
    lines = "".join(place.address.lines) if place.address else ""
    parts = [part for part in OFFICE_PARTS if f"{{{part}}}" in lines] or ["address"]
    heads = {OFFICES: ["district", "counters", *parts], DAYS: ["day", "worked"]}
    return {
        Path(name): (",".join([*columns, *place.languages]) + "\n").encode()
        for name, columns in heads.items()
        if name not in own_files(place.id)
    }


def _check_id(place: str) -> None:
    try:
        msgspec.convert(place, Identifier)
    except msgspec.ValidationError as error:
        raise NotSaid(
            f"{place!r} is no id of a jurisdiction: small letters, digits and hyphens, as tz. Give one: --id tz."
        ) from error
    if place in shipped():
        raise NotSaid(f"{place!r} is the id of a jurisdiction that ships. Give another: --id {place}-2.")


def _line(text: str, key: str, value: str) -> str:
    """The text with another value on the line of one of its first keys."""
    return re.sub(rf"^{key}: .*$", lambda _: f"{key}: {value}", text, count=1, flags=re.MULTILINE)


def _marked(text: str, keys: tuple[str, ...]) -> str:
    """The text with the mark behind the line of each of these keys of its first level."""
    pattern = rf"^((?:{'|'.join(keys)}):(?: [^#\n]*?)?)\s*(?:#.*)?$"
    return re.sub(pattern, rf"\1 {MARK}", text, flags=re.MULTILINE)
