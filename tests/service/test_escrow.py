"""Escrow: a deposit alone makes a running roll on another machine, whose log is the one that was seen before."""

import base64
import hashlib
import io
import json
import os
import resource
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openroll.archive import Broken, CannotSeal, CannotUnseal, Item, Keys, Sealing, write_box
from openroll.register.decision import Refused
from openroll.service import work
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.rebuild import Rebuilt
from openroll.service.log.ratchet import Forked
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery import escrow_opening, escrow_trial
from openroll.service.recovery.backup_proof import Untrue
from openroll.service.recovery.escrow import FORM, KEYS, SIGNATURE, Deposited, NotDeposited, deposit, statement
from openroll.service.recovery.escrow_opening import CannotOpen, check, open_deposit
from openroll.service.recovery.escrow_trial import try_opening
from openroll.service.recovery.resume import resume, seen_at
from openroll.service.recurring import recurring
from openroll.service.roll import Roll
from openroll.store import schema, table_export
from openroll.store.projections import Difference
from openroll.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Signer,
    sign_checkpoint,
    sign_note,
    verify_consistency,
    verify_receipt,
)
from openroll.watch.log_reader import LogReader, fetch_checkpoint
from openroll.watch.source import FolderSource
from tests.conftest import Ticking
from tests.service.copies import Holder, clean, file_some, found
from tests.service.filings import rows_file

ROOT = Path(__file__).parents[2]


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    """Who holds the deposits."""
    return Holder(tmp_path)


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[str]:
    """The address of another, empty database."""
    name = f"escrow_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield database_url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def filed(roll: Roll) -> Roll:
    """A roll with filings in its log, and one that still waits for its place."""
    assert isinstance(take_file(roll, "east", rows_file(300)), FileTaken)
    Sequencer(roll).run_until_empty()
    file_some(roll, 1, place=False)
    return roll


def put_down(roll: Roll, folder: Path, holder: Holder) -> Deposited:
    """A deposit, made and handed over."""
    return deposit(roll, folder / "deposits", holder.sealing, "archive-office")


def a_receipt(roll: Roll, number: int) -> bytes:
    """The receipt of a filing."""
    made = receipt(roll, number, 1)
    assert not isinstance(made, Refused)
    return made


def test_a_deposit_alone_carries_the_roll_on(filed: Roll, holder: Holder, elsewhere: str, tmp_path: Path) -> None:
    """On another machine it is the same roll and the same log: old receipts hold, new ones are given, and all is clean."""
    with filed.database.own() as connection:
        row = connection.execute("select min(number), max(number) from subscription").fetchone()
    assert row is not None
    before = a_receipt(filed, row[0])
    done = put_down(filed, tmp_path, holder)
    home = tmp_path / "home"
    checked = open_deposit(done.path, home, elsewhere, holder.keys, clock=Ticking(), log_keys=filed.keys.verifier_keys)
    assert (checked.roll, checked.size) == (filed.name, done.size)
    new = found(home, elsewhere, filed.name)
    assert (new.origin, new.rule_name, new.keys.code_key) == (filed.origin, filed.rule_name, filed.keys.code_key)
    with pytest.raises(Forked, match="log resume"):
        Sequencer(new).run_until_empty()
    old_public = FolderSource(filed.public)
    resume(new, [seen_at(new, old_public)])
    Sequencer(new).run_until_empty()
    file_some(new, 5)
    assert clean(new) == done.size + 1 + 1 + 5  # the filing that waited, the act that says it came back, five new ones
    proved = verify_receipt(before, filed.keys.verifiers, origin=filed.origin)
    assert verify_receipt(a_receipt(new, row[0]), filed.keys.verifiers, origin=filed.origin).index == proved.index
    verify_receipt(a_receipt(new, row[1]), filed.keys.verifiers, origin=filed.origin)
    old, _ = fetch_checkpoint(old_public, filed.keys.verifiers)
    now, _ = fetch_checkpoint(FolderSource(new.public), filed.keys.verifiers)
    proof = LogReader(FolderSource(new.public), now).prove_consistency(old.size)
    verify_consistency(old.size, now.size, proof, old.root, now.root)
    with pytest.raises(CannotOpen, match="is there already"):
        open_deposit(done.path, home, elsewhere, holder.keys, clock=Ticking())
    with pytest.raises(CannotOpen, match="stands in this database already"):
        open_deposit(done.path, tmp_path / "other", elsewhere, holder.keys, clock=Ticking())


def test_every_table_goes_along_or_is_left_out_for_a_reason(roll: Roll) -> None:
    """A table that somebody adds tomorrow is in the deposit without anybody thinking of it."""
    with roll.database.open() as connection:
        there = {
            name
            for (name,) in connection.execute(
                "select tablename from pg_tables where schemaname = %s", (roll.database.schema,)
            )
        }
        assert set(table_export.names(connection)) == there - set(table_export.LEFT_OUT)
    assert set(table_export.LEFT_OUT) <= there


def test_a_deposit_is_an_official_act_and_a_missed_one_is_work(filed: Roll, holder: Holder, tmp_path: Path) -> None:
    """It stands in the log with its digest; two days without another, and it waits for somebody; the next one settles it."""
    assert [one.row.kind for one in work.queue(filed)] == []
    done = put_down(filed, tmp_path, holder)
    Sequencer(filed).run_until_empty()
    entry = (filed.public / "tile/entries/001.p").rglob("*")
    assert any(done.digest.encode() in path.read_bytes() for path in entry if path.is_file())
    assert [one.row.kind for one in work.queue(filed)] == []
    before = filed.clock
    filed.clock = lambda: before() + timedelta(days=2)
    watch = {"escrow-watch": recurring(filed)["escrow-watch"]}
    for _ in range(2):
        work.run_due(filed, watch, filed.clock())
        late = [one.row for one in work.queue(filed) if one.for_person]
        assert [(row.kind, row.key, row.owner) for row in late] == [("escrow", "2006-12-20", "registrar")]
    put_down(filed, tmp_path, holder)
    assert [one.row.kind for one in work.queue(filed)] == ["escrow-watch"]


def test_what_was_not_handed_over_is_not_said(filed: Roll, holder: Holder, tmp_path: Path) -> None:
    """The log says so only once the command that brings it to its holder has succeeded."""

    def said() -> int:
        with filed.database.own() as connection:
            row = connection.execute("select count(*) from event where name = 'escrow.deposited/1'").fetchone()
        return int(row[0]) if row else 0

    folder = tmp_path / "deposits"
    with pytest.raises(NotDeposited, match="status 1"):
        deposit(filed, folder, holder.sealing, "archive-office", hand_over="false")
    with pytest.raises(NotDeposited, match="cannot be run"):
        deposit(filed, folder, holder.sealing, "archive-office", hand_over="/no/such/command")
    assert said() == 0
    deposit(filed, folder, holder.sealing, "archive-office", hand_over="test -s")
    assert said() == 1


@pytest.fixture
def refused(filed: Roll, holder: Holder, elsewhere: str, tmp_path: Path) -> Callable[[Path, Keys], None]:
    """Opens what must not open, and sees that nothing is left of the attempt."""

    def tried(path: Path, keys: Keys) -> None:
        home = tmp_path / "nowhere"
        with pytest.raises((Broken, CannotUnseal, CannotOpen)):
            open_deposit(path, home, elsewhere, keys, clock=Ticking(), log_keys=filed.keys.verifier_keys)
        assert not schema.is_there(elsewhere, filed.name)
        assert not [path for path in home.rglob("*") if path.is_file()]

    return tried


def test_a_damaged_deposit_opens_nothing(
    filed: Roll, holder: Holder, tmp_path: Path, refused: Callable[[Path, Keys], None]
) -> None:
    """The wrong key, a file cut off, a byte altered: refused, and nothing of it is left in database or home."""
    done = put_down(filed, tmp_path, holder)
    data = done.path.read_bytes()
    refused(done.path, Holder(tmp_path).keys)
    for name, changed in {
        "cut.age": data[: len(data) // 2],
        "altered.age": data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        "end.age": data[:-1],
    }.items():
        (tmp_path / name).write_bytes(changed)
        refused(tmp_path / name, holder.keys)


def rewritten(path: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A plain deposit made anew with its files changed, as somebody could who has the holder's key; None drops one."""
    with tarfile.open(path) as old, tarfile.open(to, "w:gz") as new:
        files = {info.name: old.extractfile(info) for info in old}
        kept = {name: change(name, data.read()) for name, data in files.items() if data is not None}
        for name, data in kept.items():
            if data is not None:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    return to


def test_a_deposit_that_somebody_made_over_is_refused(
    filed: Roll, tmp_path: Path, refused: Callable[[Path, Keys], None]
) -> None:
    """A fact changed under a manifest made to fit is found by the log's signature; a file taken away by the manifest."""
    done = deposit(filed, tmp_path / "deposits", Sealing.readable_by_anyone(), "archive-office")
    assert check(done.path, Keys(())).size == done.size

    def changed(name: str, data: bytes) -> bytes:
        return data.replace(b"500103", b"500105") if name.startswith("tables/event") else data

    def without_a_table(name: str, data: bytes) -> bytes | None:
        return None if name.startswith("tables/token") or name == "tables/operator/000000.ndjson" else data

    def other_signature(name: str, data: bytes) -> bytes:
        return data.replace(b"openroll-escrow/1\n", b"openroll-escrow/1\nx") if name.endswith(".note") else data

    for number, change in enumerate((changed, without_a_table, other_signature)):
        refused(rewritten(done.path, tmp_path / f"{number}.tar.gz", change), Keys(()))


SIGNER = Signer.from_seed("anybody.example/log", b"s" * 32, "ed25519")
SAID = {
    "roll": "kept",
    "origin": SIGNER.name,
    "made": "2026-11-24T00:00:00Z",
    "revision": "0001",
    "record_number": 1,
    "size": 0,
    "root": "",
    "checkpoint": sign_checkpoint(Checkpoint(SIGNER.name, 0, EMPTY_ROOT), [SIGNER]).decode(),
    "tables": {},
}


def made_up(folder: Path, about: dict[str, object], keys: bytes = f"{SIGNER.verifier}\n".encode()) -> Path:
    """A deposit of somebody who has no roll, well signed with a key of their own."""
    path = folder / "x.escrow.tar.gz"

    def sign(manifest: bytes) -> dict[str, bytes]:
        return {SIGNATURE: sign_note(statement(SIGNER.name, 0, manifest), [SIGNER])}

    with write_box(path, Sealing.readable_by_anyone(), FORM, 0) as box:
        box.put(KEYS, keys)
        box.finish(about, sign)
    return path


@pytest.mark.parametrize(
    "said",
    [
        *({**SAID, "roll": name} for name in ("../../etc", "/etc", "a/b", "kept\n", "Kept", "", 'a" cascade', None)),
        *({**SAID, "revision": one} for one in ("head", "../0001", 1)),
        *({**SAID, "record_number": one} for one in (-1, 1 << 60, "1")),
        {**SAID, "tables": ["event"]},
        {**SAID, "checkpoint": 5},
        {**SAID, "size": -1},
        {},
    ],
)
def test_what_a_stranger_says_of_a_deposit_is_held_to_its_shape(said: dict[str, object], tmp_path: Path) -> None:
    """Without keys from elsewhere anybody's deposit is well signed: what it says becomes no path, no name and no traceback."""
    with pytest.raises(Broken, match="does not say what a deposit is about"):
        check(made_up(tmp_path, said), Keys())


@pytest.mark.parametrize("table", sorted(table_export.LEFT_OUT))
def test_a_table_that_no_deposit_has_is_refused(table: str, tmp_path: Path) -> None:
    """Sessions, throttles and seals of a depositor's making are named and refused, whatever else is right."""
    with pytest.raises(Broken, match=f"brings {table}, which no deposit has"):
        check(made_up(tmp_path, {**SAID, "tables": {"event": 0, table: 1}}), Keys())


def test_rows_of_a_deposit_are_read_some_at_a_time() -> None:
    """However a table's file is cut, its rows are whole; a row that is larger than any can be is refused."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 3, 3))

    lots = escrow_opening._lines(Item("tables/event/0", 8, 0, False, Slow(b"ab\ncdefg\nh")))
    assert [row for lot in lots for row in lot] == [b"ab", b"cdefg", b"h"]
    endless = Item("tables/event/0", 40 << 20, 0, False, io.BytesIO(bytes(40 << 20)))
    with pytest.raises(Broken, match="a row of more than"):
        list(escrow_opening._lines(endless))
    with pytest.raises(Broken, match="larger than"):
        escrow_opening._whole(endless)


def test_keys_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A deposit whose public keys are no keys is signed by nobody."""
    assert check(made_up(tmp_path, SAID), Keys()).roll == "kept"
    with pytest.raises(CannotOpen, match="not signed by the log"):
        check(made_up(tmp_path, SAID, b"\xff\xfe"), Keys())


def test_a_full_disk_keeps_nothing_and_says_nothing(filed: Roll, holder: Holder, tmp_path: Path) -> None:
    """A deposit that does not fit is not there, and the log does not speak of one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(CannotSeal, match="Nothing was kept"):
            put_down(filed, tmp_path, holder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "deposits").iterdir()) == []
    with filed.database.own() as connection:
        assert connection.execute("select count(*) from deposit").fetchone() == (0,)


def read_rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table of an unpacked deposit."""
    return [
        json.loads(line)
        for path in sorted((folder / "tables" / table).iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


def _places(rows: list[dict[str, Any]]) -> dict[int, int]:
    """The place of each placed event, by its id, as docs/escrow.md says."""
    places = {}
    for row in rows:
        for step in range(row["count"]):
            behind = step if row["offsets"] is None else int.from_bytes(_unhex(row["offsets"])[4 * step : 4 * step + 4])
            places[row["event"] + step] = row["position"] + behind
    return places


def _entries(folder: Path) -> list[bytes]:
    """Every entry of the log, from the fullest bundles (C2SP tlog-tiles: two bytes of length before each)."""
    bundles: dict[int, bytes] = {}
    for path in sorted((folder / "log" / "tile" / "entries").rglob("*")):
        if path.is_file():
            number = int(
                str(path.relative_to(folder / "log" / "tile" / "entries"))
                .split(".p")[0]
                .replace("/", "")
                .replace("x", "")
            )
            bundles[number] = max(bundles.get(number, b""), path.read_bytes(), key=len)
    entries, at, all_of_them = [], 0, b"".join(bundles[number] for number in sorted(bundles))
    while at < len(all_of_them):
        end = at + 2 + int.from_bytes(all_of_them[at : at + 2])
        entries.append(all_of_them[at + 2 : end])
        at = end
    return entries


def test_a_deposit_can_be_read_without_us(filed: Roll, tmp_path: Path) -> None:
    """What docs/escrow.md says is enough: tar, SHA-256 and JSON; every event's commitment is in the bundles of the log."""
    done = deposit(filed, tmp_path / "deposits", Sealing.readable_by_anyone(), "archive-office")
    folder = tmp_path / "by-hand"
    folder.mkdir()
    subprocess.run(["tar", "-xzf", done.path, "-C", folder], check=True)
    assert hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest() == done.digest
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    lines = "".join(f"{one['sha256']}  {one['path']}\n" for one in manifest["files"])
    subprocess.run(["sha256sum", "--check", "--quiet"], cwd=folder, input=lines, text=True, check=True)
    rows = read_rows(folder, "event")
    assert len(rows) == manifest["about"]["tables"]["event"] == 304
    page = (ROOT / "docs" / "escrow.md").read_text(encoding="utf-8")
    for top in {one["path"].split("/")[0] for one in manifest["files"]}:
        assert f"`{top}/" in page, top
    for name in manifest["about"]:
        assert f"`{name}`" in page, name
    for name in rows[0]:
        assert f"`{name}`" in page, name
    for name in table_export.LEFT_OUT:
        assert f"`{name}`" in page, name
    places = _places(read_rows(folder, "placed"))
    assert any(row["offsets"] for row in read_rows(folder, "placed"))
    entries = _entries(folder)
    assert sorted(places.values()) == list(range(len(entries))) == list(range(303))
    domain = b"openroll/event/1"
    for row in rows:
        salt, body = _unhex(row["salt"]), row["body"].encode()
        commitment = hashlib.sha256(bytes([len(domain)]) + domain + salt + body).digest()
        assert row["commitment"] == "\\x" + commitment.hex()
        if row["id"] in places:
            _, kind, day, shown = entries[places[row["id"]]].split(b"\n")[:4]
            assert (kind.decode(), day.decode(), base64.b64decode(shown)) == (row["name"], row["day"], commitment)
    for name in ("offsets", "position", "count"):
        assert f"`{name}`" in page, name


def test_a_trial_opening_says_whether_a_roll_comes_of_it(
    filed: Roll, holder: Holder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good deposit opens, beside everything; one whose bytes are whole and whose rows do not go in, or do not fit, is found."""
    done = put_down(filed, tmp_path, holder)
    known: dict[str, Any] = {"clock": Ticking(), "log_keys": filed.keys.verifier_keys}
    opened = try_opening(done.path, holder.keys, **known)
    assert (opened.checked.size, opened.records) == (done.size, 301)

    def refused(*_: object) -> None:
        raise psycopg.DatabaseError("an operator that is not in the roll any more files nothing")

    with monkeypatch.context() as patch:
        patch.setattr(table_export, "load", refused)
        with pytest.raises(Untrue, match="files nothing"):
            try_opening(done.path, holder.keys, **known)
    monkeypatch.setattr(
        escrow_trial, "rebuild", lambda *_, **__: Rebuilt(1, 1, (Difference("subscription", "1", "a", "b"),))
    )
    with pytest.raises(Untrue, match="not as its facts say"):
        try_opening(done.path, holder.keys, **known)
