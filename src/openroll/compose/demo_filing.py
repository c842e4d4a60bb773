"""The lists of a demonstration's operators: packed on their own side, and filed as anybody files."""

import csv
from datetime import timedelta
from pathlib import Path

from openroll.compose.made_up import people
from openroll.compose.settings import random_bytes
from openroll.places import Demonstration
from openroll.register.subscription.handle import KEY_BYTES, key_line, key_of
from openroll.rules.kinds import fields_of_subscriptions
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.roll import Roll
from openroll.sheet.pack import pack

ROWS = 10_000
EARLY = 60
"""Subscriptions of each operator that are filed before the month of requests, so that somebody can be asked about."""
EARLIER = timedelta(days=40)
"""How long before the demonstration's day they had their access."""


def file_lists(roll: Roll, shown: Demonstration, folder: Path, *, early: bool = False) -> dict[str, int]:
    """Have each operator pack and file its list, the `early` part or the rest; how many were stored, by operator.

    A list that was packed is filed again as it is. Raises SystemExit for what is refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored = {}
    for seed, operator in enumerate(shown.operators):
        count = ROWS // len(shown.operators) + (seed < ROWS % len(shown.operators))
        name = operator.operator
        filing = folder / (f"{name}.early.filing.csv" if early else f"{name}.filing.csv")
        if not filing.exists():
            rows, first = list(people(shown, roll.place, seed, count)), []
            if early or (folder / f"{name}.early.filing.csv").exists():  # a roll of before has the whole in one list
                long = str(shown.day - EARLIER)
                first = [row for row in rows if row["connected"] < long][:EARLY]
            _pack(roll, folder, name, first if early else [row for row in rows if row not in first], filing)
        taken = take_file(roll, name, filing)
        if not isinstance(taken, FileTaken):
            raise SystemExit(f"script/demo: {name}'s file was refused: {taken.faults[:1]}")
        stored[name] = taken.stored
    return stored


def disclosures_of(folder: Path, operator: str, *, early: bool) -> Path:
    """Where an operator keeps what opens its filings."""
    return folder / (f"{operator}.early.disclosures.ndjson" if early else f"{operator}.disclosures.ndjson")


def handle_key(folder: Path, operator: str) -> bytes:
    """An operator's handle key, made at the first start."""
    path = folder / f"{operator}.handle-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(key_line(random_bytes(KEY_BYTES)), encoding="ascii")
    return key_of(path.read_text(encoding="ascii"))


def _pack(roll: Roll, folder: Path, operator: str, rows: list[dict[str, str]], filing: Path) -> None:
    subscribers = filing.with_name(filing.name.replace(".filing.", "."))
    with subscribers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    kept = disclosures_of(folder, operator, early=".early." in filing.name)
    kept.unlink(missing_ok=True)  # left by a start that broke off before its filing file was there
    terms, fields = roll.setting(roll.day(roll.clock())).terms, fields_of_subscriptions(roll.rule)
    key = handle_key(folder, operator)
    packed = pack(subscribers, filing, kept, fields=fields, terms=terms, random=random_bytes, key=key)
    if packed.fault_count:
        raise SystemExit(f"script/demo: {packed.faults[0]}")
