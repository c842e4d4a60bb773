"""Numbers never repeat, whatever becomes of the database; one that went back is held by itself, and a command lets it go on."""

import os
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openroll import cli
from openroll.compose.main import Process
from openroll.compose.settings import Settings
from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.roll.refusals import RollHeld
from openroll.register.subscription.filing_code import code_of
from openroll.service import numbers as service_numbers
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.submit import Taken, take
from openroll.service.governance.open_roll import find_roll
from openroll.service.identity.api_tokens import issue_token, live_tokens
from openroll.service.identity.people import create_seat
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import SigningHold, current_hold, hold
from openroll.service.numbers import Mark, Marks, Numbers, NumbersDamaged, WentBack
from openroll.service.recovery.not_replayed import SILENT
from openroll.service.recovery.resume import CannotResume, resume, seen_at
from openroll.service.roll import Roll, RollIsHeld
from openroll.service.rollback_guard import BY_ITSELF
from openroll.service.rules_in_force import follow
from openroll.store import connect
from openroll.store.connect import Database, NothingWritten
from openroll.store.numbers import COLUMNS, HIGHEST, RECORD
from openroll.store.roles import role_of
from openroll.watch.source import FolderSource
from tests.conftest import Ticking
from tests.handles import handle
from tests.service.copies import clean, size_of
from tests.service.filings import filing, rows_file, submission_of
from tests.service.going_back import remember

EAST = Actor("operator", "east")


def file_one(roll: Roll, account: str) -> int:
    """File a subscription; its number."""
    with roll.database.open() as connection:
        connection.autocommit = True
        taken = take(connection, [submission_of(filing(handle=handle(account)), EAST)], roll, roll.clock())[0]
    assert isinstance(taken, Taken), taken
    return taken.number


def another_process(roll: Roll) -> Roll:
    """The same roll, as a process that starts now finds it."""
    return find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=os.urandom)


def test_a_database_that_goes_away_while_a_number_is_reserved_leaves_nothing_in_doubt(
    roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act that asked for the number wrote nothing: that is said apart from a connection of its own that breaks. So where
    nothing answers at all, where the act only begins, and where a rule of another process is to be read first."""

    def shut_down(step: str) -> None:
        if step == "numbers: reserved":
            with roll.database.open() as owner:
                ours = "usename = %s and application_name = 'openroll-numbers'"
                query = f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where {ours}"
                owner.execute(query, (role_of(roll.database.schema, "runtime"),))

    with pytest.raises(NothingWritten):
        Numbers(tmp_path / "numbers", roll.database, step=shut_down).take("request", 1)
    gone = Database("postgresql://postgres@127.0.0.1:1/none", roll.database.roll)
    gone.claims = roll.database.claims
    with pytest.raises(NothingWritten):
        Numbers(tmp_path / "numbers", gone).take("request", 1)
    monkeypatch.setattr(connect, "SURE", 60)  # seconds: the kept connection is not asked whether it still lives
    roll.database.keep_connections(1)
    with roll.database.own() as connection:
        pid = connection.info.backend_pid
    with roll.database.open() as owner:
        owner.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    with pytest.raises(NothingWritten), roll.database.own():
        pass
    roll.database.drop_connections()
    follow(roll)
    assert roll.database.see_rules is not None
    with monkeypatch.context() as patch:
        patch.setattr(roll.database, "url", gone.url)
        with pytest.raises(NothingWritten):
            roll.database.see_rules(len(roll.versions) + 1)


def codes(roll: Roll, numbers: set[int]) -> set[str]:
    """Filing codes of records."""
    return {code_of(number, roll.keys.code_key) for number in numbers}


def test_no_code_is_given_to_two_people_when_the_database_goes_back(roll: Roll) -> None:
    """What was filed after the instant that the database went back to keeps its numbers: what is filed then has others."""
    before = {file_one(roll, f"a-{number}") for number in range(3)}
    go_back = remember(roll)
    lost = {file_one(roll, f"lost-{number}") for number in range(20)}
    go_back()
    for process in (roll, another_process(roll)):
        after = {file_one(process, f"{id(process)}-{number}") for number in range(20)}
        assert not codes(roll, after) & codes(roll, before | lost)


def test_a_log_behind_the_ratchet_holds_itself_and_a_command_lets_it_go_on(
    roll: Roll, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is taken (503) and nothing signed; `log resume` brings entries back from the home's own files."""
    numbers = {file_one(roll, f"a-{number}") for number in range(3)}
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    numbers |= {file_one(roll, f"lost-{number}") for number in range(5)}
    Sequencer(roll).run_until_empty()
    size = size_of(roll)
    go_back()
    with roll.database.open() as connection:
        connection.autocommit = True
        with pytest.raises(RollIsHeld, match="a head of 11 was signed"):
            take(connection, [submission_of(filing(handle=handle("new")), EAST)], roll, roll.clock())
    refused = take_file(roll, "east", rows_file(3))
    assert isinstance(refused, FileRefused)
    assert refused.refused == Refused(RollHeld())
    assert RollHeld.status == 503
    assert isinstance(why := current_hold(roll.home), SigningHold)
    assert why.by == BY_ITSELF
    with pytest.raises(RollIsHeld):
        issue_token(roll, "east", "a program")
    with pytest.raises(Forked, match="log resume"):
        Sequencer(roll).run_until_empty()

    app = cli.build(Process(Settings(home=roll.home.parents[1], roll=roll.name)))
    monkeypatch.setattr(Process, "roll", lambda _: another_process(roll))

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(["log", *words])
        told = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((told.out + told.err).split())

    status, told = run("resume")
    assert status == 1
    assert "--take-missing" in told
    status, told = run("resume", "--take-missing", "--dry-run")
    assert (status, told.startswith("Would go on with 11 entries")) == (0, True), told
    assert current_hold(roll.home) is not None
    status, told = run("resume", "--take-missing")
    assert status == 0
    assert told.startswith(
        "Goes on with 11 entries, 5 of them brought back, 5 without their facts. Every session ended"
    )
    assert all(sentence in told for sentence in SILENT)
    assert current_hold(roll.home) is None
    status, told = run("resume")
    assert (status, "goes on by itself" in told) == (1, True)

    Sequencer(roll).run_until_empty()
    assert clean(roll) == size + 1  # the act that says so
    again = {file_one(another_process(roll), f"lost-{number}") for number in range(5)}
    assert not again & numbers


def test_a_database_behind_its_block_holds_itself_before_anything_was_signed(roll: Roll) -> None:
    """A whole block was given since: the counter stands below what it had confirmed, and that alone is enough."""
    go_back = remember(roll)
    first = roll.numbers.take(RECORD, 3_000)
    go_back()
    with roll.database.open() as connection:
        connection.autocommit = True
        with pytest.raises(RollIsHeld, match="numbers of records"):
            take(connection, [submission_of(filing(handle=handle("new")), EAST)], roll, roll.clock())
    with pytest.raises(Forked, match="log resume"):
        Sequencer(roll).run_until_empty()
    with pytest.raises(WentBack):
        Numbers(roll.home / "numbers", roll.database).take(RECORD, 1)
    resume(another_process(roll), [])
    assert file_one(another_process(roll), "new") > first.stop - 1


def test_what_is_brought_back_goes_on_far_beyond(roll: Roll) -> None:
    """Where the home came back too, nobody knows what was given last: every count leaps, and what was given is never met."""
    go_back = remember(roll)
    marks = (roll.home / "numbers").read_bytes()
    issue_token(roll, "east", "one")
    lost = set(roll.numbers.take(RECORD, 1_000_000)) | {file_one(roll, "a")}
    tokens = {one.number for one in live_tokens(roll, "east")}
    go_back()
    (roll.home / "numbers").write_bytes(marks)
    hold(roll.home, SigningHold(datetime.now(UTC), "dump"))
    back = another_process(roll)
    with pytest.raises(CannotResume, match="name the newest head"):
        resume(back, [])
    before = (roll.home / "numbers").read_bytes()
    resume(back, [], nobody_has_seen_more=True, dry_run=True)
    assert (roll.home / "numbers").read_bytes() == before
    resume(back, [], nobody_has_seen_more=True)
    assert file_one(back, "b") not in lost
    issue_token(back, "east", "two")
    assert tokens.isdisjoint(one.number for one in live_tokens(back, "east"))


def test_an_older_home_beside_a_still_older_database_goes_on_far_beyond(roll: Roll, tmp_path: Path) -> None:
    """The roll finds by itself that it is behind, and others saw more than its home signed: nobody here knows what was given."""
    go_back = remember(roll)
    given = {file_one(roll, "a")}
    Sequencer(roll).run_until_empty()
    home = {name: (roll.home / name).read_bytes() for name in ("numbers", "ratchet")}
    other = another_process(roll)
    given |= {file_one(other, f"lost-{number}") for number in range(5)}
    counts = (*COLUMNS, *HIGHEST, "seat/east", "seat/registrar")
    lost = {name: other.numbers.take(name, 20).stop - 1 for name in counts}
    Sequencer(other).run_until_empty()
    shutil.copytree(roll.public, tmp_path / "mirror")
    go_back()
    for name, kept in home.items():
        (roll.home / name).write_bytes(kept)
    shutil.rmtree(roll.public)
    back = another_process(roll)
    with pytest.raises(RollIsHeld, match="was signed"), roll.database.open() as connection:
        take(connection, [submission_of(filing(handle=handle("b")), EAST)], back, back.clock())
    resume(back, [seen_at(back, FolderSource(tmp_path / "mirror"))], take_missing=True)
    after = {file_one(another_process(roll), f"new-{number}") for number in range(5)}
    assert not codes(roll, after) & codes(roll, given)
    assert all(back.numbers.take(name, 1).start > number for name, number in lost.items())


def test_seats_and_uploads_and_tokens_have_their_marks_too(roll: Roll) -> None:
    """Events in the public log name seats and tokens by number, and files wait on disk by theirs: none is met again."""
    go_back = remember(roll)
    given = {name: roll.numbers.take(name, 1).start for name in (*COLUMNS, "seat/east", "seat/registrar")}
    go_back()
    again = another_process(roll)
    assert all(again.numbers.take(name, 1).start > number for name, number in given.items())
    assert isinstance(create_seat(again, "east", "clerk", "A clerk"), int)
    with roll.database.own() as connection:
        assert connection.execute("select seat from person where organisation = 'east'").fetchall() == [
            (given["seat/east"] + 2,)
        ]


def test_a_million_rows_are_one_reservation(roll: Roll) -> None:
    """A file sets its numbers aside at once, and single filings wait for the disk once a block."""
    steps: list[str] = []
    roll.numbers.step = steps.append
    assert isinstance(take_file(roll, "east", rows_file(120)), FileTaken)
    assert len(roll.numbers.take(RECORD, 1_000_000)) == 1_000_000
    steps.clear()
    for number in range(30):
        file_one(roll, f"n-{number}")
    assert steps.count("numbers: reserved") <= 1


def test_many_processes_never_share_a_number(roll: Roll, tmp_path: Path) -> None:
    """Threads and processes of one home, and a second machine with a copy of the home and the same database."""
    other = tmp_path / "numbers"
    roll.numbers.take(RECORD, 5)
    other.write_bytes((roll.home / "numbers").read_bytes())
    givers = [Numbers(roll.home / "numbers", roll.database, block=7) for _ in range(3)]
    givers += [Numbers(other, roll.database, block=5)]
    taken: list[int] = []

    def give(giver: Numbers) -> None:
        for _ in range(12):
            taken.extend(giver.take(RECORD, 3))

    threads = [threading.Thread(target=give, args=(giver,)) for giver in givers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 8 * 12 * 3


def test_a_home_that_was_idle_goes_on_far_beyond(roll: Roll, tmp_path: Path) -> None:
    """Another machine's home was at work, and the database that took over is older than what that one gave last."""
    other = tmp_path / "numbers"
    roll.numbers.take(RECORD, 1)
    other.write_bytes((roll.home / "numbers").read_bytes())
    at_work = Numbers(other, roll.database)
    given = set(at_work.take(RECORD, 2_000))
    go_back = remember(roll)
    given |= set(at_work.take(RECORD, 50_000))
    go_back()
    assert given.isdisjoint(another_process(roll).numbers.take(RECORD, 100_000))


def test_an_older_home_beside_a_newer_database_repeats_nothing(roll: Roll) -> None:
    """The file of marks from an older copy of the home, or none at all: the database's own counter is the mark then."""
    roll.numbers.take(RECORD, 1)
    older = (roll.home / "numbers").read_bytes()
    last = roll.numbers.take(RECORD, 5_000).stop - 1
    (roll.home / "numbers").write_bytes(older)
    assert another_process(roll).numbers.take(RECORD, 1).start > last
    (roll.home / "numbers").unlink()
    assert another_process(roll).numbers.take(RECORD, 1).start > last


@pytest.mark.parametrize("bytes_there", [b"", b"{", b"\xff\xfe", b'{"record":{"reserved":1,"followed":2}}\n'])
def test_a_damaged_file_of_marks_gives_nothing_until_the_command(roll: Roll, bytes_there: bytes) -> None:
    """Cut off, overwritten or set by hand to what cannot be: held, and `log resume` leaps beyond all it may have said."""
    last = file_one(roll, "a")
    (roll.home / "numbers").write_bytes(bytes_there)
    with pytest.raises(NumbersDamaged):
        Marks(roll.home / "numbers").read()
    new = another_process(roll)
    with pytest.raises(Forked, match="log resume"):
        Sequencer(new).run_until_empty()
    resume(new, [], nobody_has_seen_more=True)
    assert file_one(new, "b") > last + 1_000_000


STEPS = ("numbers: before", "numbers: reserved", "numbers: followed", "numbers: after")


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_each_step_of_a_reservation_wastes_numbers_and_no_more(roll: Roll, step: str) -> None:
    """Killed there, the next process reserves beyond; nothing is taken for a database that went back, and nothing repeats."""
    given = {file_one(roll, "a")}
    pid = os.fork()
    if pid == 0:
        database = Database(roll.database.url, roll.name)
        database.claims = roll.database.claims
        dying = Numbers(roll.home / "numbers", database)
        dying.step = lambda name: os._exit(9) if name == step else None
        try:
            dying.take(RECORD, 1)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    mark = Marks(roll.home / "numbers").read()[RECORD]
    again = another_process(roll)
    number = file_one(again, "b")
    assert number not in given
    assert current_hold(roll.home) is None
    if step != "numbers: before":
        assert number > mark.reserved


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond so many bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_gives_no_number_and_keeps_the_mark(roll: Roll, small_disk: Callable[[int], None]) -> None:
    """A mark that cannot be written whole is not moved, and no number beyond it leaves."""
    last = roll.numbers.take(RECORD, 1).start
    before = (roll.home / "numbers").read_bytes()
    small_disk(4)
    with pytest.raises(OSError, match="too large"):
        another_process(roll).numbers.take(RECORD, 5_000)
    assert (roll.home / "numbers").read_bytes() == before
    assert list(roll.home.glob("numbers.new")) == []
    small_disk(1 << 30)
    assert another_process(roll).numbers.take(RECORD, 1).start > last


def test_a_damaged_ratchet_is_set_aside_by_the_command_and_by_nothing_else(roll: Roll) -> None:
    """What was signed last is not known then: the roll is held, and goes on once somebody showed a head or gave their word."""
    file_one(roll, "a")
    Sequencer(roll).run_until_empty()
    (roll.home / "ratchet").write_bytes(b'{"size": 4')
    with roll.database.open() as connection, pytest.raises(RollIsHeld, match="damaged"):
        take(connection, [submission_of(filing(handle=handle("b")), EAST)], roll, roll.clock())
    with pytest.raises(CannotResume, match="name the newest head"):
        resume(roll, [])
    resume(roll, [], nobody_has_seen_more=True)
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size_of(roll)


def test_a_full_disk_moves_no_ratchet(roll: Roll, small_disk: Callable[[int], None]) -> None:
    """The head is not published then, the old one stays whole, and the next round with room goes on."""
    file_one(roll, "a")
    Sequencer(roll).run_until_empty()
    before = {path: path.read_bytes() for path in (roll.home / "ratchet", roll.public / "checkpoint")}
    file_one(roll, "b")
    small_disk(4)
    with pytest.raises(OSError, match="too large"):
        Sequencer(roll).run_until_empty()
    assert {path: path.read_bytes() for path in before} == before
    small_disk(1 << 30)
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size_of(roll) == 5


def test_marks_only_move_forward(tmp_path: Path) -> None:
    """A step back moves nothing, whoever asks for it."""
    marks = Marks(tmp_path / "numbers")
    with marks.locked():
        marks.move(RECORD, Mark(10, 10))
        marks.move(RECORD, Mark(5, 3))
        marks.move("token", Mark(1))
    assert marks.read() == {RECORD: Mark(10, 10), "token": Mark(1)}


def test_nothing_of_a_held_roll_is_written_by_any_way(roll: Roll) -> None:
    """Held by its keeper with `log hold`, it takes no act at all, and goes on after `log resume`."""
    file_one(roll, "a")
    Sequencer(roll).run_until_empty()
    hold(roll.home, SigningHold(datetime.now(UTC), "keeper", why="the database is being moved"))
    with roll.database.own() as connection:
        before = connection.execute("select count(*) from event").fetchone()
    with roll.database.open() as connection, pytest.raises(RollIsHeld, match="being moved"):
        take(connection, [submission_of(filing(handle=handle("b")), EAST)], roll, roll.clock())
    with pytest.raises(RollIsHeld):
        create_seat(roll, "east", "clerk", "A clerk")
    with roll.database.own() as connection:
        assert connection.execute("select count(*) from event").fetchone() == before
    resume(roll, [], nobody_has_seen_more=True)
    file_one(roll, "b")


GUARDED: dict[str, str] = {
    "deposit.id": "names nothing outside: the act names the deposit by its day and digest",
    "event.id": "names nothing outside: the log names an entry by its position, which the ratchet guards",
    "person.id": "names nothing outside: the log names a seat; sessions and passkeys that name it go back with it",
    "placing_floor": "names nothing: a number of a transaction; an older one is below all that run, a larger one counts nothing",
    "proposal.id": "a page left open would publish another rule than the one it showed; its mark stands outside",
    "record_number": "one filing code for two people; its mark stands outside",
    "taken_file.id": "names nothing outside: a file is known by its digest",
    "token.id": "two tokens of one number in the public log; its mark stands outside",
    "upload.id": "a file on disk under the number of another operator's upload; its mark stands outside",
    "work.id": "a page left open would settle other work than it showed; leaps when the roll goes on after it went back",
}
"""Every counter of the database: what repeating would mean, and what guards it."""


def test_every_counter_of_the_schema_is_guarded_or_names_nothing(roll: Roll) -> None:
    """A new counter is written down here, with what would follow from a number given twice."""
    with roll.database.own() as connection:
        columns = connection.execute(
            "select table_name || '.' || column_name from information_schema.columns"
            " where table_schema = current_schema() and is_identity = 'YES'"
        ).fetchall()
        every = connection.execute(
            "select sequencename from pg_sequences where schemaname = current_schema()"
        ).fetchall()
    named = {name for (name,) in columns}
    by_itself = {name for (name,) in every} - {f"{name.replace('.', '_')}_seq" for name in named}
    assert named | by_itself == set(GUARDED)
    outside = {name for name, why in GUARDED.items() if "stands outside" in why}
    assert outside == {"record_number", *(f"{name}.id" for name in COLUMNS)}


KEYS: dict[str, str] = {
    "bundle.index": "a place in the log",
    "checkpoint.size": "a head of the log",
    "contact.record": "a record's number",
    "ended_log.number": "a folder `ended/N` that is never made twice: a move into one that is there is not done",
    "envelope.request": "a request's number",
    "envelope.version": "a fact of its request",
    "event.stream": "a record's number",
    "event.version": "the next of its record",
    "former_subject.person": "names nothing outside: who left",
    "head.size": "a head of the log",
    "lost.position": "a place in the log",
    "operator.number": "a record's number",
    "rule_reading.seat": "a seat's number, which `person.seat` stands for",
    "left_handle.number": "a record's number",
    "notice.request": "a request's number",
    "organisation.number": "a record's number",
    "person.seat": "two people in one seat in the public log; its mark stands outside",
    "placed.event": "names nothing outside: an event's id",
    "placed.position": "a place in the log",
    "registered_use.number": "what requests name in the public log; its mark stands outside",
    "request.number": "how the public log and people name a request; its mark stands outside",
    "request.stream": "a record's number",
    "site.number": "a record's number under a key",
    "site_look.number": "a site's number",
    "site_word.number": "a site's number",
    "subscription.number": "a record's number",
    "subscription.code": "a number from the records' count",
    "tile.index": "a place in the log",
    "tile.level": "a place in the log",
    "token.replaces": "another token's number",
}
"""Every other number that is a key: what it is. Places and heads of the log are the ratchet's, record numbers the marks'."""


def test_every_number_that_is_a_key_is_known(roll: Roll) -> None:
    """Everything else that must not repeat (invitations, sessions, ceremonies of sign-in, mails) is drawn from randomness."""
    with roll.database.own() as connection:
        rows = connection.execute(
            "select distinct a.attrelid::regclass::text || '.' || a.attname, format_type(a.atttypid, null) from pg_index i"
            " join pg_class c on c.oid = i.indrelid and c.relnamespace = current_schema()::regnamespace"
            " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
            " where i.indisunique and a.attidentity = ''"
        ).fetchall()
    numbers = {name for name, kind in rows if kind in ("bigint", "integer", "smallint")}
    assert numbers == set(KEYS)


def test_after_it_went_back_every_counter_leaps(roll: Roll) -> None:
    """What the database counts by itself goes on a million beyond, so that no page of before means anything of after."""
    with roll.database.own() as connection:
        before = connection.execute("select max(id) from event").fetchone()
    hold(roll.home, SigningHold(datetime.now(UTC), "dump"))
    resume(roll, [], nobody_has_seen_more=True)
    file_one(roll, "a")
    with roll.database.own() as connection:
        after = connection.execute("select max(id) from event").fetchone()
    assert before is not None
    assert after is not None
    assert after[0] > before[0] + service_numbers.FAR_LEAP
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size_of(roll)


def test_a_clock_that_stepped_back_gives_no_number_twice(roll: Roll) -> None:
    """Numbers do not come from the clock."""
    first = file_one(roll, "a")
    again = find_roll(roll.database, roll.home, clock=Ticking(), random_bytes=os.urandom)
    assert file_one(again, "b") > first
