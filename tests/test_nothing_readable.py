"""Whatever way 10,000 names and numbers of 5,000 people come in, nothing that rests anywhere holds one, and none can be computed.

The ways: an operator's file, the API, pages with script and without, what is refused and what fails. The places: tables, the
files and the write-ahead log they stand in, the roll's folder, the temporary folder, logs, backups, escrow deposits. The attacker
(`tests/attacker.py`) has all of these and every key.
"""

import csv
import hashlib
import hmac
import io
import json
import logging
import random
import re
import tempfile
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from stdnum.cn import ric

from openroll.archive import open_box
from openroll.disclosure import Disclosure, digests_of
from openroll.register.subscription.terms import terms_of
from openroll.service.filing import uploads
from openroll.service.filing.idempotency_key import hidden
from openroll.service.key_labels import USES
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery import backup, escrow, roll_files
from openroll.service.recovery.backup import House as Backed
from openroll.service.roll import Roll
from openroll.sheet.pack import pack
from openroll.web import commands
from tests.attacker import Attacker, hashes_in, pieces_of
from tests.handles import KEY, handle
from tests.service.copies import Holder
from tests.ways_in import Person, by_address, by_everything_else, by_port, by_request, by_rule
from tests.web.house import OF_THE_MACHINE, House, house, name_of
from tests.web.visitor import Visitor

COUNT = 5_000
SYLLABLES = [chr(code) for code in range(0x4E8C, 0x4E8C + 900)]
COLUMNS = ["account", "kind", "access", "district", "connected", "name", "contact", "address", "phone"]
FIELDS = ("name", "contact", "address", "phone")
AT_ONE_RECORD = 3
"""Values the attacker tries at each single record, its own among them; all 10,000 it tries under the registrar's keys."""


def known(count: int, seed: int) -> list[Person]:
    """People who are all different, with numbers whose check digit is right."""
    draw = random.Random(seed)
    people = []
    for place in range(count):
        name = "".join(draw.choices(SYLLABLES, k=4)) + f"{place:05d}"
        born = date(1930, 1, 1) + timedelta(days=draw.randrange(25_000))
        body = f"5001{draw.randrange(1, 13):02d}{born:%Y%m%d}{place % 1000:03d}"
        people.append(Person(name, body + ric.calc_check_digit(body + "0")))
    return people


LISTED = known(COUNT, 2006)
"""Whom an operator files."""
OTHERS = [Person(person.name[::-1], person.number) for person in known(60, 1949)]
BY_PAGE, IN_PAGE, BY_API, AS_KEY, REFUSED, FAILED, SOUGHT, SENT_RAW = (OTHERS[at : at + 6] for at in range(0, 48, 6))
ASKED, HOLDERS, PORTED, IN_RULES, TYPED = (OTHERS[at : at + 2] for at in range(48, 58, 2))
VALUES = [value for person in (*LISTED, *OTHERS) for value in person]


def values_of(people: list[Person]) -> list[str]:
    """Their names and numbers."""
    return [value for person in people for value in person]


class Loot(NamedTuple):
    """Everything at rest, by the place where it was found, the attacker with all keys, and what operators and people kept."""

    places: dict[str, bytes]
    attacker: Attacker
    kept: bytes
    roll: Roll


def digested(values: dict[str, str], random_bytes: Callable[[int], bytes]) -> tuple[list[str], list[str]]:
    """Digests with decoys for the rest, and disclosures, as an operator's program or a page's script makes them."""
    salts = {name: random_bytes(16) for name in values}
    digests, opened = digests_of(values, salts, [random_bytes(32) for _ in range(len(FIELDS) - len(values))])
    return digests, [one.encoded for one in opened.values()]


@pytest.fixture(scope="module")
def loot(database_url: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Loot]:
    """A roll into which everybody came by their way, and then all that was at rest anywhere."""
    folder = tmp_path_factory.mktemp("nothing")
    (folder / "tmp").mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder / "tmp")
    said = io.StringIO()
    listening = logging.StreamHandler(said)
    listening.addFilter(lambda record: record.name != "httpx")  # the visitors' own
    try:
        with psycopg.connect(database_url) as connection:
            started = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
        with house(database_url, folder / "home" / "rolls", name_of("nothing")) as inside:
            logging.getLogger().addHandler(listening)  # after the application, which sets up logging for itself
            kept = by_file(inside, folder) + b"\n".join((by_api(inside), by_page(inside), in_page(inside)))
            refused(inside)
            sent_raw(inside)
            failed(inside)
            sought(inside)
            kept += newer(inside)
            Sequencer(inside.roll).run_until_empty()
            places = at_rest(inside.roll, database_url, folder, str(started[0]) if started else "")
            places["logs"] = said.getvalue().encode()
            yield Loot(
                places,
                Attacker(keys_of(inside.roll), FIELDS, [use.of(inside.roll.keys) for use in USES]),
                kept,
                inside.roll,
            )
    finally:
        logging.getLogger().removeHandler(listening)
        tempfile.tempdir = before


def newer(inside: House) -> bytes:
    """What came otherwise than by a filing; what stays with who brought it."""
    disclosures = digested({"name": ASKED[0].name, "address": ASKED[1].number}, inside.roll.random_bytes)[1]
    ways = (by_address(inside, HOLDERS), by_port(inside, PORTED), by_rule(inside, IN_RULES))
    return b"\n".join((by_request(inside, ASKED, disclosures), *ways, by_everything_else(inside, TYPED)))


def by_file(inside: House, folder: Path) -> bytes:
    """An operator's packed list, sent to the API; what stays with the operator."""
    roll = inside.roll
    subscribers = folder / "subscribers.csv"
    with subscribers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, number in LISTED:
            # The rule asks no identity number; here it is the account number, the contact and the address, so that it goes the
            # whole way.
            writer.writerow([number, "organisation", "adsl", "500103", "2006-11-01", name, number, number, ""])
    terms = terms_of(roll.rule, roll.place, date(2006, 12, 20))
    filing, kept = folder / "list.filing.csv", folder / "list.disclosures.ndjson"
    packed = pack(subscribers, filing, kept, fields=roll.rule.fields, terms=terms, random=roll.random_bytes, key=KEY)
    assert (packed.rows, packed.fault_count) == (COUNT, 0)
    bearer = {"authorization": f"Bearer {inside.token()}"}
    answer = inside.visitor().ask("POST", "/api/v1/files", content=filing.read_bytes(), headers=bearer)
    assert answer.json()["stored"] == COUNT, answer.text
    opened = kept.read_bytes()
    for path in (subscribers, kept):
        path.unlink()  # these are the operator's, not the register's
    return opened


def by_api(inside: House) -> bytes:
    """An operator's program, which takes a number as its Idempotency-Key; what stays with the operator."""
    bearer, opened = {"authorization": f"Bearer {inside.token()}"}, []
    for place, (person, other) in enumerate(zip(BY_API, AS_KEY, strict=True)):
        digests, kept = digested(
            dict(zip(FIELDS, (person.name, person.number) * 2, strict=True)), inside.roll.random_bytes
        )
        row = {"handle": handle(f"api-{place}"), "kind": "organisation", "access": "adsl", "district": "500103"}
        row |= {"connected": "2006-11-01"}
        headers = bearer | {"idempotency-key": other.number}
        answer = inside.visitor().ask("POST", "/api/v1/filings", json=row | {"digests": digests}, headers=headers)
        assert answer.status_code == 201, answer.text
        opened += kept
    return "\n".join(opened).encode()


SUBSCRIPTION = {
    "operator": "east",
    "kind": "organisation",
    "access": "adsl",
    "district": "500103",
    "connected-year": "2006",
    "connected-month": "11",
    "connected-day": "27",
}


def a_form(visitor: Visitor, path: str) -> dict[str, str]:
    """What a form carries along hidden: its key and its seed."""
    shown = visitor.get(path).text
    return dict(re.findall(r'name="(key|seed)" value="([^"]*)"', shown))


def by_page(inside: House) -> bytes:
    """People without script: through the three steps, then telling more, and taking one thing back; what they were given."""
    opened = []
    for person in BY_PAGE:
        visitor = inside.visitor()
        form = a_form(visitor, "/en/file") | SUBSCRIPTION
        told = {"field-name": person.name, "field-contact": person.number, "field-address": person.name}
        for step in ("subscription", "about", "check"):
            answer = visitor.post("/en/file", form | {"step": step} | (told if step != "subscription" else {}))
            assert answer.status_code == 200, answer.text
        opened.append(disclosures_in(answer.text))
        again = visitor.post("/en/mine/tell", a_form(visitor, "/en/mine/tell") | {"field-address": person.number})
        opened.append(disclosures_in(again.text))
        back = a_form(visitor, "/en/mine/take-back") | {"disclosure": opened[-1]}
        assert visitor.post("/en/mine/take-back", back).status_code == 303
    return "\n".join(opened).encode()


def disclosures_in(page: str) -> str:
    """What the last page gives its reader, who has it and nobody else."""
    found = re.search(r'id="disclosures"[^>]*>([^<]+)</textarea>', page)
    assert found, page
    return found[1]


def in_page(inside: House) -> bytes:
    """People with script, as their browser sends it (`tests/web/journeys/test_telling.py` holds that it sends no more)."""
    opened = []
    for person in IN_PAGE:
        visitor = inside.visitor()
        asked = {"name": person.name, "contact": person.number, "address": person.name}
        digests, kept = digested(asked, inside.roll.random_bytes)
        _, by_choice = digested({"phone": person.number}, inside.roll.random_bytes)
        sent = {"in-page": "yes", "digests": " ".join(digests), "filled": "name contact address", "step": "check"}
        sent["told"] = Disclosure.parse(by_choice[0]).digest()
        answer = visitor.post("/en/file", a_form(visitor, "/en/file") | SUBSCRIPTION | sent)
        assert "Your filing code" in answer.text, answer.text
        opened += [*kept, *by_choice]
    return "\n".join(opened).encode()


def raw_list(people: list[Person]) -> bytes:
    """A list as it should never be sent: names and all, with cells of no known word besides."""
    lines = [",".join(COLUMNS)]
    for place, (name, number) in enumerate(people):
        lines.append(f"r-{place},{name},{number},500103,2006-11-01,{name},{number},{name},{number}")
    return "\n".join([*lines, ""]).encode()


def refused(inside: House) -> None:
    """What is refused at every door but the page of files: forms, rows, files and questions with values where none belong."""
    bearer = {"authorization": f"Bearer {inside.token()}"}
    visitor = inside.visitor()
    for name, number in REFUSED:
        row = {"handle": handle("x"), "kind": name, "access": number, "district": name, "connected": number}
        headers = bearer | {"idempotency-key": number}
        for body in (row, row | {"name": name}, [name], {"handle": name, "digests": [number]}):
            assert visitor.ask("POST", "/api/v1/filings", json=body, headers=headers).status_code >= 400
        told = {"field-name": name * 60, "field-contact": number, "step": "about"}
        assert visitor.post("/en/file", a_form(visitor, "/en/file") | SUBSCRIPTION | told).status_code == 422
        wrong = {"operator": name, "kind": number, "connected-year": number, "district": name, "step": "check"}
        assert visitor.post("/en/file", a_form(visitor, "/en/file") | wrong).status_code == 422
    answer = visitor.ask("POST", "/api/v1/files", content=raw_list(REFUSED), headers=bearer)
    assert answer.status_code == 422, answer.text


def sent_raw(inside: House) -> None:
    """A clerk sends the raw list by the page, under a telling name, and it is refused behind it."""
    clerk = inside.sitting("east/clerk")
    named = {"file": (f"{SENT_RAW[0].name}-{SENT_RAW[0].number}.csv", raw_list(SENT_RAW), "text/csv")}
    data = {"_csrf_token": clerk.token, "purpose": "file"}
    answer = clerk.ask("POST", "/en/operator/files", data=data, files=named)
    assert answer.status_code in (303, 422), answer.text
    if answer.status_code == 303:
        number = int(answer.headers["location"].rpartition("/")[2])
        for _ in range(3_000):
            row = uploads.find(inside.roll, "east", number)
            if getattr(row, "ended", True) is not None:
                break


def failed(inside: House) -> None:
    """A fault of our own while somebody's form is at hand, whose message repeats a value, and so does that of its cause."""

    def break_down(*_: Any) -> Any:
        raise ValueError(f"cannot digest {FAILED[0].name} {FAILED[0].number}")

    def break_again(*_: Any) -> Any:
        try:
            int(FAILED[1].name)
        except ValueError as error:
            raise LookupError(FAILED[1].number) from error

    visitor = inside.visitor()
    told = {"field-name": FAILED[0].name, "field-contact": FAILED[0].number, "field-address": "x", "step": "check"}
    form = a_form(visitor, "/en/file") | SUBSCRIPTION | told
    for broken in (break_down, break_again):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(commands, "told", broken)
            assert visitor.post("/en/file", form).status_code == 500


def sought(inside: House) -> None:
    """Names and numbers typed where a code or a handle belongs, by people, clerks and the registrar."""
    visitor, clerk = inside.visitor(), inside.sitting("east/clerk")
    registrar = inside.sitting("registrar/registrar")
    bearer = {"authorization": f"Bearer {inside.token()}"}
    for name, number in SOUGHT:
        for word in (name, number):
            visitor.post("/en/find", {"code": word})
            clerk.post("/en/operator/records", {"sought": word})
            registrar.post("/en/registrar/records", {"code": word, "sought": word, "why": "asked"})
            visitor.ask("POST", "/api/v1/record", json={"code": word})
            visitor.ask("GET", f"/api/v1/filings/{word}", headers=bearer)
            visitor.json("/en/passkey/sign-in", {"ceremony": word, "credential": {"id": word}})
            visitor.ask("GET", f"/en/{word}?next={word}")


def at_rest(roll: Roll, url: str, folder: Path, started: str) -> dict[str, bytes]:
    """Everything that was written down anywhere, by place."""
    holder = Holder(folder)
    done = backup.dump(Backed(folder / "home", url), roll.name, folder / "backups", holder.sealing)
    assert done.path
    deposited = escrow.deposit(roll, folder / "deposits", holder.sealing, "archive-office")
    places = {"backup": _box(done.path, holder, roll_files.FORM), "deposit": _box(deposited.path, holder, escrow.FORM)}
    for name, where in (("home", roll.home), ("temporary folder", folder / "tmp")):
        files = [path for path in sorted(where.rglob("*")) if path.is_file()]
        places[name] = b"\n".join(str(path.name).encode() + b"\n" + path.read_bytes() for path in files)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("checkpoint")
        places |= {f"{_ROWS}{table}": rows for table, rows in _rows(connection, roll.database.schema)}
        places["tables"] = b"\n".join(_table_files(connection, roll.database.schema))
        places["write-ahead log"] = b"\n".join(_wal(connection, started))
        places["the database's log"] = _read(connection, "log")
    return places


def _box(path: Path, holder: Holder, form: str) -> bytes:
    with open_box(path, holder.keys, form) as box:
        return b"\n".join(item.path.encode() + b"\n" + item.data.read(item.size) for item in box)


def _read(connection: psycopg.Connection, path: str) -> bytes:
    row = connection.execute("select pg_read_binary_file(%s, true)", (path,)).fetchone()
    return bytes(row[0]) if row and row[0] is not None else b""


def _table_files(connection: psycopg.Connection, schema: str) -> Iterator[bytes]:
    """The files of the schema's tables and indexes, with what was deleted in them and not yet written over."""
    rows = connection.execute(
        "select pg_relation_filepath(c.oid) from pg_class c where relnamespace = %s::regnamespace"
        " and pg_relation_filepath(c.oid) is not null",
        (schema,),
    ).fetchall()
    for (path,) in rows:
        yield _read(connection, path)


_ROWS = "rows of "


def _rows(connection: psycopg.Connection, schema: str) -> Iterator[tuple[str, bytes]]:
    """Every column of every row of every table there is, as PostgreSQL says it: what stands compressed in its file, too."""
    found = connection.execute(
        "select relname from pg_class where relkind in ('r', 'p', 'm', 'f') and relnamespace = %s::regnamespace",
        (schema,),
    ).fetchall()
    for (table,) in found:
        query = sql.SQL("select row_to_json(t)::text from {}.{} t").format(*map(sql.Identifier, (schema, table)))
        yield table, "\n".join(text for (text,) in connection.execute(query)).encode()


def _wal(connection: psycopg.Connection, started: str) -> Iterator[bytes]:
    """The segments of the write-ahead log from an instant on."""
    first = connection.execute("select pg_walfile_name(%s::pg_lsn)", (started,)).fetchone()
    assert first
    names = connection.execute("select name from pg_ls_waldir() where name >= %s order by name", (first[0],)).fetchall()
    for (name,) in names:
        with suppress(psycopg.errors.UndefinedFile):
            yield _read(connection, f"pg_wal/{name}")


def keys_of(roll: Roll) -> dict[str, bytes]:
    """Every key on the registrar's machine."""
    keys = {"codes": roll.keys.code_key, "addresses": roll.keys.address_key}
    for path in sorted((roll.home / "keys").glob("log-*.key")):
        # C2SP signed-note: the last part is base64 of an algorithm's byte and the seed.
        keys[path.name] = b64decode(path.read_text("ascii").strip().split("+", 4)[4])[1:]
    assert len(keys) == 4
    return keys


def test_every_place_was_reached(loot: Loot) -> None:
    """What is searched is there: each place has what belongs in it, and the same search finds all values with their owners."""
    assert set(loot.places) >= {"backup", "deposit", "home", "tables", "write-ahead log", "logs", "temporary folder"}
    mark = handle(LISTED[-1].number).encode()
    for place in ("backup", "deposit", "tables", "write-ahead log"):
        assert mark in loot.places[place], place
    assert b"checkpoint" in loot.places["home"]
    assert loot.places["logs"].count(b"failed: ") == 2
    kept = loot.attacker.read_off(loot.kept, values_of([*LISTED, *BY_PAGE, *IN_PAGE, *BY_API]))
    assert len(kept) == 2 * (COUNT + 18)


NOT_REACHED = {
    "derived_salts": "a moment, of rolls of before 0007",
    "ended_log": "a log that ended, with its keys",
    "former_subject": "a hash of who left a seat, by their provider",
    "lost": "places of the log that did not come back",
    "provider": "an organisation's provider",
    "published_figures": "counts",
    "site": "sites: of a person's a handle and digests, which the database holds it to",
    "site_word": "words of organisations' names and domains, which are public",
    "site_look": "of organisations' sites alone, whether each answered and when",
    "sign_of_life": "that an organisation is there, and on which day",
    "spent_puzzle": "hashes of the roll's own puzzles",
    "subject": "a hash of who sits in a seat, by their provider",
}
"""Tables in which this roll has no row, and what they hold: nothing that came in by any way above."""


def test_every_table_was_reached(loot: Loot) -> None:
    """A table that is added, and that no way leads into, is seen: say what may stand in it, or have people come there."""
    rows = {place.removeprefix(_ROWS): data for place, data in loot.places.items() if place.startswith(_ROWS)}
    assert {
        "request",
        "envelope",
        "notice",
        "asked_address",
        "contact",
        "rule_reading",
        "passkey",
        "left_handle",
    } <= set(rows)
    assert {table for table, data in rows.items() if not data} - OF_THE_MACHINE == set(NOT_REACHED)


def test_no_value_stands_in_any_column(loot: Loot) -> None:
    """Of any table there is: as text, in hexadecimal or base64, also in what PostgreSQL keeps compressed."""
    found = {
        place: loot.attacker.read_off(data, VALUES) for place, data in loot.places.items() if place.startswith(_ROWS)
    }
    assert {place for place, values in found.items() if values} == set()


@pytest.mark.parametrize(
    "place",
    ["backup", "deposit", "home", "tables", "write-ahead log", "logs", "the database's log", "temporary folder"],
)
def test_no_value_stands_anywhere(loot: Loot, place: str) -> None:
    """No name and no number that came in by any way stands there; encoded ones are looked for where text is kept."""
    encoded = place not in ("write-ahead log", "tables", "backup")
    assert loot.attacker.read_off(loot.places[place], VALUES, encoded=encoded) == set()


def test_a_file_refused_on_the_page_leaves_nothing(loot: Loot) -> None:
    """A raw list sent by mistake is gone before the answer: the file, its name, its cells, and every copy of them."""
    found = {
        place: loot.attacker.read_off(data, values_of(SENT_RAW), encoded=False) for place, data in loot.places.items()
    }
    assert {place for place, values in found.items() if values} == set()


def test_no_value_can_be_computed_from_the_keys(loot: Loot) -> None:
    """Of 10,000 candidates none, under any key of the registrar's and in any place, gives a hash that is kept."""
    targets = set().union(*map(hashes_in, loot.places.values()))
    assert len(targets) > 4 * COUNT
    assert loot.attacker.compute(targets, VALUES) == set()


def rows_about(roll: Roll, number: int) -> list[dict[str, Any]]:
    """Every row of the roll about one record, from any table."""
    rows = []
    with roll.database.own() as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
            " and column_name in ('stream', 'number', 'record') and data_type = 'bigint'"
        ).fetchall()
        for table, column in columns:
            query = sql.SQL("select row_to_json(t) from {} t where {} = %s")
            found = connection.execute(query.format(sql.Identifier(table), sql.Identifier(column)), (number,))
            rows += [row for (row,) in found]
    return rows


def test_no_value_can_be_computed_from_what_stands_beside_a_record(loot: Loot) -> None:
    """With all keys and every row about a record, no salt can be made under which a candidate opens one of its digests."""
    with loot.roll.database.own() as connection:
        ways = (
            ("select number from subscription where handle is null order by 1 limit 2", BY_PAGE),
            ("select number from subscription where handle is null order by 1 offset 6 limit 2", IN_PAGE),
            ("select number from idempotency where organisation <> '' order by 1 limit 2", BY_API),
            ("select number from subscription where file is not null order by 1 limit 2", LISTED),
        )
        filed = [(row[0], person) for query, people in ways for row, person in zip(connection.execute(query), people)]  # noqa: B905
    assert len(filed) == 8, "two of each way"
    for number, person in filed:
        rows = rows_about(loot.roll, number)
        tried = list(dict.fromkeys([*person, *VALUES[-AT_ONE_RECORD:]]))[:AT_ONE_RECORD]
        targets = hashes_in(json.dumps(rows).encode())
        assert loot.attacker.open_record(pieces_of(rows), targets, tried) == set(), number


def test_the_attacker_finds_what_can_be_found(loot: Loot) -> None:
    """The control: under the old scheme, with a seed that is kept, or hashed by themselves, the same program opens the values."""
    person, key = OTHERS[0], loot.roll.keys.code_key
    form_key = "0123456789abcdef01234567"

    def old(*parts: str) -> bytes:
        return hmac.digest(key, "\0".join((form_key, *parts)).encode(), "sha256")

    def kept_seed(*parts: str) -> bytes:
        return hmac.digest(bytes(range(32)), "\0".join((*parts, person.number)).encode(), "sha256")

    tried = [person.name, person.number, *VALUES[-60::10]]
    for salt_of, row in (
        (old, {"key": f"form-{form_key}", "number": 7}),
        (kept_seed, {"seed": "\\x" + bytes(range(32)).hex()}),
    ):
        digests, _ = digests_of({"phone": person.number}, {"phone": salt_of("salt", "phone")[:16]}, [])
        body = json.dumps([row, {"body": json.dumps({"digests": digests})}])
        found = loot.attacker.open_record(pieces_of(json.loads(body)), hashes_in(body.encode()), tried)
        assert found == {person.number}
    bare = {hashlib.sha256(person.number.encode()).digest(), hidden(key, person.name, b"").key}
    bare |= {hidden(b"", OTHERS[1].number, b"").key}
    text = " ".join(one.hex() for one in bare).encode()
    assert loot.attacker.compute(hashes_in(text), VALUES[-120:]) == {person.number, person.name, OTHERS[1].number}
    for data in (
        person.name.encode(),
        person.name.encode().hex().encode() * 2,
        urlsafe_b64encode(f"<{person.name}>".encode()),
    ):
        assert loot.attacker.read_off(data, VALUES[-120:]) == {person.name}
