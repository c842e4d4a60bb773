"""Jurisdictions as they are named on the command line: one that ships, or a folder of files; and the rule read with one."""

from pathlib import Path

from openroll.cli.arguments import NotSaid, rule_named
from openroll.places import MAIN, NAMES, Bundle, folder_of, load, own_files, read_bundle, shipped
from openroll.places.reading import MOST_BYTES
from openroll.places.writing import later_state
from openroll.service.governance.open_roll import Basis


def jurisdiction_named(name: str) -> Bundle:
    """A jurisdiction that ships, by its name, or one in a folder. Raises NotSaid, JurisdictionFaults or OSError."""
    folder = folder_named(name)
    return load(name) if folder is None else read_bundle(_files(folder))


def folder_named(name: str) -> Path | None:
    """The folder that a name means; None for a jurisdiction that ships. Raises NotSaid."""
    if name in shipped():
        return None
    folder = Path(name)
    if not folder.is_dir():
        known = ", ".join(shipped())
        raise NotSaid(f"{name}: no jurisdiction ships under this name ({known}), and it is no folder with a {MAIN}.")
    return folder


def basis_named(jurisdiction: str, rule: str) -> Basis:
    """What a roll is opened on. Without a rule it is the jurisdiction's first; without a jurisdiction, the one that names it.

    Raises NotSaid, NoSuchRule, RuleFaults (and JurisdictionFaults) or OSError.
    """
    if not jurisdiction:
        jurisdiction = _of_rule(rule)
    place = jurisdiction_named(jurisdiction)
    reference = rule or place.jurisdiction.rules[0]
    first, plus, over = reference.partition("+")
    folder = folder_named(jurisdiction)
    own = None if folder is None else folder / "rules" / f"{first}.yaml"
    return Basis(place, rule_named(f"{own}{plus}{over}" if own is not None and own.is_file() else reference))


def _of_rule(rule: str) -> str:
    """The one shipped jurisdiction that a rule was written for. Raises NotSaid."""
    if not rule:
        raise NotSaid(f"say where: --jurisdiction NAME or FOLDER. What ships: {', '.join(shipped())}.")
    first = rule.partition("+")[0]
    found = [name for name in shipped() if first in {one.partition("+")[0] for one in load(name).jurisdiction.rules}]
    if len(found) != 1:
        raise NotSaid(f"no jurisdiction that ships names the rule {rule}: say where, --jurisdiction NAME or FOLDER.")
    return found[0]


def proposed_in(folder: Path, old: Bundle) -> Bundle:
    """The jurisdiction in a folder, as a later state of `old`. Raises JurisdictionFaults, NotSaid or OSError."""
    if not folder.is_dir():
        raise NotSaid(f"{folder} is no folder with a {MAIN}.")
    return later_state(old, _files(folder))


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a folder that are part of its bundle, none read further than it may be long."""
    files = {}
    for name in NAMES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                files[name] = file.read(MOST_BYTES + 1)
    return files


def copied(name: str, to: Path) -> list[Path]:
    """Copy a shipped jurisdiction's folder to begin another from. Raises NotSaid where something is there already."""
    if to.exists() and any(to.iterdir()):
        raise NotSaid(f"{to}: there is something in it already. Give a folder that is empty or not there yet.")
    to.mkdir(parents=True, exist_ok=True)
    made = []
    for file, data in own_files(name).items():
        (to / file).write_bytes(data)
        made.append(to / file)
    rules = folder_of(name) / "rules"
    for one in sorted(rules.iterdir(), key=lambda file: file.name) if rules.is_dir() else ():
        (to / "rules").mkdir(exist_ok=True)
        (to / "rules" / one.name).write_bytes(one.read_bytes())
        made.append(to / "rules" / one.name)
    return made
