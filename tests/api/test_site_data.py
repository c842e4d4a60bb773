"""The directory as data: each form has each organisation's site once, with its place in the log, and what changes is told on."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import polars as pl
import pytest
from tests.api.test_api import Client
from tests.seats import seated
from tests.sites import covering_sites, in_the_open, numbers, private, site

from openroll.compose.server import application
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.number import number_text
from openroll.service.acts import Acted
from openroll.service.governance.lives import offer_succession, succeed
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites import changes, files
from openroll.service.sites.filing import step
from openroll.tlog import Entry, bundle_path, decode_bundle


@pytest.fixture
def east(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    """Who filed three sites, of which one has ended since, and a person's; lots are of two."""
    monkeypatch.setattr(files, "LOT", 2)
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        _, ends, _ = numbers(roll, seat, site("a", sponsor="=cmd|'/c calc'!A1"), site("b"), private())
        numbers(roll, seat, site("c", domains=("xn--1jqq80b.example.org", "c.example.org"), control="file"))
        Sequencer(roll).run_until_empty()
        assert isinstance(step(roll, commands.EndSite(site=ends, on=roll.day(roll.clock())), seat), Acted)
        yield seat


@pytest.fixture
def client(roll: Roll, east: Seat) -> Iterator[Client]:
    """Somebody who fetches."""
    with Client(application(roll)) as client:
        yield client


def test_every_form_has_every_organisation_s_site_and_no_person_s(roll: Roll, client: Client) -> None:
    """CSV, which runs nothing in a spreadsheet, NDJSON and Parquet say the same; whoever has it already is told so."""
    Sequencer(roll).run_until_empty()
    answers = {form: client.get(f"/api/v1/sites.{form}") for form in ("csv", "ndjson", "parquet")}
    table = list(csv.DictReader(io.StringIO(answers["csv"].text)))
    lines = [json.loads(line) for line in answers["ndjson"].text.splitlines()]
    frame = pl.read_parquet(io.BytesIO(answers["parquet"].content)).to_dicts()
    first, second, third = map(number_text, in_the_open(roll))
    assert [one["number"] for one in lines] == sorted((first, second, third))
    of = {one["number"]: one for one in table}
    assert [of[number]["sponsor"] for number in (first, second, third)] == [
        "'=cmd|'/c calc'!A1",
        "重庆书店",
        "重庆书店",
    ]
    assert of[third]["domains"] == "xn--1jqq80b.example.org c.example.org"
    assert [tuple(one) for one in (table[0], lines[0], frame[0])] == [files.COLUMNS] * 3
    assert [{name: str(value) for name, value in one.items()} for one in lines] == [
        {name: str(value) for name, value in one.items()} for one in frame
    ]
    assert [of[number]["state"] for number in (first, second, third)] == ["live", "ended", "live"]
    for form, answer in answers.items():
        known = client.get(f"/api/v1/sites.{form}", headers={"if-none-match": answer.headers["etag"]})
        assert (known.status_code, known.content) == (304, b""), form


def test_each_row_says_where_its_newest_fact_stands_in_the_log(roll: Roll, east: Seat) -> None:
    """The entry at that position is that fact; what waits for its place says none, and the file is another once it has one."""
    before, waiting = files.version(roll), rows(roll)
    ended = number_text(in_the_open(roll)[1])
    assert [line["number"] for line in waiting if line["position"] is None] == [ended]
    Sequencer(roll).run_until_empty()
    assert files.version(roll).tag != before.tag
    assert files.version(roll) == files.version(roll)
    entries = logged(roll)
    for line in rows(roll):
        entry = entries[line["position"]]
        assert entry["name"] == ("site.ended/1" if line["state"] == "ended" else "site.filed/1")
        assert number_text(entry["fact"]["site"]) == line["number"]


def test_what_changed_is_told_from_any_position_on_as_the_log_has_it(
    roll: Roll, east: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However answers fall: each fact of an organisation's site once and in order, and nothing that is not in the log."""
    lead, heir = seated(roll, "east", "operator-lead"), seated(roll, "west", "operator-lead")
    offer_succession(roll, "east", "west", lead)
    succeed(roll, "east", by=heir)
    assert [one["name"] for one in told(roll)] == ["site.filed/1"] * 3
    Sequencer(roll).run_until_empty()
    entries = logged(roll)
    said = [{"position": at, **one} for at, one in entries.items() if one["name"] in changes.NAMES]
    assert [one["name"] for one in said][3:] == ["site.ended/1", "operator.succeeded/1"]
    for most, window, windows in ((5_000, 16_384, 64), (1, 16_384, 64), (2, 1, 64), (5_000, 2, 1), (1, 3, 2)):
        monkeypatch.setattr(changes, "MOST", most)
        monkeypatch.setattr(changes, "WINDOW", window)
        monkeypatch.setattr(changes, "WINDOWS", windows)
        assert told(roll) == said, (most, window, windows)
        assert told(roll, said[2]["position"]) == said[2:]


def test_the_feed_says_from_where_to_go_on(
    roll: Roll, east: Seat, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its last line and in a header; a position that the log has not is no place to go on from."""
    monkeypatch.setattr(changes, "MOST", 2)
    Sequencer(roll).run_until_empty()
    answer = client.get("/api/v1/sites/changes")
    *lines, last = map(json.loads, answer.text.splitlines())
    assert [one["name"] for one in lines] == ["site.filed/1"] * 2
    assert last["next"] == lines[-1]["position"] + 1 < last["size"]
    assert answer.headers["link"] == f'</api/v1/sites/changes?since={last["next"]}>; rel="next"'
    listed = client.get("/api/v1/sites.csv").headers["link"]
    assert f"</api/v1/sites/changes?since={last['size']}>" in listed
    assert client.get("/api/v1/sites/changes", params={"since": 10**6}).json()["code"] == "request-shape"
    assert client.get("/api/v1/sites/changes", params={"since": "-1"}).status_code == 400


def rows(roll: Roll) -> list[dict[str, Any]]:
    """The directory, lot by lot."""
    lot, found = files.Lot(b"", 0), list[dict[str, Any]]()
    while lot.last is not None:
        lot = files.ndjson_lot(roll, lot.last)
        found += map(json.loads, lot.data.splitlines())
    return found


def told(roll: Roll, since: int = 0) -> list[dict[str, Any]]:
    """What was told from a position on, answer by answer, each of which says from where to go on."""
    found: list[dict[str, Any]] = []
    while True:
        answer = changes.changes(roll, since)
        assert answer is not None
        found += json.loads(msgspec.json.encode(answer.facts))
        if answer.next == answer.size:
            return found
        assert answer.next > since
        since = answer.next


def logged(roll: Roll) -> dict[int, dict[str, Any]]:
    """The official acts among the entries of the log by position, as anybody reads them in its files."""
    size = int((roll.public / "checkpoint").read_text("utf-8").splitlines()[1])
    entries = map(Entry.parse, decode_bundle((roll.public / bundle_path(0, size)).read_bytes()))
    return {
        at: {"name": one.kind, "day": one.day, "fact": json.loads(one.act)}
        for at, one in enumerate(entries)
        if one.act is not None
    }
