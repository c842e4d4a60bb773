"""What of a jurisdiction stands readable in each record may say nothing of anybody: no live roll opens in it, or takes it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from openroll.cli.jurisdiction import check
from openroll.places import (
    MAIN,
    Bundle,
    JurisdictionFaults,
    full_name,
    load,
    own_files,
    read_bundle,
    readable_faults,
    shipped,
    zones_of,
)
from openroll.places.model import SHAPES
from openroll.places.tables import DAYS, DISTRICTS
from openroll.register.decision import Decision, Refused
from openroll.register.official import Under
from openroll.register.organisation.seats import KEEPERS
from openroll.register.roll.commands import OpenRoll, Propose
from openroll.register.roll.decide import Roll, open_roll
from openroll.register.roll.refusals import PlaceUnsafe
from openroll.register.roll.rule_versions import Proposing, propose
from openroll.rules import load as load_rule
from openroll.service.governance.rule_standing import standing
from openroll.words import catalogue
from openroll.words.refusals import say_refused


def changed(old: str, new: str, file: str = MAIN) -> Bundle:
    """Kenya with one thing changed."""
    text = own_files("ke")[file].decode()
    assert old in text
    return read_bundle({**own_files("ke"), file: text.replace(old, new, 1).encode()})


HOME = "{id: household, title: {en: A household, sw: Kaya}}"
FIBRE = "{id: fibre, title: {en: Fibre, sw: Nyuzi (fibre)}}"
FIRM = "{en: An organisation, sw: Shirika}"
TRICKS = [
    (HOME, "{id: household, title: {en: HIV positive, sw: Kaya}}", "data protection law"),
    (HOME, "{id: household, title: {en: A heretic, sw: Kaya}}", "no list of plain words"),
    (HOME, "{id: household, title: {en: A household, sw: Mgeni}}", "no list of plain words"),
    ("{en: A person, sw: Mtu binafsi}", "{en: A person under 37 years}", "no age at which somebody comes of age"),
    (FIRM, "{en: A card that an organisation sells, sw: Shirika}", "does not say that it is an organisation"),
    (HOME, "{id: dissenter, title: {en: Dissenter}}", "neither that it is people"),
    ("{en: A person, sw: Mtu binafsi}", "{en: A person, sw: Mtu 0712 345 678}", "somebody is found"),
    (FIRM, "{en: A family at home, sw: Shirika}", "its title says people"),
    (FIRM, "{en: An organisation, sw: Nyumba}", "does not say that it is an organisation"),
    (FIBRE, "{id: hiv-clinic, title: {en: Fibre, sw: Nyuzi}}", "data protection law"),
    (FIBRE, "{id: reader, title: {en: A reader of forbidden things}}", "carries the line"),
    (FIBRE, "{id: fibre, title: {en: Fibre, sw: Kitu kipya}}", "the word Kitu kipya in sw"),
    (FIBRE, "{id: sim-wanjiku, title: {en: SIM card, sw: Laini ya simu}}", "the word wanjiku of its name"),
    (FIBRE, "{id: sim-a, title: {en: SIM card of Wanjiku Njeri, sw: Laini ya simu}}", "the word Wanjiku in en"),
    (FIBRE, "{id: sim-a, title: {en: SIM card, sw: Laini ya Wanjiku}}", "the word Wanjiku in sw"),
    (FIBRE, "{id: sim-card, title: {en: 'Line, has not paid', sw: Laini}}", "the word has in en"),
    (FIBRE, "{id: fibre, title: {en: 'Fibre, call history kept'}}", "what they do"),
    (FIBRE, "{id: fibre, title: {en: Fibre of the black list}}", "list of somebody"),
    ("title: {en: Kenya, sw: Kenya}", "title: {en: Kenya 0712345678, sw: Kenya}", "somebody is found"),
    ("'P.O. Box {box}-{postcode}'", "'Ask kamau@example.org {box}'", "somebody is found"),
]
ROWS = [
    ("12345678,Mombasa,Mombasa", "form of a number of somebody (identity)"),
    ("0712345678,Mombasa,Mombasa", "form of a number of somebody (telephone)"),
    ("1199112345671234,Mombasa,Mombasa", "more than 12 digits"),
    ('050,"Kamau, 0712 345 678",Mombasa', "somebody is found"),
    ("050,Mombasa,Li Na <li.na@example.org>", "somebody is found"),
    ('050,"Kamau, Moi Avenue 12-4",Mombasa', "somebody's door"),
    ("050,Kamau's date of birth,Mombasa", "who somebody is"),
    ("050,HIV patients,Mombasa", "list of somebody"),
    ("050,Muslims,Mombasa", "data protection law"),
    ("050,Mombasa,Waislamu na Muislamu", "data protection law"),
    ("050,Opponents of the government,Mombasa", "list of somebody"),
    ("050,Mombasa of browsing,Mombasa", "what they do"),
]


@pytest.mark.parametrize(("old", "new", "why"), TRICKS)
def test_the_lists_of_a_jurisdiction_give_nobody_away(old: str, new: str, why: str) -> None:
    """A kind, a way to connect, a text on every page: each is read by the eyes that read a clear field of a rule."""
    assert why in " ".join(map(str, readable_faults(changed(old, new))))


@pytest.mark.parametrize(("row", "why"), ROWS)
def test_a_district_is_a_place_and_no_person(row: str, why: str) -> None:
    """Its code is no number of somebody, its name nobody's address."""
    told = readable_faults(changed("001,Mombasa,Mombasa", row, DISTRICTS))
    assert why in " ".join(map(str, told))
    assert {(fault.file, fault.line) for fault in told} == {(DISTRICTS, 2)}


@pytest.mark.parametrize("name", ["Christiansand", "Gaya", "Race Course", "Muslim Town", "Castelo", "Muslim Mindanao"])
def test_a_place_may_be_called_as_it_is(name: str) -> None:
    """A name that begins as a word about people does, or that is a place's by the next word, is a place."""
    assert readable_faults(changed("001,Mombasa,Mombasa", f"001,{name},{name}", DISTRICTS)) == ()


def test_official_codes_that_grow_from_their_parents_are_places() -> None:
    """Long codes of parts of parts are no telephone numbers, though by chance they fit a plan of numbers."""
    rows = "code,parent,en,sw\n0712,,A,A\n07123456,0712,B,B\n0712345678,07123456,C,C\n"
    codes = read_bundle({**own_files("ke"), DISTRICTS: rows.encode()})
    assert "0712345678" not in " ".join(map(str, readable_faults(codes)))


@pytest.mark.parametrize("name", shipped())
def test_what_ships_says_nothing_of_anybody(name: str) -> None:
    """Each shipped jurisdiction, with its first rule, may open a roll."""
    place = load(name)
    assert readable_faults(place) == ()


def test_a_roll_is_neither_opened_nor_changed_with_such_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opening, proposing and `openroll jurisdiction check` refuse it, whatever the rule, and say what, in every language."""
    place = changed("{en: An organisation, sw: Shirika}", "{en: A family at home, sw: Shirika}")
    rule = load_rule("notification-2006")
    stands = standing(rule, place)
    assert stands.obstacles == ()
    under = Under("rule@1", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC))
    opening = OpenRoll(roll="r1", title={"en": "R"}, registrar={"en": "R"}, jurisdiction=full_name(place))
    asked = Propose(starts=date(2026, 2, 1), ref="", digest="", rule="", jurisdiction="", bundle="")
    decided: list[Decision] = [
        open_roll(opening, Roll(standing=stands, zones=zones_of(place)), KEEPERS, under),
        propose(asked, Proposing(stands, "rule@1", "", full_name(place), zones_of(place)), KEEPERS, under),
    ]
    for one in decided:
        assert isinstance(one, Refused)
        assert isinstance(one.refusal, PlaceUnsafe)
        assert all("organisation" in say_refused(one, lang) for lang in catalogue.shipped())
    for file, data in own_files("ke").items():
        said = data.replace(b"{en: An organisation", b"{en: A family at home").replace(b"version: 1", b"version: 2")
        (tmp_path / file).write_bytes(said)
    assert check(str(tmp_path), rule="notification-2006") == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "its title says people" in told
    assert "may open" not in told


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("\u200b\u3164", "U+200B, U+3164"),
        ("a\x00b", "U+0000"),
        ("a\u202eb", "U+202E"),
        ("a\x1b[31m", "U+001B"),
        ("a" * 100_000, "100,000 characters"),
    ],
)
def test_a_cell_of_a_table_is_what_it_looks_like(cell: str, wanted: str) -> None:
    """As in YAML: no character that no screen shows, and no name that fills a page."""
    with pytest.raises(JurisdictionFaults, match=wanted.replace("+", r"\+")):
        changed("001,Mombasa,Mombasa", f"001,{cell},Mombasa", DISTRICTS)


def feature(**changes: object) -> dict[str, object]:
    """A square for Mombasa, with more in it than a map needs."""
    square = {
        "type": "Polygon",
        "coordinates": [[[39, -4, 13900001111], [39.7, -4], [39.7, -4.1], [39, -4]]],
        "owner": "Kamau",
    }
    own = {"type": "Feature", "id": "Kamau", "properties": {"code": "001", "residents": ["Kamau"]}, "geometry": square}
    return own | changes


def test_a_map_keeps_shapes_and_codes_alone() -> None:
    """What is written beside them, or behind a position, enters no bundle; a bundle that has it opens no roll."""
    whole = {"type": "FeatureCollection", "features": [feature()], "residents": ["Kamau"]}
    bundle = read_bundle({**own_files("ke"), SHAPES: json.dumps(whole).encode()})
    assert "Kamau" not in bundle.shapes
    assert "1390000" not in bundle.shapes
    assert json.loads(bundle.shapes)["features"][0]["geometry"]["coordinates"][0][0] == [39, -4]
    assert readable_faults(bundle) == ()
    kept = Bundle(bundle.jurisdiction, bundle.districts, bundle.days_off, (), json.dumps(whole))
    assert [fault.file for fault in readable_faults(kept)] == [SHAPES]


@pytest.mark.parametrize(
    ("old", "new"),
    [("39.7", "1e999"), ("39.7", "NaN"), ("39.7", "4000"), ('"001"', '"\\ud800"'), ('"coordinates"', '"elsewhere"')],
)
def test_a_map_that_is_none_is_a_fault(old: str, new: str) -> None:
    """Numbers that are none, halves of letters and shapes without positions are told, and end nothing."""
    text = json.dumps({"type": "FeatureCollection", "features": [feature()]}).replace(old, new)
    with pytest.raises(JurisdictionFaults) as caught:
        read_bundle({**own_files("ke"), SHAPES: text.encode()})
    assert [fault.file for fault in caught.value.faults] == [SHAPES]
    assert str(caught.value).encode()


def test_days_off_without_end_are_a_fault() -> None:
    """Six days of rest and each seventh a day off: nothing would ever fall due, nor any day of the year 9000 be counted."""
    wednesdays = [
        date.fromordinal(day) for day in range(date(2024, 1, 3).toordinal(), date(2024, 6, 30).toordinal(), 7)
    ]
    table = "day,worked\n" + "".join(f"{day},no\n" for day in wednesdays)
    text = own_files("ke")[MAIN].decode()
    idle = text.replace("rest: [sat, sun]", "rest: [mon, tue, thu, fri, sat, sun]").encode()
    with pytest.raises(JurisdictionFaults, match=r"From 2023-12-28 on, no day is worked for more than 60 days"):
        read_bundle({**own_files("ke"), MAIN: idle, DAYS: table.encode()})
    with pytest.raises(JurisdictionFaults, match="9000-01-01 is far away"):
        read_bundle({**own_files("ke"), DAYS: b"day,worked\n9000-01-01,no\n"})
