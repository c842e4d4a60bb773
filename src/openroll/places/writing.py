"""A bundle as the texts it is changed by: `jurisdiction.yaml` and `districts.csv`, as a person edits them, and read again.

What stands in other files (offices, days off, the map) goes along as it is: `openroll jurisdiction propose FOLDER` changes those.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from ruamel.yaml import YAML

from openroll.places.bundle import Bundle, full_name
from openroll.places.model import SHAPES
from openroll.places.reading import MAIN, JurisdictionFaults, read_bundle
from openroll.places.tables import DAYS, DISTRICTS, OFFICES
from openroll.rules.faults import Fault
from openroll.rules.sentence import sentence
from openroll.rules.text import MADE_ON


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_COLUMNS = ("code", "parent", "since", "until", "into")


def saved_text(bundle: Bundle) -> str:
    """`main_text` under a line that names the bundle, so that whoever proposes the changed text says what it was made on."""
    return f"{MADE_ON}{full_name(bundle)}\n{main_text(bundle)}"


def main_text(bundle: Bundle) -> str:
    """What `jurisdiction.yaml` says of a bundle; what is empty is left out."""
    out = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = None, 130, True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # typed as None; keys stay in the order of the schema
    plain: dict[str, Any] = msgspec.to_builtins(bundle.jurisdiction)
    yaml.dump({key: _without_nothing(value) for key, value in plain.items() if value}, out)
    return out.getvalue()


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nothing(one) for key, one in value.items() if one is not None}
    return [_without_nothing(one) for one in value] if isinstance(value, list | tuple) else value


def districts_text(bundle: Bundle) -> str:
    """What `districts.csv` says of a bundle."""
    languages = list(dict.fromkeys(lang for district in bundle.districts for lang in district.title))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, *languages])
    for one in bundle.districts:
        of = (one.code, one.parent, one.since or "", one.until or "", " ".join(one.into))
        writer.writerow([*of, *(one.title.get(lang, "") for lang in languages)])
    return out.getvalue()


def changed_by(bundle: Bundle, main: str, districts: str) -> Bundle:
    """The bundle with these two texts in the place of its own. Raises JurisdictionFaults, with all that is wrong."""
    return later_state(bundle, {MAIN: main.encode(), DISTRICTS: districts.encode()})


def later_state(old: Bundle, files: Mapping[str, bytes]) -> Bundle:
    """The jurisdiction that these files describe; what none of them says stays as it is in `old`. Raises JurisdictionFaults.

    Days off are worked out anew where the files say otherwise how they are known; else they stay as they are, day by day.
    """
    new = read_bundle(files)
    days = DAYS not in files and new.jurisdiction.working == old.jurisdiction.working
    made = msgspec.structs.replace(
        new,
        days_off=old.days_off if days else new.days_off,
        offices=new.offices if OFFICES in files else old.offices,
        shapes=new.shapes if SHAPES in files else old.shapes,
        city=_city(old, new),
    )
    check_goes_on(old, made)
    return made


def _city(old: Bundle, new: Bundle) -> str | UnsetType:
    """The city of the place's own: as the files have it; as it was where they name the same one and have none."""
    named = new.jurisdiction.city
    return old.city if new.city is UNSET and named == old.jurisdiction.city else new.city


def check_goes_on(old: Bundle, new: Bundle) -> None:
    """Raise JurisdictionFaults where `new` is no later state of the same place.

    That is another place, one without districts that were there, or one that says otherwise under the same `version` or an older.
    """
    faults = list(_gone(old, new))
    if faults:
        raise JurisdictionFaults(faults)


def _gone(old: Bundle, new: Bundle) -> Iterator[Fault]:
    if new.jurisdiction.id != old.jurisdiction.id:
        found = f"It is called {new.jurisdiction.id!r}."
        yield Fault(MAIN, 1, "id", found, f"the same place, {old.jurisdiction.id!r}, changed")
    if new != old and new.jurisdiction.version <= old.jurisdiction.version:
        said, before = new.jurisdiction.version, old.jurisdiction.version
        same = sentence(_("It is {said}, and what it changes has {before}."), said=said, before=before)
        higher = sentence(_("{least} or more, for it goes up with each change"), least=before + 1)
        yield Fault(MAIN, 1, "version", same, higher, f"version: {before + 1}")
    for code in old.by_code:
        if code not in new.by_code:
            expected = "every district that ever was; one that ends has its last day in `until`"
            yield Fault(DISTRICTS, 1, "code", f"The district {code!r} is gone; records name it.", expected)
