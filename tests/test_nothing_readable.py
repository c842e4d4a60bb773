"""After 10,000 filings of 10,000 known names and ID numbers, neither the database nor any served file holds one of them."""

import csv
import random
import re
import subprocess
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from stdnum.cn import ric

from openroll.register.terms import terms_of
from openroll.service.batch import FileTaken, take_file
from openroll.service.roll import Roll
from openroll.service.sequencer import Sequencer
from openroll.sheet.pack import pack
from openroll.store.postgres_tools import tool

COUNT = 10_000
SYLLABLES = [chr(code) for code in range(0x4E8C, 0x4E8C + 900)]


def known(count: int) -> list[tuple[str, str]]:
    """Names that are all different (and occur nowhere else) with ID numbers whose check digit is right."""
    draw = random.Random(2006)
    people = []
    for number in range(count):
        name = "".join(draw.choices(SYLLABLES, k=4)) + f"{number:05d}"
        born = date(1930, 1, 1) + timedelta(days=draw.randrange(25_000))
        body = f"5001{draw.randrange(1, 13):02d}{born:%Y%m%d}{number % 1000:03d}"
        people.append((name, body + ric.calc_check_digit(body + "0")))
    return people


def test_no_name_and_no_number_is_anywhere(new_roll: Callable[[], Roll], tmp_path: Path, database_url: str) -> None:
    """A full pg_dump and all served log files hold none of the names and none of the ID numbers that were filed."""
    roll = new_roll()
    people = known(COUNT)
    subscribers = tmp_path / "subscribers.csv"
    with subscribers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["handle", "kind", "access", "district", "connected", "name", "contact", "address", "phone"])
        for number, (name, identity) in enumerate(people):
            # The rule asks no ID number; here it is filed as the contact, so that one goes the whole way.
            writer.writerow(
                [f"k-{number}", "organisation", "adsl", "500103", "2006-11-01", name, identity, name, identity]
            )
    terms = terms_of(roll.rule, roll.districts, date(2006, 12, 20))
    filing, kept = tmp_path / "filing.csv", tmp_path / "kept.ndjson"
    packed = pack(subscribers, filing, kept, fields=roll.rule.fields, terms=terms, random=roll.salts)
    assert (packed.rows, packed.fault_count) == (COUNT, 0)
    taken = take_file(roll, "east", filing)
    assert isinstance(taken, FileTaken)
    assert taken.stored == COUNT
    Sequencer(roll).run_until_empty()

    dump = tmp_path / "dump.sql"
    command = [tool("pg_dump"), "--schema", roll.database.schema, "--file", str(dump), database_url]
    subprocess.run(command, check=True)
    served = [path.read_bytes() for path in roll.public.rglob("*") if path.is_file()]
    haystack = b"\n".join([dump.read_bytes(), filing.read_bytes(), *served])
    assert len(haystack) > COUNT * 500, "the dump is there and holds the filings"
    assert b"k-9999" in haystack
    assert found_in(haystack, people) == set()
    assert len(found_in(kept.read_bytes(), people)) == 2 * COUNT, "the same search finds all of them with the operator"


def found_in(data: bytes, people: list[tuple[str, str]]) -> set[str]:
    """Which of the names and numbers stand in some bytes: in plain sight, in hexadecimal, or in base64 of either kind."""
    wanted = {value for person in people for value in person}
    seen = [data]
    seen += [bytes.fromhex(one.decode()[: len(one) // 2 * 2]) for one in re.findall(rb"[0-9a-f]{32,}", data)]
    for token in re.findall(rb"[A-Za-z0-9+/_-]{20,}", data):
        seen.append(urlsafe_b64decode(token.replace(b"+", b"-").replace(b"/", b"_")[: len(token) // 4 * 4]))
        seen.append(
            urlsafe_b64decode(token.replace(b"+", b"-").replace(b"/", b"_") + b"=" * (-len(token) % 4))
            if len(token) % 4 != 1
            else b""
        )
    text = b"\n".join(seen).decode("utf-8", "replace")
    candidates = set(re.findall(r"[\u4e00-\u9fff]{4}\d{5}", text)) | set(re.findall(r"(?<!\d)\d{17}[\dX]", text))
    return candidates & wanted
