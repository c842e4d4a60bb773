"""A bundle as the texts it is changed by, as a person edits them, and read again.

The registrar's page has `jurisdiction.yaml` and `districts.csv`; what stands in other files (offices, days off, the map, a city)
goes along as it is there. `openroll jurisdiction save` writes them all, and `propose FOLDER` changes those.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from ruamel.yaml import YAML

from openroll.places.address import PART
from openroll.places.bundle import Bundle, full_name
from openroll.places.days_off import own_days
from openroll.places.model import OFFICE_PARTS, SHAPES, DayOff, city_path
from openroll.places.reading import MAIN, JurisdictionFaults, read_bundle
from openroll.places.tables import DAYS, DISTRICTS, OFFICES
from openroll.rules.faults import Fault
from openroll.rules.language import ranges
from openroll.rules.sentence import sentence
from openroll.rules.text import MADE_ON, read_yaml, said


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


def offices_text(bundle: Bundle) -> str:
    """What `offices.csv` says of a bundle; its heading alone where there is none."""
    offices = bundle.offices
    languages = _tags(bundle, (office.title for office in offices))
    lines = bundle.jurisdiction.address.lines if bundle.jurisdiction.address else ()
    named = {part for line in lines for part in PART.findall(line)}
    named |= {part for office in offices if office.parts is not UNSET for part in office.parts}
    parts = [part for part in OFFICE_PARTS if part in named]
    whole = ["address"] if not parts or any(office.address for office in offices) else []
    rows = (
        {"district": one.district, "counters": one.counters, "address": one.address}
        | ({} if one.parts is UNSET else one.parts)
        | dict(one.title)
        for one in offices
    )
    return _table(["district", "counters", *whole, *parts, *languages], rows)


def days_text(bundle: Bundle) -> str:
    """What `days.csv` says of a bundle: the days that the library of holidays does not say by itself, or says otherwise."""
    days = own_days(bundle.days_off, bundle.jurisdiction.working, bundle.jurisdiction.languages)
    languages = _tags(bundle, (one.titles for one in days if one.titles is not UNSET))
    main = next((tag for tag in ranges(bundle.jurisdiction.languages[0]) if tag in languages), "title")
    rows = (
        {"day": one.day, "worked": "yes" if one.worked else "no"}
        | ({main: one.title} if one.titles is UNSET else dict(one.titles))
        for one in days
    )
    return _table(["day", "worked", *dict.fromkeys((main, *languages))], rows)


def saved_files(bundle: Bundle) -> dict[str, str]:
    """A bundle as the files of a folder, by their names: all that `later_state` reads, which makes the same bundle of them."""
    files = {
        MAIN: saved_text(bundle),
        DISTRICTS: districts_text(bundle),
        OFFICES: offices_text(bundle),
        DAYS: days_text(bundle),
    }
    if bundle.shapes:
        files[SHAPES] = bundle.shapes
    if bundle.city is not UNSET and bundle.jurisdiction.city:
        files[city_path(bundle.jurisdiction.city)] = bundle.city
    return files


def _tags(bundle: Bundle, texts: Iterable[Mapping[str, str]]) -> list[str]:
    """The languages of a table's columns: those of its texts, or of the place where there are none."""
    return list(dict.fromkeys(lang for text in texts for lang in text)) or list(bundle.jurisdiction.languages)


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def changed_by(bundle: Bundle, main: str, districts: str) -> Bundle:
    """The bundle with these two texts in the place of its own. Raises JurisdictionFaults, with all that is wrong."""
    return later_state(bundle, {MAIN: main.encode(), DISTRICTS: districts.encode()})


def later_state(old: Bundle, files: Mapping[str, bytes]) -> Bundle:
    """The jurisdiction that these files describe; what none of them says stays as it is in `old`. Raises JurisdictionFaults.

    What the library says is asked anew where the files say otherwise how days off are known; else it stays as it is, day by day.
    Days of the place's own stay where there is no file of them.
    """
    new = read_bundle(files)
    made = msgspec.structs.replace(
        new,
        days_off=_days(old, new, written=DAYS in files),
        offices=new.offices if OFFICES in files else old.offices,
        shapes=new.shapes if SHAPES in files else old.shapes,
        city=_city(old, new),
    )
    faults = list(_gone(old, made))
    if faults:
        lines = read_yaml(files[MAIN].decode("utf-8-sig"), MAIN)[1]
        at = {said(path): line for path, line in lines.items()}
        raise JurisdictionFaults([msgspec.structs.replace(one, line=at.get(one.path, one.line)) for one in faults])
    return made


def _days(old: Bundle, new: Bundle, *, written: bool) -> tuple[DayOff, ...]:
    """The days off of a later state, in order; `written` says that a file has those that are the place's own."""
    before, now = old.jurisdiction, new.jurisdiction
    if before.working == now.working and not written:
        return old.days_off
    kept = own_days(old.days_off, before.working, before.languages)
    if not written:
        return _in_order(new.days_off, kept)
    if before.working != now.working:
        return new.days_off
    own = {one.day for one in (*kept, *own_days(new.days_off, now.working, now.languages))}
    by_library = (one for one in old.days_off if one.day not in own)
    return _in_order(by_library, (one for one in new.days_off if one.day in own))


def _in_order(days: Iterable[DayOff], last_word: Iterable[DayOff]) -> tuple[DayOff, ...]:
    found = {one.day: one for one in (*days, *last_word)}
    return tuple(found[day] for day in sorted(found))


def _city(old: Bundle, new: Bundle) -> str | UnsetType:
    """The city of the place's own: as the files have it; as it was where they name the same one and have none."""
    named = new.jurisdiction.city
    return old.city if new.city is UNSET and named == old.jurisdiction.city else new.city


def _gone(old: Bundle, new: Bundle) -> Iterator[Fault]:
    """Why `new` is no later state of the same place.

    That is another place, one without districts that were there, or one that says otherwise under the same `version` or an older.
    """
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
